/** The settings of `arclet survey-from`. */
import { z } from "zod";
import { text, texts } from "../../foundation/field.ts";
import { isSurveyFile } from "../survey-file.ts";

const numbers = (schema: z.ZodNumber) => z.array(schema).min(1).optional();

export const surveyFromConfig = z.strictObject({
  images: texts("FITS images, one for each band"),
  out: z
    .string()
    .refine(isSurveyFile, "must be a file that ends in .yaml")
    .nullable()
    .default(null)
    .describe("the survey's YAML file to write (none: print it)"),
  name: text("the survey's name", { default: "measured" }),
  bands: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("the bands, in the order of the files (none: from FILTER)"),
  zeroPoint: numbers(z.number())
    .describe("AB magnitude of one flux unit (none: from the header)")
    .meta({ unit: "mag" }),
  pixelScale: z
    .number()
    .positive()
    .optional()
    .describe("side of a pixel (none: from the world coordinates)")
    .meta({ unit: "arcsec" }),
  seeing: numbers(z.number().positive())
    .describe("PSF's full width at half maximum, one for each band (none: from stars)")
    .meta({ unit: "arcsec" }),
  gain: numbers(z.number().positive()).describe(
    "photons in a flux unit, one for each band (none: from GAIN)",
  ),
  skyBrightness: numbers(z.number())
    .describe("the sky's surface brightness, one for each band, if no gain is known")
    .meta({ unit: "mag/arcsec²" }),
});
