/** The settings of `cutouts`. Flat, so that each key is a flag. */
import { z } from "zod";
import { choice, count, number, seed, text, texts } from "../../foundation/field.ts";
import { KERNEL_NAMES } from "../../sky/frames/interpolate.ts";

const column = (what: string) => text(what, { default: null });

export const cutoutsConfig = z.strictObject({
  frames: texts("the FITS files, or folders of them, with subfolders"),
  catalog: text("the table of positions: CSV, TSV, Parquet, VOTable or FITS"),
  catalogHdu: text("which table of a FITS catalogue: EXTNAME or number (none: the first with positions)", {
    default: null,
  }),
  bands: texts("the bands, in the order of the channels"),
  out: text("the dataset folder to write"),
  pixels: choice(
    ["flux", "display"],
    "flux, or 8-bit colour composites as the survey shows them, for finders of composites: frames in the survey's unit of flux, and --survey",
    { default: "flux" },
  ),
  size: count("side of a cutout", { least: 4, most: 1024, default: 64, unit: "pixels" }),
  pattern: text(
    "how frames are named, with {band} for the band and * for anything, e.g. *_{band}.fits (none: the band is FILTER's)",
    { default: null },
  ),
  hdu: text(
    "EXTNAME or number of a frame's image (none: all whose names are not of weights, masks or errors)",
    {
      default: null,
    },
  ),
  pixelScale: number("side of a pixel (none: the first frame's)", {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  orientation: choice(
    ["frame", "north"],
    "of a cutout: that of its frame, or north up and east to the left",
    { default: "frame" },
  ),
  resample: choice(
    KERNEL_NAMES,
    "kernel that resamples frames of another pixel scale or orientation, or off the first band's pixels (none: they are set aside)",
    { default: null },
  ),
  maxMissing: number(
    "fraction of a band's cutout that may be beyond the frame or without data; filled with the rest's median",
    { least: 0, below: 1, default: 0 },
  ),
  blank: z
    .number()
    .nullable()
    .default(0)
    .describe("value that means no data in floating-point frames, besides NaN (none: NaN alone)"),
  zeroPoint: number(
    "AB magnitude of one flux unit, to scale frames to from their headers' zero points (none: as they are)",
    { default: null, unit: "mag" },
  ),
  survey: text("the survey, e.g. cfhtls", { default: null }),
  name: text("the dataset's name (none: the folder's name)", { default: null }),
  idColumn: column("the column of ids (none: by its name)"),
  raColumn: column("the column of right ascensions (none: by its name)"),
  decColumn: column("the column of declinations (none: by its name)"),
  groupSize: number("side of the sky cells that are groups, each of which stays in one split", {
    above: 0,
    default: 60,
    unit: "arcsec",
  }),
  fractions: z
    .tuple([z.number().min(0), z.number().min(0), z.number().min(0)])
    .refine((parts) => Math.abs(parts[0] + parts[1] + parts[2] - 1) < 1e-6, {
      message: "fractions with sum 1",
    })
    .default([1, 0, 0])
    .describe("fractions of the groups for train, val and test"),
  seed: seed("seed of the split"),
});

export type CutoutsConfig = z.output<typeof cutoutsConfig>;
