/** The settings of `fetch`. Flat, so that each key is a flag. */
import { z } from "zod";
import { choice, count, number, seed, text, texts } from "../../foundation/field.ts";
import { archives } from "../../sky/archives/registry.ts";

const column = (what: string) => text(`the column of ${what} (none: guessed by its name)`, { default: null });
const seconds = { unit: "seconds" };

/** The settings of `arclet fetch`. */
export const fetchConfig = z.strictObject({
  catalog: text("the table of objects: CSV, TSV, Parquet, VOTable or FITS"),
  catalogHdu: text("which table of a FITS catalogue: EXTNAME or number (none: the first with positions)", {
    default: null,
  }),
  survey: choice(archives.names, "the survey whose cutout service to use"),
  bands: texts("the bands, one file each"),
  size: count("side of a cutout", { least: 8, most: 6000, unit: "pixels" }),
  out: text("the folder to fill; cutouts that are already there and whole are not fetched again"),
  layer: z
    .string()
    .regex(/^[\w.+-]+$/)
    .nullable()
    .default(null)
    .describe("release or layer of the service (none: its newest)"),
  pixelScale: number("pixel scale of the cutouts, if the service resamples (none: the survey's own)", {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  idColumn: column("ids"),
  raColumn: column("right ascension"),
  decColumn: column("declination"),
  parallel: count("requests at a time", { most: 8, default: 2 }),
  programs: count(
    "programs that fetch shards at the same time, each with its share of --parallel and a pause so many times longer: " +
      "limits are the service's, however many ask",
    { most: 8, default: 1 },
  ),
  pause: number("pause between the starts of two requests", {
    least: 0,
    most: 600,
    default: 0.5,
    ...seconds,
  }),
  attempts: count("attempts at a request before it is set aside", { most: 20, default: 5 }),
  backoff: number("wait before the second attempt; doubled before each further one, with jitter", {
    above: 0,
    most: 600,
    default: 2,
    ...seconds,
  }),
  mostWait: number("longest wait at a time; if the service asks for more, fetching stops, to resume later", {
    above: 0,
    most: 86400,
    default: 300,
    ...seconds,
  }),
  timeout: number("time limit for a whole answer", { above: 0, most: 3600, default: 60, ...seconds }),
  seed: seed("seed of the jitter"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe("another server that answers as the service does: a mirror, a cache (none: the service)"),
});

/** Values of `fetchConfig`. */
export type FetchConfig = z.output<typeof fetchConfig>;
