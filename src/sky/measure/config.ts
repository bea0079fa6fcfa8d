/** What `arclet survey-from` asks for. */
import { z } from "zod";
import { text, texts } from "../../foundation/field.ts";
import { isSurveyFile } from "../survey-file.ts";

const numbers = (schema: z.ZodNumber) => z.array(schema).min(1).optional();

export const surveyFromConfig = z.strictObject({
  images: texts("FITS images, one a band"),
  out: z
    .string()
    .refine(isSurveyFile, "must be a file that ends in .yaml")
    .nullable()
    .default(null)
    .describe("the survey's file (none: print it)"),
  name: text("the survey's name", { default: "measured" }),
  bands: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("the bands, in the files' order (else FILTER)"),
  zeroPoint: numbers(z.number())
    .describe("AB magnitude of one flux unit (else the header's)")
    .meta({ unit: "mag" }),
  pixelScale: z
    .number()
    .positive()
    .optional()
    .describe("side of a pixel (else by the world coordinates)")
    .meta({ unit: "arcsec" }),
  seeing: numbers(z.number().positive())
    .describe("PSF's full width at half maximum, a number a band (else of stars)")
    .meta({ unit: "arcsec" }),
  gain: numbers(z.number().positive()).describe("photons behind a flux unit, a number a band (else GAIN)"),
  skyBrightness: numbers(z.number())
    .describe("the sky's, a number a band: where no gain is known")
    .meta({ unit: "mag/arcsec²" }),
});
