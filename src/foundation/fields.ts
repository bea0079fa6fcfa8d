/**
 * What a zod schema says about its fields: type, range, default, unit. Nested objects are flattened with dots
 * (`method.rate`). Help, error messages, flags and documents all take it from here.
 */
import { z } from "zod";

/** A field of a configuration as a person reads it. */
export interface FieldRow {
  /** Dotted key, e.g. `method.rate`. */
  key: string;
  /** `number`, `whole number`, `text`, `yes/no`, `one of a, b`, `list of numbers`. */
  type: string;
  /** The default as it would be typed; undefined if the field must be given or is optional. */
  default: string | undefined;
  /** `0 to 1`, `> 0`, `at least 1`; empty when there is none. */
  range: string;
  description: string;
  /** From `.meta({ unit })`; empty when there is none. */
  unit: string;
  /** From `.meta({ group })`: the heading under which a help text lists it; empty when there is none. */
  group: string;
}

/** The parts of JSON Schema that zod uses for a field. */
export interface Shape {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  items?: Shape;
  prefixItems?: Shape[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
}

export interface Field {
  key: string;
  schema: z.ZodType;
  shape: Shape;
}

/** Every leaf field of a schema, in the schema's order. */
export function fieldsOf(schema: z.ZodObject, prefix = ""): Field[] {
  return Object.entries(schema.shape).flatMap(([name, child]) => {
    const type = child as z.ZodType;
    const inner = unwrap(type);
    if (inner instanceof z.ZodObject) return fieldsOf(inner, `${prefix}${name}.`);
    return [{ key: prefix + name, schema: type, shape: shapeOf(inner) }];
  });
}

/** A single schema as a field without a key. */
export const fieldOf = (schema: z.ZodType): Field => ({ key: "", schema, shape: shapeOf(unwrap(schema)) });

/** Whether the schema itself says what a field must be. */
export const isSpecific = (field: Field): boolean => typeName(field.shape) !== NO_TYPE;

/** One row per field, for `--help` and the documents. */
export function describeConfig(schema: z.ZodObject): FieldRow[] {
  return fieldsOf(schema).map((field) => {
    const meta = metaOf(field.schema);
    const value = defaultOf(field.schema);
    return {
      key: field.key,
      type: typeName(field.shape),
      default: value === undefined ? undefined : typed(value),
      range: rangeOf(field.shape),
      description: meta.description ?? "",
      unit: meta.unit ?? "",
      group: meta.group ?? "",
    };
  });
}

/** What must be given for a field, as an error says it: `text: the folder to write`. */
export function requirement(field: Field): string {
  const { description } = metaOf(field.schema);
  return description === undefined ? mustBe(field) : `${mustBe(field)}: ${description}`;
}

/** What a field must be, as an error says it: `a whole number, at least 1 (arcsec)`. */
export function mustBe(field: Field): string {
  const { unit = "" } = metaOf(field.schema);
  const name = typeName(field.shape);
  const article = /^(one of|yes|text)/.test(name) ? "" : "a ";
  const range = rangeOf(field.shape);
  return `${article}${name}${range && `, ${range}`}${unit && ` (${unit})`}`;
}

/** The schema inside defaults, optionals, nullables and pipes. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  return isWrapper(schema) ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

/** Whether a nested object may be left out. */
export const isOptional = (schema: z.ZodType): boolean => schema instanceof z.ZodOptional;

/** Whether null is a value of the field (`none` on the command line). */
export function isNullable(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodNullable) return true;
  return isWrapper(schema) && isNullable(schema.unwrap() as z.ZodType);
}

/** A value as it would be typed on the command line. */
function typed(value: unknown): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.map(typed).join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

type Wrapper = z.ZodDefault | z.ZodPrefault | z.ZodOptional | z.ZodNullable | z.ZodReadonly;

function isWrapper(schema: z.ZodType): schema is Wrapper {
  const wrappers = [z.ZodDefault, z.ZodPrefault, z.ZodOptional, z.ZodNullable, z.ZodReadonly];
  return wrappers.some((wrapper) => schema instanceof wrapper);
}

function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }) as Shape;
}

interface Meta {
  description?: string | undefined;
  unit?: string | undefined;
  group?: string | undefined;
  /** Old names of a choice's values, each with the new one. */
  renamed?: Readonly<Record<string, string>> | undefined;
}

/** The outermost entries win: zod attaches them to one wrapper only. */
export function metaOf(schema: z.ZodType): Meta {
  const outer = (schema.meta() ?? {}) as Meta;
  let inner: Meta = {};
  if (schema instanceof z.ZodPipe) inner = metaOf(schema.in as z.ZodType);
  else if (isWrapper(schema)) inner = metaOf(schema.unwrap() as z.ZodType);
  return {
    description: outer.description ?? inner.description,
    unit: outer.unit ?? inner.unit,
    group: outer.group ?? inner.group,
    renamed: outer.renamed ?? inner.renamed,
  };
}

function defaultOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  if (schema instanceof z.ZodPipe) return defaultOf(schema.in as z.ZodType);
  return isWrapper(schema) ? defaultOf(schema.unwrap() as z.ZodType) : undefined;
}

const NO_TYPE = "value";
const NAMES: Record<string, string> = {
  number: "number",
  integer: "whole number",
  string: "text",
  boolean: "yes/no",
};

function typeName(shape: Shape): string {
  if (shape.const !== undefined) return `one of ${typed(shape.const)}`;
  if (shape.enum) return `one of ${shape.enum.map(typed).join(", ")}`;
  if (shape.anyOf)
    return shape.anyOf.map((variant) => typeName(variant).replace(/^one of /, "")).join(" or ");
  if (shape.type !== "array") return NAMES[shape.type ?? ""] ?? NO_TYPE;
  if (shape.prefixItems) return `list of ${shape.prefixItems.length} values`;
  const item = typeName(shape.items ?? {});
  if (item.startsWith("one of")) return `list chosen from ${item.slice("one of ".length)}`;
  return `list of ${item === "text" ? "texts" : `${item}s`}`;
}

function rangeOf(shape: Shape): string {
  if (shape.anyOf) return shape.anyOf.map(rangeOf).filter(Boolean).join(" or ");
  if (shape.type === "array") return lengthOf(shape);
  const low =
    shape.minimum !== undefined && shape.minimum > Number.MIN_SAFE_INTEGER ? shape.minimum : undefined;
  const high =
    shape.maximum !== undefined && shape.maximum < Number.MAX_SAFE_INTEGER ? shape.maximum : undefined;
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  const parts = [
    low === undefined ? "" : `at least ${low}`,
    shape.exclusiveMinimum === undefined ? "" : `> ${shape.exclusiveMinimum}`,
    high === undefined ? "" : `at most ${high}`,
    shape.exclusiveMaximum === undefined ? "" : `< ${shape.exclusiveMaximum}`,
  ];
  return parts.filter(Boolean).join(" and ");
}

function lengthOf(shape: Shape): string {
  const each = shape.items ? rangeOf(shape.items) : "";
  const { minItems: least, maxItems: most } = shape;
  let length = "";
  if (shape.prefixItems) length = "";
  else if (least !== undefined && least === most) length = `of length ${least}`;
  else if (least !== undefined)
    length = `of length ${least}${most === undefined ? " or more" : ` to ${most}`}`;
  else if (most !== undefined) length = `of length ${most} or less`;
  return [length, each && `each ${each}`].filter(Boolean).join(", ");
}
