/** The settings of `arclet survey-from`. */
import { z } from "zod";
import { text, texts } from "../../foundation/field.ts";
import { isSurveyFile } from "../survey-file.ts";

const numbers = (schema: z.ZodNumber) => z.array(schema).min(1).optional();

export const surveyFromConfig = z.strictObject({
  images: texts("FITS images, one per band"),
  out: z
    .string()
    .refine(isSurveyFile, "must be a file that ends in .yaml")
    .nullable()
    .default(null)
    .describe("the survey's file (else printed)"),
  name: text("the survey's name", { default: "measured" }),
  bands: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("the bands, in the files' order (else from FILTER)"),
  zeroPoint: numbers(z.number())
    .describe("AB magnitude of one flux unit (else from the header)")
    .meta({ unit: "mag" }),
  pixelScale: z
    .number()
    .positive()
    .optional()
    .describe("side of a pixel (else from the world coordinates)")
    .meta({ unit: "arcsec" }),
  seeing: numbers(z.number().positive())
    .describe("PSF's full width at half maximum, one per band (else from stars)")
    .meta({ unit: "arcsec" }),
  gain: numbers(z.number().positive()).describe("photons per flux unit, one per band (else from GAIN)"),
  skyBrightness: numbers(z.number())
    .describe("brightness of the sky, one per band, if no gain is known")
    .meta({ unit: "mag/arcsec²" }),
});
