/** `arclet surveys`: lists or prints the surveys that Arclet knows. */
import { z } from "zod";
import { text } from "../foundation/field.ts";
import { depthOf } from "../sky/depth.ts";
import type { Survey } from "../sky/survey.ts";
import { surveyYaml } from "../sky/survey-file.ts";
import { surveys as known, surveyNamed } from "../sky/surveys/registry.ts";
import { columnsText } from "./columns.ts";
import { command } from "./command.ts";

export const surveys = command({
  details:
    "Without a name: one line for each survey. With a name or a survey file: its YAML, to start your own survey from. A " +
    "path that ends in .yaml can be given wherever a survey's name is. Seeing is the full width at half maximum of stars " +
    "in its images, arcsec. Depth is the magnitude at which a star's flux, weighted by the PSF, is 5 times its noise.",
  schema: z.strictObject({
    name: text("a survey's name, or its file (none: all of them)", { default: null }),
  }),
  positionals: ["name"],
  example: "arclet surveys cfhtls",
  run({ name }) {
    if (name !== null) process.stdout.write(yamlOf(surveyNamed(name)));
    else process.stdout.write(columnsText([HEAD, ...known.list.map(rowOf)]));
  },
});

const yamlOf = (survey: Survey) => surveyYaml(survey, `${survey.title}\nSource: ${survey.source}`);

const HEAD = ["name", "bands", "pixels", "seeing", "depth", "source"];

function rowOf(survey: Survey): string[] {
  const per = (value: (band: Survey["bands"][number]) => string) => survey.bands.map(value).join(" ");
  return [
    survey.name,
    per((band) => band.name),
    `${survey.pixelScale}"`,
    `${per((band) => band.seeing.toFixed(2))}`,
    per((band) => depthOf(survey, band).toFixed(1)),
    `${survey.title}: ${survey.source}`,
  ];
}
