/** What `detect` can be told. Flat, so that each key is a flag. */
import { z } from "zod";

const files = z.array(z.string().min(1)).min(1);

export const detectConfig = z.strictObject({
  frames: files.describe("FITS images of one field, one a band, pixel on pixel"),
  out: z
    .string()
    .min(1)
    .default("catalog.csv")
    .describe("the catalogue to write: .csv, .parquet or another kind of table, by its name's end"),
  bands: files.optional().describe("the bands, in the frames' order (else FILTER)"),
  on: z
    .string()
    .min(1)
    .default("sum")
    .describe("what sources are found on: a band, or sum, of all bands by their inverse variance"),
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
  mask: z.string().min(1).nullable().default(null).describe("FITS image: pixels that are not 0 are left out"),
  hdu: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the image's EXTNAME or place in its file (none: the first image)"),
  blank: z
    .number()
    .nullable()
    .default(0)
    .describe("value that stands for no data in floating-point images, beside NaN (none: NaN alone)"),
  threshold: z
    .number()
    .positive()
    .default(1.5)
    .describe("of detection, a pixel, after smoothing")
    .meta({ unit: "sky sigma" }),
  pixels: z.number().int().positive().default(5).describe("least pixels above the threshold"),
  levels: z.number().int().min(1).max(256).default(32).describe("of deblending"),
  contrast: z
    .number()
    .min(0)
    .max(1)
    .default(0.005)
    .describe("least part of the light that a blended source must have; 1 for no deblending"),
  clean: z
    .number()
    .min(0)
    .max(10)
    .default(1)
    .describe("efficiency of cleaning around bright sources; 0 for none"),
  box: z
    .number()
    .int()
    .min(8)
    .max(4096)
    .default(64)
    .describe("side of a mesh of the background")
    .meta({ unit: "pixels" }),
  leastSnr: z.number().min(0).default(0).describe("least signal-to-noise of a source that is kept"),
  tile: z
    .number()
    .int()
    .min(64)
    .max(16384)
    .default(1536)
    .describe("side of the pieces that are worked on; memory goes with its square")
    .meta({ unit: "pixels" }),
  margin: z
    .number()
    .int()
    .min(16)
    .max(4096)
    .default(256)
    .describe("about a piece: larger than any source that is to be seen whole")
    .meta({ unit: "pixels" }),
});

export type DetectConfig = z.output<typeof detectConfig>;
