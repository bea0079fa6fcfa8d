/** `arclet survey-from`: a survey measured on real frames. */

import { commandLine } from "../foundation/command-line.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { surveyFromConfig } from "../sky/measure/config.ts";
import { surveyOf } from "../sky/measure/survey-of.ts";
import { checkedSurvey, surveyYaml } from "../sky/survey-file.ts";
import { command } from "./command.ts";

export const surveyFrom = command({
  details:
    "One file a band. Measured: the pixel scale (world coordinates), the zero point (header), the sky's noise with " +
    "sources masked and how neighbouring pixels share it, the seeing and the PSF's wings (stars), the photons behind a " +
    "flux unit (GAIN), saturation. What a frame can't tell is asked for by its flag; nothing is guessed.",
  schema: surveyFromConfig,
  positionals: ["images"],
  example:
    "arclet survey-from field_g.fits field_r.fits field_i.fits --bands g,r,i --zero-point 30 --out mine.yaml",
  run({ images, out, ...given }) {
    const { survey, provenance } = surveyOf(images, given);
    checkedSurvey(structuredClone(survey), out ?? "survey-from");
    const text = surveyYaml(survey, [commandLine(), ...provenance].join("\n"));
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
