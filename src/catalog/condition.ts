/**
 * A user's condition on a table's columns, e.g. `grade >= 2 and label = 'lens'`: one expression in SQL and nothing more. It is
 * parsed before it is run; what runs is rebuilt from the parse.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { duckText } from "../foundation/errors/foreign-text.ts";
import { ArcletError } from "../foundation/errors.ts";
import { isDuckError, literal, queried } from "./duck.ts";

export interface Condition {
  /** As the user wrote it. */
  readonly text: string;
  /** An SQL expression in parentheses. */
  readonly sql: string;
  /** The names in it of columns, as written. */
  readonly columns: readonly string[];
}

/** What an expression may be made of: DuckDB's classes of parsed expressions. */
const ALLOWED = new Set(
  words("COLUMN_REF CONSTANT COMPARISON CONJUNCTION OPERATOR BETWEEN CASE CAST COLLATE FUNCTION"),
);

/** Functions of a row's values alone, whose result is no larger than these. */
const FUNCTIONS = new Set(
  words(`+ - * / // % ** ^ & | << >> ~ @ ! || abs sign ceil ceiling floor round trunc sqrt cbrt pow power exp ln log log2 log10
  sin cos tan asin acos atan atan2 cot radians degrees pi mod fmod greatest least even gcd lcm xor
  isnan isinf isfinite coalesce nullif ifnull if
  ~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape
  lower upper lcase ucase trim ltrim rtrim length len strlen substring substr left right replace reverse concat
  contains prefix suffix starts_with ends_with instr strpos position split_part ascii
  regexp_matches regexp_full_match regexp_extract regexp_replace levenshtein editdist3 jaccard
  list_value list_contains list_has array_contains array_length array_extract list_extract list_element struct_extract
  year month day hour minute second epoch date_part datepart date_diff datediff strftime to_timestamp`),
);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** A part of DuckDB's tree of a query. */
type Node = { readonly [key: string]: unknown };

/**
 * Reads a condition. It may use columns, numbers and texts, comparisons, `and`, `or`, `not`, `in`, `like`, `between`, `case`,
 * casts, arithmetic, and functions of numbers and texts.
 *
 * @param where the file that it is about, for messages
 * @throws ArcletError when it is anything else: a statement, a subquery, an aggregate, a function of files
 */
export async function conditionOf(
  connection: DuckDBConnection,
  where: string,
  text: string,
): Promise<Condition> {
  const wrong = (why: string, cause?: unknown): never => {
    const problem = `${JSON.stringify(text)} is not a valid condition (${why})`;
    throw new ArcletError({ where, code: "argument", problem }, { cause });
  };
  // The line's end closes a comment.
  const query = literal(`SELECT (${text}\n)`);
  const [tree, sql] = await parsed(connection, query).catch((error: unknown) =>
    isDuckError(error) ? wrong(duckText(error), error) : Promise.reject(error),
  );
  if (tree.error === true) wrong(String(tree.error_message));
  const [expression, ...others] = expressionsOf(tree);
  if (expression === undefined || others.length > 0) wrong("it must be one expression");
  const columns: string[] = [];
  const flaw = flawOf(expression!, columns);
  if (flaw !== undefined) wrong(flaw);
  return { text, sql: `(${sql.replace(/^SELECT /, "")})`, columns };
}

async function parsed(connection: DuckDBConnection, query: string): Promise<[Node, string]> {
  const [[json] = []] = await queried(connection, `SELECT json_serialize_sql(${query})`);
  const tree = treeOf(String(json));
  if (tree.error === true) return [tree, ""];
  const [[sql] = []] = await queried(connection, `SELECT json_deserialize_sql(json_serialize_sql(${query}))`);
  return [tree, String(sql)];
}

/** DuckDB writes infinities as JSON doesn't know them. */
function treeOf(json: string): Node {
  try {
    return JSON.parse(json) as Node;
  } catch {
    return { error: true, error_message: "a number in it is too large" };
  }
}

/** What `SELECT (…)` selects; nothing when it became more than that. */
function expressionsOf(tree: Node): readonly Node[] {
  const statements = (tree.statements ?? []) as readonly { node: Node }[];
  if (statements.length !== 1) return [];
  const { node } = statements[0]!;
  const plain =
    node.type === "SELECT_NODE" &&
    (node.from_table as Node | null)?.type === "EMPTY" &&
    ["where_clause", "having", "sample", "qualify"].every((key) => node[key] === null) &&
    ["modifiers", "group_expressions", "group_sets"].every((key) => (node[key] as unknown[]).length === 0) &&
    ((node.cte_map as Node).map as unknown[]).length === 0;
  const list = node.select_list as readonly Node[];
  return plain && list.every(({ alias }) => alias === "") ? list : [];
}

const NAMES: Readonly<Record<string, string>> = {
  SUBQUERY: "a subquery",
  WINDOW: "a window function",
  STAR: "*",
  PARAMETER: "a parameter",
  POSITIONAL_REFERENCE: "a column's number",
  LAMBDA: "a lambda",
};

/** DuckDB tries all ways in which several % may match, but for a plain `like` without `_`. */
function isSlow(name: string, [, pattern]: readonly Node[]): boolean {
  if (!/^!?~~|like_escape$/.test(name)) return false;
  const text = (pattern?.value as Node | undefined)?.value;
  if (typeof text !== "string") return true;
  const plain = (name === "~~" || name === "!~~") && !text.includes("_");
  return !plain && text.split("%").length - 1 > MOST_PERCENT;
}
const MOST_PERCENT = 3;

/** @returns what in it a condition may not have; undefined for nothing */
function flawOf(part: unknown, columns: string[]): string | undefined {
  if (part === null || typeof part !== "object") return undefined;
  if (!Array.isArray(part)) {
    const node = part as Node;
    if (typeof node.class === "string" && !ALLOWED.has(node.class))
      return `it has ${NAMES[node.class] ?? node.class.toLowerCase()}`;
    if (node.class === "FUNCTION") {
      const name = String(node.function_name).toLowerCase();
      const known = FUNCTIONS.has(name) && ["", "main"].includes(String(node.schema)) && node.catalog === "";
      if (!known || node.filter !== null) return `the function ${name} can't be used in it`;
      if (isSlow(name, node.children as readonly Node[]))
        return "a pattern of like with so many % takes too long; regexp_full_match does not";
    }
    if (node.class === "COLUMN_REF") columns.push((node.column_names as string[])[0]!);
  }
  for (const inner of Object.values(part)) {
    const flaw = flawOf(inner, columns);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}
