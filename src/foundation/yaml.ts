/** YAML files, read so that errors can name the file and the line. */
import { readFileSync } from "node:fs";
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { foreignError, reasonOf } from "./errors/foreign.ts";
import { ArcletError, type FieldPath } from "./errors.ts";
import { guarded } from "./files.ts";

export interface YamlFile {
  values: unknown;
  /** The line, from 1, of a field, or of the nearest parent that the file has. */
  lineOf(path: FieldPath): number | undefined;
}

/** @throws ArcletError naming the file and, if it is not YAML, the line */
export function readYaml(path: string): YamlFile {
  const text = guarded(path, () => readFileSync(path, "utf8"));
  const lineCounter = new LineCounter();
  const document = asYaml(path, () => parseDocument(text, { prettyErrors: false, lineCounter }));
  const [flaw] = document.errors;
  if (flaw) {
    const { line } = lineCounter.linePos(flaw.pos[0]);
    const problem = `not valid YAML (${reasonOf(flaw)})`;
    throw new ArcletError({ where: path, line, code: "broken", problem }, { cause: flaw });
  }
  const lineOf = (field: FieldPath): number | undefined => {
    for (let length = field.length; length > 0; length--) {
      const node = nodeOf(document, field.slice(0, length) as (string | number)[]);
      if (node?.range) return lineCounter.linePos(node.range[0]).line;
    }
    return undefined;
  };
  const values = asYaml(path, () => document.toJS({ maxAliasCount: MOST_ALIASES }));
  if (isDeep(values, DEEPEST))
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: `not valid YAML (nested deeper than ${DEEPEST} levels, or in itself)`,
    });
  return { values, lineOf };
}

/** How often what an anchor names may be repeated by aliases, all levels together. */
const MOST_ALIASES = 100;
/** No file of settings is nested deeper. */
const DEEPEST = 100;

/** What the parser throws of a text (too many aliases, too deep a nesting), as an error about the file. */
function asYaml<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw foreignError(path, error, "broken", (reason) => `not valid YAML (${reason})`);
  }
}

/** Whether a value is nested deeper than this many levels; one that holds itself is. */
function isDeep(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

/** An error about a field of the file, with the field's line; any other error unchanged. */
export function atLine(error: unknown, path: string, file: YamlFile): unknown {
  if (!(error instanceof ArcletError) || error.where !== path || error.field === undefined) return error;
  const line = file.lineOf(typeof error.field === "string" ? [error.field] : error.field);
  return line === undefined ? error : error.with({ line });
}

/** The node of a field: its key, or an item of a list. */
function nodeOf(document: Document, field: (string | number)[]): Node | undefined {
  const parent = field.length === 1 ? document.contents : document.getIn(field.slice(0, -1), true);
  const last = field.at(-1)!;
  if (isSeq(parent)) return parent.items[Number(last)] as Node | undefined;
  const pair =
    isMap(parent) && parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
  return pair ? (pair.key as Node) : undefined;
}

/** Writes lists of scalars on one line. */
export function flowLists(document: Document): void {
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
}
