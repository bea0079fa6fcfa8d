/** The parts of a zod schema at a path of keys and indices. */
import type { z } from "zod";
import type { FieldPath } from "./data.ts";

export type Schema = z.core.$ZodType;

/** The keys that the schema knows at a path, in any variant. */
export const keysAt = (schema: Schema, path: FieldPath): string[] =>
  schemasAt(schema, path).flatMap((child) =>
    variants(child).flatMap((variant) => Object.keys(shapeOf(variant) ?? {})),
  );

/** The schemas at a path: one, or one for each variant. */
export function schemasAt(schema: Schema, path: FieldPath): Schema[] {
  let schemas = [schema];
  for (const key of path) schemas = schemas.flatMap((parent) => inside(parent, key));
  return schemas;
}

interface Definition {
  element?: Schema;
  items?: Schema[];
  valueType?: Schema;
  innerType?: Schema;
  in?: Schema;
  options?: Schema[];
  shape?: Record<string, Schema>;
}
const definitionOf = (schema: Schema): Definition => schema._zod.def as Definition;

function inside(schema: Schema, key: PropertyKey): Schema[] {
  return variants(schema).flatMap((variant) => {
    const { element, items, valueType } = definitionOf(variant);
    const child =
      typeof key === "number" ? (items?.[key] ?? element) : (shapeOf(variant)?.[String(key)] ?? valueType);
    return child === undefined ? [] : [child];
  });
}

function variants(schema: Schema): Schema[] {
  const { innerType, options, in: input } = definitionOf(schema);
  const inner = innerType ?? input;
  if (inner !== undefined) return variants(inner);
  return options === undefined ? [schema] : options.flatMap(variants);
}

const shapeOf = (schema: Schema): Record<string, Schema> | undefined => definitionOf(schema).shape;
