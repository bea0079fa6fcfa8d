/** `arclet survey-from`: measures a survey on real frames. */

import { commandLine } from "../foundation/command-line.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { surveyFromConfig } from "../sky/measure/config.ts";
import { surveyOf } from "../sky/measure/survey-of.ts";
import { checkedSurvey, surveyYaml } from "../sky/survey-file.ts";
import { command } from "./command.ts";

export const surveyFrom = command({
  details:
    "Takes one file for each band. Measured are the pixel scale (world coordinates), the zero point (header), the sky's " +
    "noise with sources masked and its correlation between neighbouring pixels, the seeing and the PSF's wings (stars), the " +
    "photons in a flux unit (GAIN), and saturation. Nothing is guessed: an error names the flag for what can't be measured.",
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
