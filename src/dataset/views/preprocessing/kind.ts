/** What a kind of preprocessing is. Each kind has its file in this folder; `registry.ts` lists them. */
import { z } from "zod";
import { type Location, refuse } from "../../../foundation/errors.ts";
import { list, number, texts } from "../../../foundation/field.ts";
import { tensor } from "../../../torch/create.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import type { ImageDomain, Rows } from "../../dataset.ts";
import type { PixelKind } from "../../info.ts";

/**
 * What every preprocessing has besides its own numbers. The version is that of the kind's arithmetic: when that changes,
 * the kind gets a second version and keeps the first, so that a model still sees what it was trained on.
 */
export const about = {
  version: z.literal(1),
  /** The data it was made for. */
  bands: z.array(z.string()).min(1),
  /** Arcsec per pixel. */
  pixelScale: z.number().positive(),
  pixels: z.enum(["flux", "display"]),
};

export type About = z.output<z.ZodObject<typeof about>>;

const positive = z.number().positive();

/** The settings for making a preprocessing; null leaves one to the kind. */
export const stretchOptions = z.strictObject({
  scale: list(
    positive,
    "asinh, log: flux of one unit, a number per band or one for all; none for the band's noise. minmax-log: one " +
      "number; none for 1",
    { default: null },
  ),
  contrast: positive.max(1).nullable().default(null).describe("zscale: its contrast; none for 0.25"),
  bands: texts("lupton, humvi: bands for red, green and blue, or one for grey; none for the survey's", {
    most: 3,
    default: null,
  }),
  scales: list(
    positive,
    "lupton, humvi: factors of those bands; none for 1 (lupton) or the survey's (humvi)",
    { most: 3, default: null },
  ),
  q: positive
    .nullable()
    .default(null)
    .describe("lupton, humvi: softening Q; none for 8 (lupton) or the survey's (humvi)"),
  stretch: positive
    .nullable()
    .default(null)
    .describe("lupton: flux up to which it is about linear; none for 5"),
  minimum: number("lupton: flux that is black; none for 0", { default: null }),
  alpha: positive.nullable().default(null).describe("humvi: slope of faint light; none for the survey's"),
});

/** Values of `stretchOptions`. */
export type StretchOptions = z.output<typeof stretchOptions>;

/** What a preprocessing is made from. */
export interface Fitting {
  domain: ImageDomain;
  rows: Rows;
  options: StretchOptions;
  /** For messages. */
  where: string;
}

/** A schema whose `kind` is the name. */
type KindSchema = z.ZodObject<{ readonly kind: z.ZodLiteral<string> }>;

/** A kind of preprocessing: what it is fitted from, and how it is applied. */
export interface Kind<S extends z.ZodObject = KindSchema> {
  /** As on the command line: the schema's `kind`. */
  readonly name: string;
  /** The preprocessing's schema, with `kind` and `about`. */
  schema: S;
  /** What it does, for help. */
  summary: string;
  /** Which pixels it takes. */
  pixels: PixelKind | "any";
  /** The options it reads. */
  takes: readonly (keyof StretchOptions)[];
  /** The preprocessing's own numbers. */
  fit(from: Fitting): Omit<z.output<S>, keyof About | "kind">;
  /** (B, C, H, W) float32 and finite → (B, channels, H, W) float32 */
  apply(preprocessing: z.output<S>, x: Tensor): Tensor;
  /** Channels of the result, if not one per band. */
  channels?(preprocessing: z.output<S>): number;
}

/** Gives a kind's functions the type of its schema, and takes its name from there. */
export const kindOf = <S extends KindSchema>(kind: Omit<Kind<S>, "name">): Kind<S> => ({
  name: kind.schema.shape.kind.value,
  ...kind,
});

/** One number per band, as (1, C, 1, 1). */
export const banded = (values: readonly number[], { device }: Tensor): Tensor =>
  tensor(values, [1, values.length, 1, 1], { device });

/**
 * Refuses images with NaN or infinity.
 *
 * @param locate the location to report for an image, by its index in the batch
 */
export function checkFinite(x: Tensor, locate: (index: number) => string | Location): void {
  const finite = x.isfinite();
  const all = finite.all();
  const good = all.item() === 1;
  all.dispose();
  if (!good) {
    const whole = finite.flatten(1).to("float32").min([1]).numbers();
    refuse(locate(whole.indexOf(0)), "pixels", "finite", "NaN or infinity");
  }
  finite.dispose();
}

/** The images of some rows as stored; a row with a pixel that is not finite is refused by name. */
export function finiteImages(domain: ImageDomain, rows: Rows): Tensor {
  const images = domain.images(rows);
  if (domain.info.pixels === "flux")
    checkFinite(images, (index) => {
      const row = rows[index]!;
      return { where: domain.folder, row: row + 1, id: domain.ids[row] };
    });
  return images;
}
