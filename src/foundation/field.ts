/**
 * Fields of configurations, a line or two each: what is described, its range, its default.
 *
 *     out: text("the folder to write"),
 *     folds: count("parts for cross-validation", { least: 2, most: 20, default: 5 }),
 *     size: number("side of a cutout (none: the survey's)", { above: 0, default: null, unit: "arcsec" }),
 *
 * Without a default a field must be given; with null it may be none.
 */
import { z } from "zod";

/** Options of every field. */
export interface FieldOptions<D> {
  default?: D;
  /** For help and errors, e.g. `arcsec`. */
  unit?: string;
  /** The heading under which help lists it. */
  group?: string;
}

export interface Range {
  /** The limits themselves are allowed. */
  least?: number;
  most?: number;
  /** These are not. */
  above?: number;
  below?: number;
}

/** A schema with a default of that type: null makes it nullable, undefined is none. */
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

/** The whole number that all randomness follows from. */
export const seed = (description = "one seed gives one result") =>
  count(description, { least: 0, default: 0 });

/** Yes or no; no unless the default says otherwise. */
export const yes = (description: string, options: FieldOptions<boolean> = {}) =>
  field(z.boolean(), description, { ...options, default: options.default ?? false });

/** A text of a character or more: a name, a path. */
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

/** A list of anything, of one item or more unless `least` says otherwise. */
export const list = <I extends z.ZodType, D extends readonly z.input<I>[] | null | undefined = undefined>(
  item: I,
  description: string,
  options: Pick<Range, "least" | "most"> & FieldOptions<D> = {},
) => {
  const { least = 1, most } = options;
  const some = least === 0 ? z.array(item) : z.array(item).min(least);
  return field(most === undefined ? some : some.max(most), description, options);
};

/** A list of texts, of one or more unless `least` says otherwise. */
export const texts = <D extends readonly string[] | null | undefined = undefined>(
  description: string,
  options: Pick<Range, "least" | "most"> & FieldOptions<D> = {},
) => list(word, description, options);

/** A list of some of several texts, of one or more unless `least` says otherwise. */
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
  let made = schema;
  if (least !== undefined) made = made.min(least);
  if (most !== undefined) made = made.max(most);
  if (above !== undefined) made = made.gt(above);
  if (below !== undefined) made = made.lt(below);
  return made;
}

/** A schema with its default and what help says of it. */
function field<S extends z.ZodType, D>(
  schema: S,
  description: string,
  options: FieldOptions<D> & { renamed?: Readonly<Record<string, string>> } = {},
): WithDefault<S, D> {
  const { default: value, unit, group, renamed } = options;
  let made: z.ZodType = value === null ? schema.nullable() : schema;
  if (value !== undefined) made = made.default(value);
  made = made.describe(description);
  const meta = Object.entries({ unit, group, renamed }).filter(([, entry]) => entry !== undefined);
  if (meta.length > 0) made = made.meta(Object.fromEntries(meta));
  return made as WithDefault<S, D>;
}
