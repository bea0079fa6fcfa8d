/** What `cutouts` can be told. Flat, so that each key is a flag. */
import { z } from "zod";
import { choice, count, number, seed, text, texts } from "../../foundation/field.ts";
import { KERNEL_NAMES } from "../../sky/frames/interpolate.ts";

const column = (what: string) => text(what, { default: null });

export const cutoutsConfig = z.strictObject({
  frames: texts("the FITS files, or folders of them, those of folders within too"),
  catalog: text("the table of positions: CSV, Parquet or another that can be read"),
  bands: texts("the bands, in the order of the channels"),
  out: text("the dataset folder to write"),
  size: count("side of a cutout", { least: 4, most: 1024, default: 64, unit: "pixels" }),
  pattern: text(
    "what frames are called, with {band} for the band and * for anything, e.g. *_{band}.fits (none: the band is FILTER's)",
    { default: null },
  ),
  hdu: text("EXTNAME or place of a frame's image (none: all that are not called weights, masks or errors)", {
    default: null,
  }),
  pixelScale: number("side of a pixel (none: the first frame's)", {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  orientation: choice(
    ["frame", "north"],
    "of a cutout: as its frame lies, or north up and east to the left",
    { default: "frame" },
  ),
  resample: choice(
    KERNEL_NAMES,
    "what frames of another pixel scale or orientation, or beside the first band's pixels, are drawn again by (none: they are set aside)",
    { default: null },
  ),
  maxMissing: number(
    "most of a band's cutout that may be beyond the frame or without data; filled by the rest's median",
    { least: 0, below: 1, default: 0 },
  ),
  blank: z
    .number()
    .nullable()
    .default(0)
    .describe("value that stands for no data in floating-point frames, beside NaN (none: NaN alone)"),
  zeroPoint: number(
    "AB magnitude of one flux unit, to which frames are scaled by their headers' (none: as they are)",
    { default: null, unit: "mag" },
  ),
  survey: text("the survey, e.g. cfhtls", { default: null }),
  name: text("the dataset's name (none: the folder's name)", { default: null }),
  idColumn: column("the column of names (none: by its name)"),
  raColumn: column("the column of right ascensions (none: by its name)"),
  decColumn: column("the column of declinations (none: by its name)"),
  groupSize: number("side of the cells of the sky that are groups, never divided among splits", {
    above: 0,
    default: 60,
    unit: "arcsec",
  }),
  fractions: z
    .tuple([z.number().min(0), z.number().min(0), z.number().min(0)])
    .refine((parts) => Math.abs(parts[0] + parts[1] + parts[2] - 1) < 1e-6, { message: "parts of sum 1" })
    .default([1, 0, 0])
    .describe("parts of the groups that are train, val and test"),
  seed: seed("seed of the division"),
});

export type CutoutsConfig = z.output<typeof cutoutsConfig>;
