/** The settings of `detect`. Flat, so that each key is a flag. */
import { z } from "zod";
import { count, number, text } from "../../foundation/field.ts";

const files = z.array(z.string().min(1)).min(1);

/** The settings of `arclet detect`. */
export const detectConfig = z.strictObject({
  frames: files.describe("FITS images of one field, one per band, with aligned pixels"),
  out: text("the catalogue to write: .csv, .parquet or another kind of table, by its extension", {
    default: "catalog.csv",
  }),
  bands: files.optional().describe("the bands, in the frames' order (else FILTER)"),
  detectOn: text("what to detect sources on: a band, or sum: all bands weighted by inverse variance", {
    default: "sum",
  }),
  zeroPoint: z
    .array(z.number())
    .min(1)
    .optional()
    .describe("AB magnitude of one flux unit, one for all or one per frame (else the header's)")
    .meta({ unit: "mag" }),
  gain: z
    .array(z.number().positive())
    .min(1)
    .optional()
    .describe(
      "photons per flux unit, one for all or one per frame (else GAIN; if unknown, errors are the sky's alone)",
    ),
  weights: files
    .optional()
    .describe("FITS images of inverse variances, one per frame, up to a factor; pixels at 0 are left out"),
  mask: text("FITS image: pixels that are not 0 are left out", { default: null }),
  hdu: text("the image's EXTNAME or number in its file (none: the first image)", { default: null }),
  blank: z
    .number()
    .nullable()
    .default(0)
    .describe("value that means no data in floating-point images, besides NaN (none: NaN alone)"),
  threshold: number("detection threshold of a pixel, after smoothing", {
    above: 0,
    default: 1.5,
    unit: "sky sigma",
  }),
  pixels: z.number().int().positive().default(5).describe("least pixels above the threshold"),
  levels: count("deblending levels", { most: 256, default: 32 }),
  contrast: number("least fraction of the light that a blended source must have; 1 for no deblending", {
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
  leastSnr: number("least signal-to-noise of a source to keep", { least: 0, default: 0 }),
  tile: count("side of the pieces to work on; memory grows with its square", {
    least: 64,
    most: 16384,
    default: 1536,
    unit: "pixels",
  }),
  margin: count("margin around a piece: larger than any source that must be seen whole", {
    least: 16,
    most: 4096,
    default: 256,
    unit: "pixels",
  }),
});

/** Values of `detectConfig`. */
export type DetectConfig = z.output<typeof detectConfig>;
