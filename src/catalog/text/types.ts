/** The types of a text table's columns, by all of their cells, and its cells as values of these; in SQL. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, queried } from "../duck.ts";
import { type ColumnType, MOST_DIGITS } from "../table.ts";

export interface Typed {
  name: string;
  type: ColumnType;
  /** The column as values of its type, in SQL. */
  sql: string;
}

/** Rows that tell for most columns what they are not. */
const SAMPLE = 2000;

const WHOLE = "[+-]?(0|[1-9][0-9]*)";
const NUMBER = "[+-]?([0-9]+[.][0-9]*|[.][0-9]+|0|[1-9][0-9]*)([eE][+-]?[0-9]+)?|[+-]?(?i:nan|inf|infinity)";
const COMMA = "[+-]?[0-9]+(,[0-9]+)?([eE][+-]?[0-9]+)?";

/** What all of a column's cells are. */
interface Found {
  some: boolean;
  yesNo: boolean;
  whole: boolean;
  number: boolean;
  wholeOrNan: boolean;
  comma: boolean;
  /** Some whole number is not one that a double holds. */
  inexact: boolean;
  /** Of the longest cell. */
  length: number;
}

/**
 * Yes/no, whole number, number, else text. A whole number is never made a double that is another: a column that has such
 * among fractions stays text.
 *
 * @param source of texts, in SQL
 * @param names the columns that are asked for
 * @param texts those among them that are texts whatever they look like
 * @param note called with a sentence on each column that stays text for its digits
 */
export async function typedColumns(
  connection: DuckDBConnection,
  source: string,
  names: readonly string[],
  { texts, decimalComma }: { texts: readonly string[]; decimalComma: boolean },
  note: (line: string) => void = () => {},
): Promise<Typed[]> {
  const open = names.filter((name) => !texts.includes(name));
  const first = await found(connection, `(FROM ${source} LIMIT ${SAMPLE})`, open, decimalComma);
  const maybe = open.filter((_, i) => typeOf(first[i]!) !== "text" || !first[i]!.some || first[i]!.inexact);
  const all = maybe.length === 0 ? [] : await found(connection, source, maybe, decimalComma);
  return names.map((name): Typed => {
    const what = all[maybe.indexOf(name)];
    const type = what === undefined ? "text" : typeOf(what);
    if (type === "text" && what?.some && what.number && what.inexact)
      note(`column ${name} has whole numbers beyond 2^53 among fractions; it is kept as text, to the digit`);
    return { name, type, sql: what === undefined ? identifier(name) : valueSql(name, type, what) };
  });
}

function typeOf({ some, yesNo, whole, number, wholeOrNan, comma, inexact, length }: Found): ColumnType {
  if (!some) return "text";
  if (yesNo) return "yes/no";
  if (whole || (wholeOrNan && inexact)) return length <= MOST_DIGITS ? "whole" : "text";
  return (number && !inexact) || comma ? "number" : "text";
}

const trimmed = (name: string): string => `nullif(trim(${identifier(name)}), '')`;

function valueSql(name: string, type: ColumnType, { whole, number, length }: Found): string {
  const cell = trimmed(name);
  if (type === "text") return identifier(name);
  if (type === "yes/no") return `CAST(${cell} AS BOOLEAN)`;
  if (type === "whole") {
    const digits = whole ? cell : `nullif(lower(${cell}), 'nan')`;
    return `CAST(${digits} AS ${length <= 18 ? "BIGINT" : "HUGEINT"})`;
  }
  return `CAST(${number ? cell : `replace(${cell}, ',', '.')`} AS DOUBLE)`;
}

async function found(
  connection: DuckDBConnection,
  source: string,
  names: readonly string[],
  decimalComma: boolean,
): Promise<Found[]> {
  if (names.length === 0) return [];
  const parts = names.flatMap((name) => {
    const cell = trimmed(name);
    const is = (pattern: string) => `regexp_full_match(${cell}, '${pattern}')`;
    const inexact = `TRY_CAST(TRY_CAST(${cell} AS DOUBLE) AS HUGEINT) IS DISTINCT FROM TRY_CAST(${cell} AS HUGEINT)`;
    return [
      `count(${cell}) > 0`,
      `coalesce(bool_and(lower(${cell}) IN ('true', 'false', 't', 'f', 'yes', 'no')), false)`,
      `coalesce(bool_and(${is(WHOLE)}), false)`,
      `coalesce(bool_and(${cell} IS NULL OR (${is(NUMBER)} AND TRY_CAST(${cell} AS DOUBLE) IS NOT NULL)), false)`,
      `coalesce(bool_and(${is(`${WHOLE}|(?i:nan)`)}), false)`,
      decimalComma ? `coalesce(bool_and(${is(COMMA)}), false)` : "false",
      `coalesce(bool_or(length(${cell}) > 15 AND ${is(WHOLE)} AND ${inexact}), false)`,
      `coalesce(max(length(${cell})), 0)`,
    ];
  });
  const [row] = await queried(connection, `SELECT ${parts.join(", ")} FROM ${source}`);
  return names.map((_, i) => {
    const [some, yesNo, whole, number, wholeOrNan, comma, inexact, length] = row!.slice(8 * i, 8 * i + 8);
    return { some, yesNo, whole, number, wholeOrNan, comma, inexact, length: Number(length) } as Found;
  });
}
