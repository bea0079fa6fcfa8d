/**
 * Fields of configurations, a line or two each: type, description, range, default.
 *
 *     out: text("the folder to write"),
 *     folds: count("parts for cross-validation", { least: 2, most: 20, default: 5 }),
 *     size: number("side of a cutout (none: the survey's)", { above: 0, default: null, unit: "arcsec" }),
 *
 * A field without a default must be given; one whose default is null may be none.
 */
import { z } from "zod";

/** Options of every field. */
export interface FieldOptions<D> {
  /** Its value if none is given; null means none. */
  default?: D;
  /** For help and errors, e.g. `arcsec`. */
  unit?: string;
  /** The heading under which help lists it. */
  group?: string;
}

/** The bounds of a number. */
export interface Range {
  /** Inclusive. */
  least?: number;
  /** Inclusive. */
  most?: number;
  /** Exclusive. */
  above?: number;
  /** Exclusive. */
  below?: number;
}

/** A schema with a default of that type: null makes it nullable, undefined means no default. */
export type WithDefault<S extends z.ZodType, D> = [D] extends [undefined]
  ? S
  : [D] extends [null]
    ? z.ZodDefault<z.ZodNullable<S>>
    : z.ZodDefault<S>;

/** A number. */
export const number = <D extends number | null | undefined = undefined>(
  description: string,
  options: Range & FieldOptions<D> = {},
) => field(within(z.number(), options), description, options);

/** A whole number, at least 1 unless `least` says otherwise. */
export const count = <D extends number | null | undefined = undefined>(
  description: string,
  options: Range & FieldOptions<D> = {},
) => field(within(z.number().int(), { ...options, least: options.least ?? 1 }), description, options);

/** The whole number that determines all randomness. */
export const seed = (description = "one seed gives one result") =>
  count(description, { least: 0, default: 0 });

/** Yes or no; no unless the default says otherwise. */
export const yes = (description: string, options: FieldOptions<boolean> = {}) =>
  field(z.boolean(), description, { ...options, default: options.default ?? false });

/** A text that is not empty: a name, a path. */
export const text = <D extends string | null | undefined = undefined>(
  description: string,
  options: FieldOptions<D> = {},
) => field(word, description, options);

/** One of several texts. An old name in `renamed` is refused by a line that says the new one. */
export const choice = <const V extends readonly string[], D extends V[number] | null | undefined = undefined>(
  values: V,
  description: string,
  options: FieldOptions<D> & { renamed?: Readonly<Record<string, V[number]>> } = {},
) => field(z.enum(values), description, options);

/** A list of anything, at least one item unless `least` says otherwise. */
export const list = <I extends z.ZodType, D extends readonly z.input<I>[] | null | undefined = undefined>(
  item: I,
  description: string,
  options: Pick<Range, "least" | "most"> & FieldOptions<D> = {},
) => {
  const { least = 1, most } = options;
  const items = least === 0 ? z.array(item) : z.array(item).min(least);
  return field(most === undefined ? items : items.max(most), description, options);
};

/** A list of texts, at least one unless `least` says otherwise. */
export const texts = <D extends readonly string[] | null | undefined = undefined>(
  description: string,
  options: Pick<Range, "least" | "most"> & FieldOptions<D> = {},
) => list(word, description, options);

/** A list chosen from several texts, at least one unless `least` says otherwise. */
export const choices = <
  const V extends readonly string[],
  D extends readonly V[number][] | null | undefined = undefined,
>(
  values: V,
  description: string,
  options: Pick<Range, "least" | "most"> & FieldOptions<D> = {},
) => list(z.enum(values), description, options);

const word = z.string().min(1);

function within(schema: z.ZodNumber, { least, most, above, below }: Range): z.ZodNumber {
  let limited = schema;
  if (least !== undefined) limited = limited.min(least);
  if (most !== undefined) limited = limited.max(most);
  if (above !== undefined) limited = limited.gt(above);
  if (below !== undefined) limited = limited.lt(below);
  return limited;
}

/** A schema with its default and its help. */
function field<S extends z.ZodType, D>(
  schema: S,
  description: string,
  options: FieldOptions<D> & { renamed?: Readonly<Record<string, string>> } = {},
): WithDefault<S, D> {
  const { default: value, unit, group, renamed } = options;
  let described: z.ZodType = value === null ? schema.nullable() : schema;
  if (value !== undefined) described = described.default(value);
  described = described.describe(description);
  const meta = Object.entries({ unit, group, renamed }).filter(([, entry]) => entry !== undefined);
  if (meta.length > 0) described = described.meta(Object.fromEntries(meta));
  return described as WithDefault<S, D>;
}
