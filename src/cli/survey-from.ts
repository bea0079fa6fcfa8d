/** `arclet survey-from`: a survey measured on real frames. */
import { z } from "zod";
import { writeFileWhole } from "../foundation/files.ts";
import { line } from "../reports/provenance.ts";
import { surveyOf } from "../sky/measure/survey-of.ts";
import { checkedSurvey, isSurveyFile, surveyYaml } from "../sky/survey-file.ts";
import { command } from "./command.ts";

const numbers = (schema: z.ZodNumber) => z.array(schema).min(1).optional();

export const surveyFrom = command({
  details:
    "One file a band. Measured: the pixel scale (world coordinates), the zero point (header), the sky's noise with " +
    "sources masked and how neighbouring pixels share it, the seeing and the PSF's wings (stars), the photons behind a " +
    "flux unit (GAIN), saturation. What a frame can't tell is asked for by its flag; nothing is guessed.",
  schema: z.strictObject({
    images: z.array(z.string().min(1)).min(1).describe("FITS images, one a band"),
    out: z
      .string()
      .refine(isSurveyFile, "a file that ends in .yaml")
      .nullable()
      .default(null)
      .describe("the survey's file (none: print it)"),
    name: z.string().min(1).default("measured").describe("the survey's name"),
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
  }),
  positionals: ["images"],
  example:
    "arclet survey-from field_g.fits field_r.fits field_i.fits --bands g,r,i --zero-point 30 --out mine.yaml",
  run({ images, out, ...given }) {
    const { survey, provenance } = surveyOf(images, given);
    checkedSurvey(structuredClone(survey), out ?? "survey-from");
    const text = surveyYaml(survey, [line(process.argv.slice(2)), ...provenance].join("\n"));
    if (out === null) process.stdout.write(text);
    else {
      writeFileWhole(out, text);
      console.log(
        [...provenance, `${out}: ${survey.bands.length} bands, ${survey.pixelScale} arcsec a pixel`].join(
          "\n",
        ),
      );
    }
  },
});
