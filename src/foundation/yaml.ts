/** YAML files that a schema describes: read with every error named by file, line, field and range. */
import { readFileSync } from "node:fs";
import { type Document, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { ArcletError, show } from "./errors.ts";
import { guarded } from "./files.ts";
import { nearest } from "./nearest.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

export interface YamlFile {
  values: unknown;
  /** The line that a field, or the nearest above it that is written, stands on, from 1. */
  lineOf(path: Path): number | undefined;
}

/** @throws ArcletError naming the file and, where its text is not YAML, the line */
export function readYaml(path: string): YamlFile {
  const text = guarded(path, () => readFileSync(path, "utf8"));
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, lineCounter });
  const [wrong] = document.errors;
  if (wrong) {
    const line = wrong.linePos?.[0].line;
    const reason = wrong.message.split("\n")[0]!.replace(/ at line .*$/, "");
    throw new ArcletError(`${path}${line === undefined ? "" : ` line ${line}`}: not valid YAML (${reason})`);
  }
  const lineOf = (field: Path): number | undefined => {
    for (let length = field.length; length > 0; length--) {
      const node = document.getIn(field.slice(0, length) as (string | number)[], true) as
        | { range?: [number, number, number] | null }
        | undefined;
      if (node?.range) return lineCounter.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return { values: document.toJS(), lineOf };
}

/** Short lists stand on one line. */
export function flowLists(document: Document): void {
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
}

/** The issue that a person should hear of first: a mistyped key before the key that is missing for it. */
export const firstOf = (issues: readonly Issue[]): Issue =>
  issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;

/**
 * An issue as one line: `where: bands[1].seeing must be > 0, got -1`.
 *
 * @param whole what the values are together, e.g. `the survey`
 */
export function toldIssue(
  issue: Issue,
  values: unknown,
  where: string,
  schema: z.core.$ZodType,
  whole: string,
): ArcletError {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const near = nearest(key, knownKeys(schema, issue.path));
    const hint = near === undefined ? "" : `, did you mean ${spelled([...issue.path, near])}?`;
    return new ArcletError(`${where}: ${spelled([...issue.path, key])} is not known${hint}`);
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
    values,
  );
  const must = mustOf(issue);
  const field = issue.path.length === 0 ? whole : spelled(issue.path);
  if (got === undefined) return new ArcletError(`${where}: ${field} is missing, it must be ${must}`);
  return new ArcletError(`${where}: ${field} must be ${must}, got ${show(got)}`);
}

/** `bands[1].seeing` */
export const spelled = (path: Path): string =>
  path.reduce<string>(
    (text, key) => text + (typeof key === "number" ? `[${key}]` : `${text && "."}${String(key)}`),
    "",
  );

function mustOf(issue: Issue): string {
  const noun: Record<string, string> = {
    object: "keys and values",
    record: "keys and values",
    string: "a text",
    array: "a list",
    int: "a whole number",
  };
  if (issue.code === "invalid_type") return noun[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === "too_small" || issue.code === "too_big") {
    const [limit, strict, even] =
      issue.code === "too_small" ? [issue.minimum, ">", "at least"] : [issue.maximum, "<", "at most"];
    const long = issue.origin === "array" || issue.origin === "string" ? " long" : "";
    return `${issue.inclusive ? even : strict} ${limit}${long}`;
  }
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_union") {
    if ("discriminator" in issue && issue.discriminator !== undefined)
      return "of kind gaussian, moffat or image";
    return [...new Set(issue.errors.flat().map(mustOf))].join(" or ");
  }
  return issue.message;
}

/** The keys that the schema knows at a path, whichever variant is meant. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  let schemas: z.core.$ZodType[] = [schema];
  for (const key of path) schemas = schemas.flatMap((one) => inside(one, key));
  return schemas.flatMap((one) => variants(one).flatMap((variant) => Object.keys(shapeOf(variant) ?? {})));
}

function inside(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  return variants(schema).flatMap((one) => {
    const def = one._zod.def as { element?: z.core.$ZodType; valueType?: z.core.$ZodType };
    const child = typeof key === "number" ? def.element : (shapeOf(one)?.[String(key)] ?? def.valueType);
    return child === undefined ? [] : [child];
  });
}

function variants(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = schema._zod.def as { innerType?: z.core.$ZodType; options?: z.core.$ZodType[] };
  if (def.innerType !== undefined) return variants(def.innerType);
  return def.options === undefined ? [schema] : def.options.flatMap(variants);
}

const shapeOf = (schema: z.core.$ZodType): Record<string, z.core.$ZodType> | undefined =>
  (schema._zod.def as { shape?: Record<string, z.core.$ZodType> }).shape;
