/** The settings of `import`. Flat, so that each key is a flag; `group` is its heading in the help. */
import { z } from "zod";
import { choice, count, list, number, text, texts, yes } from "../../foundation/field.ts";

const column = (name: string, what: string, group: string) =>
  z.string().min(1).nullable().default(name).describe(what).meta({ group });

const images = {
  images: texts(
    "folders, FITS, PNG, JPEG or TIFF files, a .txt that lists files; or arrays of many images: .npy, .npz, HDF5 " +
      "(uint8 is display, all else flux); or Parquet tables with images in them, or folders of these",
  ),
  out: text("the dataset folder to write"),
  bands: texts("the bands, in the dataset's order", { group: "Images" }),
  pattern: text(
    "how files are named: {id}_{band}.fits, {id}/{band}.fits, {class}/{id}.png; also {split}, {group}, and * for " +
      "anything (none: the name is the id, or there is one file per band if all names end in a band)",
    { default: null, group: "Images" },
  ),
  fileColumns: texts(
    "the table's columns of file names: one, or one per band (none: files are found by id)",
    {
      least: 0,
      default: [],
      group: "Images",
    },
  ),
  hdus: texts(
    "EXTNAMEs (SCI:2 is the one with EXTVER 2) or numbers of the images in FITS files, one per band or one for all (none: by EXTNAME, FILTER, or order)",
    { least: 0, default: [], group: "Images" },
  ),
  dataset: text("which array of an .npz or HDF5 file (none: the only one of a fitting shape)", {
    default: null,
    group: "Images",
  }),
  imageColumns: texts(
    "a Parquet table's columns of images, pictures' bytes or arrays of numbers: one, or one per band; a.b is the field b " +
      "of a (none: the only one that can hold images)",
    { least: 0, default: [], group: "Images" },
  ),
  layout: choice(
    ["auto", "hwc", "chw"],
    "the axis of channels in arrays: last, first, or (auto) the one as long as the number of bands",
    { default: "auto", group: "Images" },
  ),
};

const pixels = {
  size: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("crop to the middle of this size; smaller images are set aside (none: the most common size)")
    .meta({ unit: "pixels", group: "Pixels" }),
  pad: yes("pad smaller images with sky: the border's median and noise, seeded by id", { group: "Pixels" }),
  pixelScale: number("size of a pixel (none: by the files' world coordinates)", {
    above: 0,
    default: null,
    unit: "arcsec",
    group: "Pixels",
  }),
  imageScale: number(
    "size of the images' own pixels, if the files don't state it, for --resample (none: --pixel-scale)",
    { above: 0, default: null, unit: "arcsec", group: "Pixels" },
  ),
  resample: yes(
    "resample images of another pixel scale to the dataset's, conserving flux (of composites, brightness); else they are set aside",
    { group: "Pixels" },
  ),
  zeroPoint: list(
    z.number(),
    "AB magnitude of one unit of flux, one or one per band (none: from MAGZERO, PHOTZP, BUNIT and similar cards)",
    { least: 0, default: null, unit: "mag", group: "Pixels" },
  ),
  toZeroPoint: number("scale all fluxes to this zero point", { default: null, unit: "mag", group: "Pixels" }),
};

const bad = {
  maxNan: number(
    "fraction of an image's pixels that may be NaN; they are filled with the median of the nearest others",
    { least: 0, most: 1, default: 0, group: "Setting aside" },
  ),
  maxSaturated: number("fraction of a band's pixels that may be at its top value, or at SATURATE or above", {
    least: 0,
    most: 1,
    default: 0.4,
    group: "Setting aside",
  }),
  maxBad: z
    .union([z.number().int().min(0), z.string().regex(/^\d+(\.\d+)?%$/)])
    .nullable()
    .default(null)
    .describe("stop when more rows than this can't be used, a number or e.g. 1% (none: never)")
    .meta({ group: "Setting aside" }),
};

const table = {
  table: text(
    "the table, one row per image: CSV, TSV, Parquet, VOTable or FITS (none: all files, with their names as ids)",
    { default: null, group: "Table" },
  ),
  tableHdu: text(
    "which table of a FITS file: EXTNAME or number (none: the first with positions, or the first)",
    {
      default: null,
      group: "Table",
    },
  ),
  idColumn: text("the column of ids", { default: "id", group: "Table" }),
  arrayColumn: column(
    "array",
    "the column of each image's array; may be missing when there is one array",
    "Table",
  ),
  rowColumn: column(
    "row",
    "the column of each image's index in its array, from 0; may be missing as well",
    "Table",
  ),
  groupColumn: column("group", "the column of groups, which stay in one split, e.g. a sky position", "Table"),
};

const splits = {
  splitColumn: column(
    "split",
    "the column of splits; none, or a table without it: split by fractions",
    "Splits",
  ),
  splits: list(
    z.string().regex(/^.*=(train|val|test)$/, "of the form dev=train"),
    "what the split column's values mean, e.g. dev=train,sealed=test",
    { least: 0, default: [], group: "Splits" },
  ),
  valFraction: number("fraction of the train rows to make val, when the split column has no val", {
    least: 0,
    below: 1,
    default: 0,
    group: "Splits",
  }),
  fractions: z
    .tuple([z.number(), z.number(), z.number()])
    .default([0.8, 0.1, 0.1])
    .describe("fractions of train, val and test, when there is no split column")
    .meta({ group: "Splits" }),
  seed: count("seed of the split, and of the padding's noise", { least: 0, default: 0, group: "Splits" }),
};

const labels = {
  labelColumn: text("the column of classes (none: unlabelled, or the pattern's {class})", {
    default: null,
    group: "Labels",
  }),
  labelFrom: text("a column of grades to make two classes from", { default: null, group: "Labels" }),
  lensFrom: number("grades from here up are the second class", { default: null, group: "Labels" }),
  notLensTo: number("grades up to here are the first class", { default: null, group: "Labels" }),
  classes: texts("class names in order (none: the label column's, sorted; of grades: not-lens,lens)", {
    least: 0,
    default: [],
    group: "Labels",
  }),
};

/** The settings of `arclet import`. */
export const importConfig = z.strictObject({
  ...images,
  name: text("the dataset's name (none: the folder's name)", { default: null }),
  survey: text("the survey, e.g. cfhtls", { default: null }),
  ...pixels,
  ...bad,
  ...table,
  ...splits,
  ...labels,
});

/** Values of `importConfig`, with every default. */
export type ImportConfig = z.output<typeof importConfig>;

/** What `importConfig` takes: values without defaults must be there. */
export type ImportOptions = z.input<typeof importConfig>;
