/**
 * The one map from zod's issues to errors. A schema's own messages say what a value must be (`.refine(even, "an even
 * number")`) and may suggest what was meant (`params: { near }`); all others are made here, from the schema's type, range
 * and unit if it has them.
 */
import type { z } from "zod";
import { ArcletError } from "../errors.ts";
import { fieldOf, isSpecific, metaOf, mustBe } from "../fields.ts";
import type { ErrorCode } from "./codes.ts";
import type { ErrorData, FieldPath, Location } from "./data.ts";
import { keysAt, type Schema, schemasAt } from "./schema-path.ts";
import { show } from "./show.ts";
import { unknownKey } from "./unknown.ts";

type Issue = z.core.$ZodIssue;

/** How `checked` names what it checks. */
export interface CheckOptions {
  /** What to call all values together, e.g. `the survey`. */
  whole?: string | undefined;
  /** The line of a field in its file. */
  lineOf?: ((field: FieldPath) => number | undefined) | undefined;
  /** For a wrong value: `argument` if a person wrote it, `broken` if a program did. */
  code?: ErrorCode | undefined;
}

/**
 * Values, checked against their schema.
 *
 * @param where the file, or what the values belong to
 * @throws ArcletError for the first thing that is wrong: `where line 3: bands[1].seeing must be a number, > 0, got -1`
 */
export function checked<S extends z.ZodType>(
  where: string,
  schema: S,
  values: unknown,
  options: CheckOptions = {},
): z.output<S> {
  const parsed = parse(schema, values);
  if (parsed.success) return parsed.data;
  throw errorOf(where, firstOf(parsed.error.issues), schema, values, options);
}

/** Parses so that an issue's message is the schema's own or empty. */
export const parse = <S extends z.ZodType>(schema: S, values: unknown): z.ZodSafeParseResult<z.output<S>> =>
  schema.safeParse(values, { error: () => "" });

/** The issue to report first: a mistyped key, rather than the key that is missing because of it. */
export const firstOf = (issues: readonly Issue[]): Issue =>
  issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;

/** An issue of `parse` as an error. */
export function errorOf(
  where: string,
  issue: Issue,
  schema: Schema,
  values: unknown,
  { whole = "all of it", lineOf = () => undefined, code = "argument" }: CheckOptions = {},
): ArcletError {
  const inner = innermost(issue);
  const at = (path: FieldPath): Location => ({ where, line: lineOf(path) });
  if (inner.code === "unrecognized_keys") {
    const field = [...inner.path, inner.keys[0]!];
    const known = keysAt(schema, inner.path).map((key) => [...inner.path, key]);
    return unknownKey(at(field), field, known);
  }
  const path = inner.code === "invalid_key" ? inner.path.slice(0, -1) : inner.path;
  const data: ErrorData = { ...at(path), code, field: path.length === 0 ? whole : path };
  const got = inner.code === "invalid_key" ? inner.path.at(-1) : valueAt(values, path);
  // The message of a rule over several fields is a whole sentence.
  if (path.length === 0 && inner.code === "custom")
    return new ArcletError({ ...data, field: undefined, problem: inner.message });
  const schemas = schemasAt(schema, path);
  const renamed = renamedValue(schemas, got);
  if (renamed !== undefined) return new ArcletError({ ...data, code: "unknown", problem: renamed });
  const must = mustOf(inner, schemas);
  const near = inner.code === "custom" ? (inner.params?.near as string | undefined) : undefined;
  if (near !== undefined) return new ArcletError({ ...data, code: "unknown", must, got, near });
  return new ArcletError(got === undefined ? { ...data, code: "missing", must } : { ...data, must, got });
}

/** What to say of a value that has a new name; undefined of any other. */
export function renamedValue(schemas: readonly Schema[], got: unknown): string | undefined {
  const name = schemas.map((schema) => metaOf(schema as z.ZodType).renamed?.[String(got)]).find(Boolean);
  return name === undefined ? undefined : `${show(got)} is now called ${show(name)}`;
}

/** Of a union's issues, that of the variant that was meant: the only one whose type fits. */
function innermost(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const meant = issue.errors
    .map(firstOf)
    .filter(({ path, code }) => path.length > 0 || code === "unrecognized_keys");
  if (meant.length !== 1) return issue;
  return innermost({ ...meant[0]!, path: [...issue.path, ...meant[0]!.path] });
}

const valueAt = (values: unknown, path: FieldPath): unknown =>
  path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    values,
  );

/** What a value must be: by the schema's message, else by its type, range and unit, else by zod's issue. */
function mustOf(issue: Issue, schemas: readonly Schema[]): string {
  if (issue.message !== "") return issue.message;
  const field = schemas.length === 1 ? fieldOf(schemas[0] as z.ZodType) : undefined;
  const byField = issue.code !== "invalid_format" && issue.code !== "invalid_key" && !isEmptyText(issue);
  return byField && field !== undefined && isSpecific(field) ? mustBe(field) : byIssue(issue);
}

const isEmptyText = (issue: Issue): boolean => issue.code === "too_small" && issue.origin === "string";

const NOUNS: Record<string, string> = {
  object: "keys and values",
  record: "keys and values",
  string: "text",
  array: "a list",
  tuple: "a list",
  int: "a whole number",
  boolean: "yes/no",
};

function byIssue(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return NOUNS[issue.expected] ?? `a ${issue.expected}`;
    case "too_small":
      return limited(issue.origin, issue.inclusive ? "at least" : ">", issue.minimum);
    case "too_big":
      return limited(issue.origin, issue.inclusive ? "at most" : "<", issue.maximum);
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_format":
      return issue.pattern === undefined ? `of the format ${issue.format}` : `of the form ${issue.pattern}`;
    case "invalid_key":
      return `entries with names, each ${issue.issues.map((inner) => inner.message || byIssue(inner)).join(" and ")}`;
    case "invalid_union":
      if ("options" in issue && issue.options?.length)
        return `one of ${issue.options.map(String).join(", ")}`;
      return [...new Set(issue.errors.flat().map((inner) => inner.message || byIssue(inner)))].join(" or ");
    default:
      return "an allowed value";
  }
}

function limited(origin: string, limit: string, bound: number | bigint): string {
  if (origin === "string")
    return Number(bound) === 1 ? "a non-empty text" : `${limit} ${bound} characters long`;
  return `${limit} ${bound}${origin === "array" ? " long" : ""}`;
}
