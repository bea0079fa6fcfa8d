/** What `detect` can be told. Flat, so that each key is a flag. */
import { z } from "zod";
import { count, number, text } from "../../foundation/field.ts";

const files = z.array(z.string().min(1)).min(1);

export const detectConfig = z.strictObject({
  frames: files.describe("FITS images of one field, one a band, pixel on pixel"),
  out: text("the catalogue to write: .csv, .parquet or another kind of table, by its name's end", {
    default: "catalog.csv",
  }),
  bands: files.optional().describe("the bands, in the frames' order (else FILTER)"),
  on: text("what sources are found on: a band, or sum, of all bands by their inverse variance", {
    default: "sum",
  }),
  zeroPoint: z
    .array(z.number())
    .min(1)
    .optional()
    .describe("AB magnitude of one flux unit, one for all or one a frame (else the header's)")
    .meta({ unit: "mag" }),
  gain: z
    .array(z.number().positive())
    .min(1)
    .optional()
    .describe(
      "photons behind a flux unit, one for all or one a frame (else GAIN; unknown: errors of the sky alone)",
    ),
  weights: files
    .optional()
    .describe("FITS images of inverse variances, one a frame, up to a factor; 0 is left out"),
  mask: text("FITS image: pixels that are not 0 are left out", { default: null }),
  hdu: text("the image's EXTNAME or place in its file (none: the first image)", { default: null }),
  blank: z
    .number()
    .nullable()
    .default(0)
    .describe("value that stands for no data in floating-point images, beside NaN (none: NaN alone)"),
  threshold: number("of detection, a pixel, after smoothing", { above: 0, default: 1.5, unit: "sky sigma" }),
  pixels: z.number().int().positive().default(5).describe("least pixels above the threshold"),
  levels: count("of deblending", { most: 256, default: 32 }),
  contrast: number("least part of the light that a blended source must have; 1 for no deblending", {
    least: 0,
    most: 1,
    default: 0.005,
  }),
  clean: number("efficiency of cleaning around bright sources; 0 for none", {
    least: 0,
    most: 10,
    default: 1,
  }),
  box: count("side of a mesh of the background", { least: 8, most: 4096, default: 64, unit: "pixels" }),
  leastSnr: number("least signal-to-noise of a source that is kept", { least: 0, default: 0 }),
  tile: count("side of the pieces that are worked on; memory goes with its square", {
    least: 64,
    most: 16384,
    default: 1536,
    unit: "pixels",
  }),
  margin: count("about a piece: larger than any source that is to be seen whole", {
    least: 16,
    most: 4096,
    default: 256,
    unit: "pixels",
  }),
});

export type DetectConfig = z.output<typeof detectConfig>;
