/** A survey as a YAML file. Errors name file, field and range; a comment says where written numbers come from. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { Document } from "yaml";
import { checked } from "../foundation/errors/zod-errors.ts";
import { refuse } from "../foundation/errors.ts";
import { atLine, flowLists, readYaml } from "../foundation/yaml.ts";
import { type Survey, surveySchema } from "./survey.ts";

/** Whether a survey's name is a file's path. */
export const isSurveyFile = (name: string): boolean => /\.ya?ml$/i.test(name);

/**
 * Reads a survey's file. Paths in it are relative to its folder.
 *
 * @throws ArcletError naming the file and the field: not YAML, unknown keys (with the nearest known one), wrong values
 */
export function readSurvey(path: string): Survey {
  const file = readYaml(path);
  try {
    return checkedSurvey(file.values, path);
  } catch (error) {
    throw atLine(error, path, file);
  }
}

/** A survey from plain values. @param where the file, for errors; paths of PSFs are relative to its folder */
export function checkedSurvey(values: unknown, where: string): Survey {
  const survey = checked(where, surveySchema, values, { whole: "the survey" });
  const names = survey.bands.map((band) => band.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(where, ["bands"], "unique by name", twice);
  for (const band of survey.display.bands)
    if (!names.includes(band))
      refuse(where, ["display", "bands"], `from the survey's bands (${names.join(", ")})`, band);
  if (survey.display.scales.length !== survey.display.bands.length)
    refuse(
      where,
      ["display", "scales"],
      `one per display band (${survey.display.bands.length})`,
      survey.display.scales,
    );
  if (Array.isArray(survey.noiseCorrelation)) {
    const [first] = survey.noiseCorrelation;
    if (first![0] !== 1) refuse(where, ["noiseCorrelation", 0, 0], "1", first![0]);
    if (survey.noiseCorrelation.some((row) => row.length !== first!.length))
      refuse(where, ["noiseCorrelation"], "rows of equal length", survey.noiseCorrelation);
  }
  const folder = dirname(where);
  for (const [i, { psf }] of survey.bands.entries()) {
    if (psf?.kind !== "image") continue;
    psf.files = psf.files.map((file) => (isAbsolute(file) ? file : join(folder, file)));
    const missing = psf.files.find((file) => !existsSync(file));
    if (missing !== undefined) refuse(where, ["bands", i, "psf", "files"], "files that exist", missing);
  }
  return survey;
}

/** The text of a survey's file, with a comment at its top. */
export function surveyYaml(survey: Survey, comment = ""): string {
  const document = new Document(survey);
  flowLists(document);
  if (comment !== "") document.commentBefore = comment.replace(/^/gm, " ");
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}
