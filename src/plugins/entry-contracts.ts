/**
 * What methods, encoders, validators and preprocessings promise by their shape. A plug-in need not be TypeScript, so
 * anything may be there: the error names the first broken promise.
 */
import { z } from "zod";
import type { GradedUse, Method } from "../adapt/method.ts";
import { numberDeclaration } from "../adapt/numbers.ts";
import type { Validator } from "../adapt/validators/validator.ts";
import { about, type Kind, stretchOptions } from "../dataset/views/preprocessing/kind.ts";
import type { EncoderEntry } from "../encoders/encoder.ts";
import { unknownKey } from "../foundation/errors/unknown.ts";
import { checked } from "../foundation/errors/zod-errors.ts";
import { refuse } from "../foundation/errors.ts";
import { fieldsOf } from "../foundation/fields.ts";

export type Values = Record<string, unknown>;

/** @param where the start of the error, with the entry's name */
export function holdMethod(where: string, entry: Values): asserts entry is Values & Method {
  const must = musts(where, entry);
  holdTexts(where, entry);
  holdSettings(where, "schema", entry);
  const { numbers, deeplense, schema } = entry;
  if (!isObject(numbers)) refuse(where, "numbers", "declared: name → { kind, meaning }", numbers);
  checked(where, numbersSchema, { numbers });
  must("needsTarget", "true or false", isBoolean);
  must("graded", "one of no, optional, needed", (value) => GRADED_USES.includes(value));
  must("kinds", "true, false or left out", isOptional(isBoolean));
  must("separateSource", "true or false", isBoolean);
  must("build", "a function", isFunction);
  if (deeplense !== undefined && !(schema as z.ZodObject).safeParse(deeplense).success)
    refuse(where, "deeplense", "values of its schema", deeplense);
}

const GRADED_USES: readonly unknown[] = ["no", "optional", "needed"] satisfies GradedUse[];

export function holdEncoder(where: string, entry: Values): asserts entry is Values & EncoderEntry {
  const must = musts(where, entry);
  holdTexts(where, entry);
  must("map", "a line on what its feature map is", isText);
  holdSettings(where, "config", entry);
  must("build", "a function", isFunction);
  must("fitting", "a function, or left out", isOptional(isFunction));
  must("invariant", "true, false or left out", isOptional(isBoolean));
}

export function holdValidator(where: string, entry: Values): asserts entry is Values & Validator {
  const must = musts(where, entry);
  holdTexts(where, entry);
  must("needsTarget", "true or false", isBoolean);
  must("needsGraded", "true, false or left out", isOptional(isBoolean));
  must("score", "a function", isFunction);
}

export function holdPreprocessing(where: string, entry: Values): asserts entry is Values & Kind {
  const must = musts(where, entry);
  const { schema, name, takes } = entry;
  const shape = schema instanceof z.ZodObject ? (schema.shape as Values) : {};
  const missing = ["kind", ...Object.keys(about)].find((key) => !(key in shape));
  if (missing !== undefined)
    refuse(where, "schema", `a zod object with ${missing} (z.strictObject({ kind, ...about, … }))`, schema);
  const { kind } = shape;
  if (!(kind instanceof z.ZodLiteral) || kind.value !== name)
    refuse(where, "schema.kind", `z.literal(${JSON.stringify(name)})`, kind);
  must("summary", "a line of text", isText);
  must("pixels", "one of flux, display, any", (value) => PIXELS.includes(value));
  const known = Object.keys(stretchOptions.shape);
  if (!Array.isArray(takes) || takes.some((key) => !known.includes(key)))
    refuse(where, "takes", `a list chosen from ${known.join(", ")}`, takes);
  must("fit", "a function", isFunction);
  must("apply", "a function", isFunction);
  must("channels", "a function, or left out", isOptional(isFunction));
}

const PIXELS: readonly unknown[] = ["flux", "display", "any"];

function holdTexts(where: string, entry: Values): void {
  const must = musts(where, entry);
  must("summary", "a line of text", isText);
  must("paper", "a text: authors, year and arXiv number, or empty", (value) => typeof value === "string");
}

/** Settings: a zod object whose keys all have a default, with a tuning for each. */
function holdSettings(where: string, key: "schema" | "config", entry: Values): void {
  const schema = entry[key];
  if (!(schema instanceof z.ZodObject)) refuse(where, key, "a zod object (z.strictObject({ … }))", schema);
  const [issue] = schema.safeParse({}).error?.issues ?? [];
  if (issue !== undefined)
    refuse(where, `${key}.${issue.path.join(".")}`, "a field with a default (.default(…))", undefined);
  const { tuning } = entry;
  if (!isObject(tuning)) refuse(where, "tuning", "declared: a tuning for each setting", tuning);
  const keys = fieldsOf(schema).map((field) => field.key);
  for (const name of keys)
    if (!tuningSchema.safeParse(tuning[name]).success) refuse(where, `tuning.${name}`, TUNINGS, tuning[name]);
  const extra = Object.keys(tuning).find((name) => !keys.includes(name));
  if (extra !== undefined)
    throw unknownKey(
      where,
      ["tuning", extra],
      keys.map((name) => ["tuning", name]),
      { fix: `its settings are ${keys.join(", ") || "none"}` },
    );
}

const byDefault = z.boolean().optional();
const tuningSchema = z.union([
  z.enum(["budget", "fixed", "choices"]),
  z.strictObject({ factor: z.number().gt(1), byDefault }),
  z
    .strictObject({ scale: z.enum(["linear", "log"]), low: z.number(), high: z.number(), byDefault })
    .refine(({ scale, low, high }) => low < high && (scale === "linear" || low > 0)),
]);
const TUNINGS =
  '"budget", "fixed", "choices", { factor } or { scale: "linear" or "log", low, high }, with byDefault or without';

const numbersSchema = z.object({ numbers: z.record(z.string(), numberDeclaration) });

const musts =
  (where: string, entry: Values) =>
  (key: string, must: string, good: (value: unknown) => boolean): void => {
    if (!good(entry[key])) refuse(where, key, must, entry[key]);
  };

export const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean =>
  typeof value === "string" && /\S/.test(value) && !value.includes("\n");
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isFunction = (value: unknown): boolean => typeof value === "function";
const isOptional =
  (good: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || good(value);
