/** What `cutouts` can be told. Flat, so that each key is a flag. */
import { z } from "zod";
import { KERNEL_NAMES } from "../../sky/frames/interpolate.ts";

const column = (what: string) => z.string().min(1).nullable().default(null).describe(what);

export const cutoutsConfig = z.strictObject({
  frames: z
    .array(z.string().min(1))
    .min(1)
    .describe("the FITS files, or folders of them, those of folders within too"),
  catalog: z.string().min(1).describe("the table of positions: CSV, Parquet or another that can be read"),
  bands: z.array(z.string().min(1)).min(1).describe("the bands, in the order of the channels"),
  out: z.string().min(1).describe("the dataset folder to write"),
  size: z.number().int().min(4).max(1024).default(64).describe("side of a cutout").meta({ unit: "pixels" }),
  pattern: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "what frames are called, with {band} for the band and * for anything, e.g. *_{band}.fits (none: the band is FILTER's)",
    ),
  hdu: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("EXTNAME or place of a frame's image (none: all that are not called weights, masks or errors)"),
  pixelScale: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("side of a pixel (none: the first frame's)")
    .meta({ unit: "arcsec" }),
  orientation: z
    .enum(["frame", "north"])
    .default("frame")
    .describe("of a cutout: as its frame lies, or north up and east to the left"),
  resample: z
    .enum(KERNEL_NAMES)
    .nullable()
    .default(null)
    .describe(
      "what frames of another pixel scale or orientation, or beside the first band's pixels, are drawn again by (none: they are set aside)",
    ),
  maxMissing: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      "most of a band's cutout that may be beyond the frame or without data; filled by the rest's median",
    ),
  blank: z
    .number()
    .nullable()
    .default(0)
    .describe("value that stands for no data in floating-point frames, beside NaN (none: NaN alone)"),
  zeroPoint: z
    .number()
    .nullable()
    .default(null)
    .describe(
      "AB magnitude of one flux unit, to which frames are scaled by their headers' (none: as they are)",
    )
    .meta({ unit: "mag" }),
  survey: z.string().min(1).nullable().default(null).describe("the survey, e.g. cfhtls"),
  name: z.string().min(1).nullable().default(null).describe("the dataset's name (none: the folder's name)"),
  idColumn: column("the column of names (none: by its name)"),
  raColumn: column("the column of right ascensions (none: by its name)"),
  decColumn: column("the column of declinations (none: by its name)"),
  groupSize: z
    .number()
    .positive()
    .default(60)
    .describe("side of the cells of the sky that are groups, never divided among splits")
    .meta({ unit: "arcsec" }),
  fractions: z
    .tuple([z.number().min(0), z.number().min(0), z.number().min(0)])
    .refine((parts) => Math.abs(parts[0] + parts[1] + parts[2] - 1) < 1e-6, { message: "parts of sum 1" })
    .default([1, 0, 0])
    .describe("parts of the groups that are train, val and test"),
  seed: z.number().int().min(0).default(0).describe("seed of the division"),
});

export type CutoutsConfig = z.output<typeof cutoutsConfig>;
