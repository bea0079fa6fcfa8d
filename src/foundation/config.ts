/**
 * One configuration from three layers: the schema's defaults, a file, and flags; later layers win. The origin of
 * every value is kept, because a run records it.
 */
import type { z } from "zod";
import { unknownKey } from "./errors/unknown.ts";
import { errorOf, firstOf, parse, renamedValue } from "./errors/zod-errors.ts";
import { ArcletError, type FieldPath, type Location, refuse } from "./errors.ts";
import {
  type Field,
  fieldsOf,
  isNullable,
  isOptional,
  mustBe,
  requirement,
  type Shape,
  unwrap,
} from "./fields.ts";

export { describeConfig, type FieldRow } from "./fields.ts";

export type Origin = "default" | "file" | "flag";

/** A configuration file. */
export interface ConfigFile {
  path: string;
  values: Record<string, unknown>;
  /** The line of a key's value. */
  lineOf?: ((key: FieldPath) => number | undefined) | undefined;
}

export interface Layers {
  /** Values of a configuration file: nested, or flat with dotted keys. */
  file?: ConfigFile | undefined;
  /** Values by dotted key; texts are read by the field's type (`0.1,0.2` is a list of numbers). */
  flags?: Record<string, unknown> | undefined;
  /** How a key is spelled in an error about a flag or a missing value, e.g. `--batch-size`; else the key. */
  spell?: ((key: string) => string) | undefined;
}

export interface Resolved<S extends z.ZodObject> {
  values: z.output<S>;
  /** Where each leaf came from, by dotted key. */
  origin: Record<string, Origin>;
}

/**
 * Resolves a configuration.
 *
 * @param where what the configuration is for, e.g. `train`; the file's errors name the file instead
 * @throws ArcletError at the first wrong value or unknown key: `where: key must be X, got Y`
 */
export function resolveConfig<S extends z.ZodObject>(where: string, schema: S, layers: Layers): Resolved<S> {
  const fields = new Map(fieldsOf(schema).map((field) => [field.key, field]));
  const { file, spell = (key) => key } = layers;
  const inFile = flatten(file?.values ?? {}, fields);
  const flags = flatten(layers.flags ?? {}, fields);
  if (file !== undefined)
    refuseUnknown(inFile, fields, { spell: (key) => key, at: (key) => locationOf(file, key) });
  refuseUnknown(flags, fields, { spell, at: () => ({ where }) });

  const settings = new Map(inFile);
  for (const [key, value] of flags) settings.set(key, coerce(value, fields.get(key)!));
  const origin: Record<string, Origin> = {};
  for (const key of fields.keys())
    origin[key] = flags.has(key) ? "flag" : inFile.has(key) ? "file" : "default";

  const values = nest(schema, settings);
  const parsed = parse(schema, values);
  if (parsed.success) return { values: parsed.data, origin };

  const issue = firstOf(parsed.error.issues);
  const key = longestKey(issue.path.map(String), fields);
  if (key === undefined) throw errorOf(where, issue, schema, values);
  if (file !== undefined && origin[key] === "file")
    throw errorOf(file.path, issue, schema, values, { lineOf: (path) => lineIn(file, path) });
  const field = fields.get(key)!;
  if (!settings.has(key))
    throw new ArcletError({ where, code: "missing", field: spell(key), must: requirement(field) });
  const renamed = renamedValue([field.schema], settings.get(key));
  if (renamed !== undefined)
    throw new ArcletError({ where, code: "unknown", field: spell(key), problem: renamed });
  // A flag is shown as it was typed, even if only one item of its list is wrong.
  refuse(
    where,
    spell(key),
    issue.message || mustBe(field),
    flags.has(key) ? flags.get(key) : settings.get(key),
  );
}

/** The line of a key, which may be written with dots. */
const lineIn = (file: ConfigFile, path: FieldPath): number | undefined =>
  file.lineOf?.(path) ?? file.lineOf?.([path.join(".")]);

/** Where a key is in a configuration file. */
export const locationOf = (file: ConfigFile, key: string): Location => ({
  where: file.path,
  line: lineIn(file, key.split(".")),
});

/** Leaves by dotted key; values that the schema doesn't know are not taken apart. */
function flatten(
  values: Record<string, unknown>,
  fields: Map<string, Field>,
  prefix = "",
): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [name, value] of Object.entries(values)) {
    const key = prefix + name;
    const inside = isRecord(value) && [...fields.keys()].some((known) => known.startsWith(`${key}.`));
    if (inside) for (const [inner, leaf] of flatten(value, fields, `${key}.`)) flat.set(inner, leaf);
    else if (value !== undefined) flat.set(key, value);
  }
  return flat;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Values nested as in the schema. A nested object that isn't optional is there even if nothing in it was set. */
function nest(schema: z.ZodObject, settings: Map<string, unknown>, prefix = ""): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(schema.shape)) {
    const key = prefix + name;
    const inner = unwrap(child as z.ZodType);
    if ("shape" in inner) {
      const isSet = [...settings.keys()].some((known) => known.startsWith(`${key}.`));
      if (isSet || !isOptional(child as z.ZodType))
        out[name] = nest(inner as z.ZodObject, settings, `${key}.`);
    } else if (settings.has(key)) out[name] = settings.get(key);
  }
  return out;
}

interface Spelling {
  spell: (key: string) => string;
  at: (key: string) => Location;
}

function refuseUnknown(
  settings: Map<string, unknown>,
  fields: Map<string, Field>,
  { spell, at }: Spelling,
): void {
  const known = [...fields.keys()];
  for (const key of settings.keys()) {
    if (fields.has(key)) continue;
    const inside = known.filter((other) => other.startsWith(`${key}.`));
    if (inside.length > 0)
      refuse(at(key), spell(key), `a group of keys (${inside.join(", ")})`, settings.get(key));
    throw unknownKey(at(key), spell(key), known.map(spell));
  }
}

function longestKey(path: string[], fields: Map<string, Field>): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join(".");
    if (fields.has(key)) return key;
  }
  return undefined;
}

/** Reads a flag's text by the field's type; a text that can't be read stays, for the schema to refuse. */
function coerce(value: unknown, field: Field): unknown {
  if (value === "none" && isNullable(field.schema)) return null;
  return typeof value === "string" ? coerceText(value, field.shape) : value;
}

function coerceText(text: string, shape: Shape): unknown {
  if (shape.anyOf) {
    const readings = shape.anyOf.map((variant) => coerceText(text, variant));
    return readings.find((reading) => typeof reading !== "string") ?? text;
  }
  const choices = shape.enum ?? (shape.const === undefined ? [] : [shape.const]);
  const choice = choices.find((value) => String(value) === text);
  if (choice !== undefined) return choice;
  if (shape.type === "number" || shape.type === "integer") {
    const number = Number(text);
    return text.trim() === "" || Number.isNaN(number) ? text : number;
  }
  if (shape.type === "boolean") return READINGS[text.toLowerCase()] ?? text;
  if (shape.type !== "array") return text;
  const items =
    text.trim() === "" ? [] : text.split(/(?<!\\),/).map((item) => item.replaceAll("\\,", ",").trim());
  return items.map((item, i) => coerceText(item, shape.prefixItems?.[i] ?? shape.items ?? {}));
}

const READINGS: Record<string, boolean> = { true: true, yes: true, false: false, no: false };
