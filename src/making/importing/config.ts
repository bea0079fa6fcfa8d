/** What `import` can be told. Flat, so that each key is a flag; `group` is the heading of its help. */
import { z } from "zod";

const column = (name: string, what: string) => z.string().min(1).nullable().default(name).describe(what);
const text = () => z.string().min(1);

const images = {
  images: z
    .array(text())
    .min(1)
    .describe(
      "folders, FITS, PNG, JPEG or TIFF files, a .txt with a file a line; or arrays of many images: .npy, .npz, HDF5 " +
        "(uint8 is display, all else flux)",
    ),
  out: text().describe("the dataset folder to write"),
  bands: z
    .array(text())
    .min(1)
    .describe("the bands, in the order that the dataset shall have")
    .meta({ group: "Images" }),
  pattern: text()
    .nullable()
    .default(null)
    .describe(
      "how files are named: {id}_{band}.fits, {id}/{band}.fits, {class}/{id}.png; also {split}, {group}, and * for " +
        "anything (none: the name is the id, or a file a band where all names end in one)",
    )
    .meta({ group: "Images" }),
  fileColumns: z
    .array(text())
    .default([])
    .describe("the table's columns of file names: one, or one a band (none: files are found by id)")
    .meta({ group: "Images" }),
  hdus: z
    .array(text())
    .default([])
    .describe(
      "EXTNAMEs or places of the images in FITS files, one a band or one for all (none: by EXTNAME, FILTER, or order)",
    )
    .meta({ group: "Images" }),
  dataset: text()
    .nullable()
    .default(null)
    .describe("which array of an .npz or HDF5 file (none: the only one that can be it)")
    .meta({ group: "Images" }),
  layout: z
    .enum(["auto", "hwc", "chw"])
    .default("auto")
    .describe("where the channels of arrays are: last, first, or where there are as many as bands")
    .meta({ group: "Images" }),
};

const pixels = {
  size: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("crop the middle to this size; smaller images are set aside (none: the size that most have)")
    .meta({ unit: "pixels", group: "Pixels" }),
  pad: z
    .boolean()
    .default(false)
    .describe("put sky around smaller images: the border's median and noise, seeded by id")
    .meta({ group: "Pixels" }),
  pixelScale: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("size of a pixel (none: by the files' world coordinates)")
    .meta({ unit: "arcsec", group: "Pixels" }),
  resample: z
    .boolean()
    .default(false)
    .describe("bring images of another pixel scale to the dataset's, flux conserved; else they are set aside")
    .meta({ group: "Pixels" }),
  zeroPoint: z
    .array(z.number())
    .nullable()
    .default(null)
    .describe(
      "AB magnitude of one unit of flux, one or one a band (none: by MAGZERO, PHOTZP, BUNIT and such cards)",
    )
    .meta({ unit: "mag", group: "Pixels" }),
  toZeroPoint: z
    .number()
    .nullable()
    .default(null)
    .describe("scale all fluxes to this zero point")
    .meta({ unit: "mag", group: "Pixels" }),
};

const bad = {
  maxNan: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "part of an image's pixels that may be NaN; they are filled with the median of the nearest others",
    )
    .meta({ group: "Setting aside" }),
  maxSaturated: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe("part of a band's pixels that may be at its top value, or from SATURATE up")
    .meta({ group: "Setting aside" }),
  maxBad: z
    .union([z.number().int().min(0), z.string().regex(/^\d+(\.\d+)?%$/)])
    .nullable()
    .default(null)
    .describe("stop when more rows than this can't be used, a number or e.g. 1% (none: never)")
    .meta({ group: "Setting aside" }),
};

const table = {
  table: text()
    .nullable()
    .default(null)
    .describe(
      "the table, a row an image: CSV, TSV, Parquet, VOTable or FITS (none: all files are taken, ids are their names)",
    )
    .meta({ group: "Table" }),
  idColumn: text().default("id").describe("the column of the images' names").meta({ group: "Table" }),
  arrayColumn: column(
    "array",
    "the column of each image's array; may be missing when there is one array",
  ).meta({
    group: "Table",
  }),
  rowColumn: column(
    "row",
    "the column of each image's place in its array, from 0; may be missing as well",
  ).meta({
    group: "Table",
  }),
  groupColumn: column("group", "the column of what must stay together, e.g. a place on the sky").meta({
    group: "Table",
  }),
};

const splits = {
  splitColumn: column(
    "split",
    "the column of splits; none, or a table without it: divided by fractions",
  ).meta({
    group: "Splits",
  }),
  splits: z
    .array(z.string().regex(/^.*=(train|val|test)$/, "of the form dev=train"))
    .default([])
    .describe("what the split column's values mean, e.g. dev=train,sealed=test")
    .meta({ group: "Splits" }),
  valFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("part of the train rows to make val, when the split column knows no val")
    .meta({ group: "Splits" }),
  fractions: z
    .tuple([z.number(), z.number(), z.number()])
    .default([0.8, 0.1, 0.1])
    .describe("parts of train, val and test, when there is no split column")
    .meta({ group: "Splits" }),
  seed: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe("seed of the division, and of the noise that pads")
    .meta({ group: "Splits" }),
};

const labels = {
  labelColumn: text()
    .nullable()
    .default(null)
    .describe("the column of classes (none: unlabelled, or the pattern's {class})")
    .meta({ group: "Labels" }),
  labelFrom: text()
    .nullable()
    .default(null)
    .describe("a column of grades to make two classes of")
    .meta({ group: "Labels" }),
  lensFrom: z
    .number()
    .nullable()
    .default(null)
    .describe("grades from here up are the second class")
    .meta({ group: "Labels" }),
  notLensTo: z
    .number()
    .nullable()
    .default(null)
    .describe("grades up to here are the first class")
    .meta({ group: "Labels" }),
  classes: z
    .array(text())
    .default([])
    .describe("class names in order (none: the label column's, sorted; of grades: not-lens,lens)")
    .meta({ group: "Labels" }),
};

export const importConfig = z.strictObject({
  ...images,
  name: text().nullable().default(null).describe("the dataset's name (none: the folder's name)"),
  survey: text().nullable().default(null).describe("the survey, e.g. cfhtls"),
  ...pixels,
  ...bad,
  ...table,
  ...splits,
  ...labels,
});

export type ImportConfig = z.output<typeof importConfig>;
export type ImportOptions = z.input<typeof importConfig>;
