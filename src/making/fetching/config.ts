/** What `fetch` can be told. Flat, so that each key is a flag. */
import { z } from "zod";
import { archives } from "../../sky/archives/registry.ts";

const column = (what: string) =>
  z.string().min(1).nullable().default(null).describe(`the column of ${what} (none: guessed by its name)`);
const seconds = { unit: "seconds" };

export const fetchConfig = z.strictObject({
  catalog: z.string().min(1).describe("the table of objects: CSV, TSV, Parquet, VOTable or FITS"),
  survey: z.enum(archives.names).describe("the survey whose cutout service is asked"),
  bands: z.array(z.string().min(1)).min(1).describe("the bands, a file each"),
  size: z.number().int().min(8).max(6000).describe("of the cutouts, a side").meta({ unit: "pixels" }),
  out: z.string().min(1).describe("the folder to fill; what it holds whole is not fetched again"),
  layer: z
    .string()
    .regex(/^[\w.+-]+$/)
    .nullable()
    .default(null)
    .describe("release or layer of the service (none: its newest)"),
  pixelScale: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("of the cutouts, where the service resamples (none: the survey's own)")
    .meta({ unit: "arcsec" }),
  idColumn: column("ids"),
  raColumn: column("right ascension"),
  decColumn: column("declination"),
  parallel: z.number().int().min(1).max(8).default(2).describe("requests at a time"),
  pause: z.number().min(0).max(600).default(0.5).describe("between the starts of two requests").meta(seconds),
  attempts: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(5)
    .describe("times that a request is tried before it is set aside"),
  backoff: z
    .number()
    .positive()
    .max(600)
    .default(2)
    .describe("before the second attempt; doubled before each further one, with jitter")
    .meta(seconds),
  mostWait: z
    .number()
    .positive()
    .max(86400)
    .default(300)
    .describe("that is waited at once; where the service asks for more, it ends, to be gone on with later")
    .meta(seconds),
  timeout: z
    .number()
    .positive()
    .max(3600)
    .default(60)
    .describe("for an answer, its body included")
    .meta(seconds),
  seed: z.number().int().min(0).default(0).describe("seed of the jitter"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe("another server that answers as the service does: a mirror, a cache (none: the service)"),
});

export type FetchConfig = z.output<typeof fetchConfig>;
export type FetchOptions = z.input<typeof fetchConfig>;
