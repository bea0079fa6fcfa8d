/** What `import` can be told. Flat, so that each key is a flag. */
import { z } from "zod";

const column = (name: string, what: string) => z.string().min(1).nullable().default(name).describe(what);

export const importConfig = z.strictObject({
  arrays: z
    .array(z.string().min(1))
    .min(1)
    .describe("the .npy files: (N, H, W, C), (N, C, H, W) or (N, H, W); uint8 is display, all else flux"),
  table: z.string().min(1).describe("the table, a row an image: CSV, TSV, Parquet, VOTable or FITS"),
  out: z.string().min(1).describe("the dataset folder to write"),
  name: z.string().min(1).nullable().default(null).describe("the dataset's name (none: the folder's name)"),
  bands: z.array(z.string().min(1)).min(1).describe("the bands, in the order of the channels"),
  pixelScale: z.number().positive().describe("size of a pixel").meta({ unit: "arcsec" }),
  survey: z.string().min(1).nullable().default(null).describe("the survey, e.g. cfhtls"),
  size: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("crop the centre to this size; smaller images are set aside (none: as they are)")
    .meta({ unit: "pixels" }),
  layout: z
    .enum(["auto", "hwc", "chw"])
    .default("auto")
    .describe("where the channels are: last, first, or where there are as many as bands"),
  idColumn: z.string().min(1).default("id").describe("the column of the images' names"),
  arrayColumn: column("array", "the column of each image's file; may be missing when there is one array"),
  rowColumn: column("row", "the column of each image's place in its array, from 0; may be missing as well"),
  groupColumn: column("group", "the column of what must stay together, e.g. a place on the sky"),
  splitColumn: column("split", "the column of splits; none, or a table without it: divided by fractions"),
  splits: z
    .array(z.string().regex(/^.*=(train|val|test)$/, "must look like dev=train"))
    .default([])
    .describe("what the split column's values mean, e.g. dev=train,sealed=test"),
  valFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("part of the train rows to make val, when the split column knows no val"),
  fractions: z
    .tuple([z.number(), z.number(), z.number()])
    .default([0.8, 0.1, 0.1])
    .describe("parts of train, val and test, when there is no split column"),
  seed: z.number().int().min(0).default(0).describe("seed of the division"),
  labelColumn: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the column of classes (none: unlabelled)"),
  labelFrom: z.string().min(1).nullable().default(null).describe("a column of grades to make two classes of"),
  lensFrom: z.number().nullable().default(null).describe("grades from here up are the second class"),
  notLensTo: z.number().nullable().default(null).describe("grades up to here are the first class"),
  classes: z
    .array(z.string().min(1))
    .default([])
    .describe("class names in order (none: the label column's, sorted; of grades: not-lens,lens)"),
});

export type ImportConfig = z.output<typeof importConfig>;
export type ImportOptions = z.input<typeof importConfig>;
