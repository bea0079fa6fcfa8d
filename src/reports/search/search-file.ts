/** `search.yaml`: the file in a search's folder that says what the search is made of. */
import { existsSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import {
  GRADER_ERRORS_FORMS,
  type GraderErrors,
  parseGraderErrors,
} from "../../evaluate/designed-sample/grader-errors.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { list, seed, text, texts } from "../../foundation/field.ts";
import { readYaml } from "../../foundation/yaml.ts";
import { finderNames } from "../../train/finders/finders.ts";

const SEARCH_FILE = "search.yaml";

const optional = (what: string) => text(what, { default: null });

/** Paths are relative to the search's folder. */
const searchSchema = z.strictObject({
  name: optional("the search's name, for its page (none: the folder's)"),
  scores: text("the survey's score table, one row an image, as arclet score writes it"),
  finders: texts("what made the scores: run folders, model files, or finders that come along", {
    least: 0,
    default: [],
  }),
  dataset: optional("the dataset that was scored"),
  combination: optional("the folder that arclet combine wrote, whose probability then orders the list"),
  sample: optional("the sample that arclet select drew of the scores, with its design beside it"),
  grades: optional("a table of grades, by id"),
  positives: optional("which of its rows are lenses, e.g. 'grade >= 2'"),
  graderErrors: optional(`how graders err: ${GRADER_ERRORS_FORMS} (none: not corrected)`),
  thresholds: list(z.number(), "scores from which a row is selected (none: where strata end)", {
    default: null,
  }),
  tops: list(z.number().int().min(1), "thresholds that select the N highest scores, for these N", {
    default: null,
  }),
  selection: optional("the folder that arclet selection wrote"),
  seed: seed(),
});

type Values = z.output<typeof searchSchema>;

/** A search, its paths as they can be opened. */
export interface Search extends Omit<Values, "name" | "grades" | "positives" | "graderErrors"> {
  readonly name: string;
  /** The folder's `search.yaml`. */
  readonly file: string;
  readonly grades: { readonly path: string; readonly positives: string } | null;
  readonly graderErrors: GraderErrors | "decoys" | null;
}

/** @throws ArcletError naming the file, its line, and what is wrong; also for a part that is not there */
export function readSearch(folder: string): Search {
  const file = join(folder, SEARCH_FILE);
  if (!existsSync(file))
    throw new ArcletError({
      where: file,
      code: "absent",
      problem: "is not there, so nothing says what the search is made of",
      fix: "write it: scores, and what else there is of dataset, finders, sample, grades and positives",
    });
  const yaml = readYaml(file);
  const values = checked(file, searchSchema, yaml.values, { whole: "the search", lineOf: yaml.lineOf });
  const at = (field: string) => ({ where: file, line: yaml.lineOf([field]) });
  refuseUnmatched(values, at);
  const placed = (field: keyof Values, path: string): string => {
    const found = isAbsolute(path) ? path : join(folder, path);
    if (!existsSync(found)) refuse(at(field), field, `a file or folder that is there, from ${folder}`, path);
    return found;
  };
  const maybe = (field: keyof Values) => {
    const path = values[field] as string | null;
    return path === null ? null : placed(field, path);
  };
  const { name, grades, positives, graderErrors } = values;
  return {
    ...values,
    file,
    name: name ?? basename(resolve(folder)),
    scores: placed("scores", values.scores),
    finders: values.finders.map((one) =>
      finderNames().includes(one) && !existsSync(join(folder, one)) ? one : placed("finders", one),
    ),
    dataset: maybe("dataset"),
    combination: maybe("combination"),
    sample: maybe("sample"),
    selection: maybe("selection"),
    grades: grades === null ? null : { path: placed("grades", grades), positives: positives! },
    graderErrors: graderErrors === null ? null : parseGraderErrors(file, graderErrors),
  };
}

/** @throws ArcletError for a setting without what it is about: it would be passed over in silence */
function refuseUnmatched(values: Values, at: (field: string) => { where: string; line: number | undefined }) {
  const { grades, positives, sample, thresholds, tops, graderErrors } = values;
  if (grades !== null && positives === null)
    refuse(at("grades"), "positives", "given with grades, e.g. 'grade >= 2'", null);
  if (grades === null && positives !== null)
    refuse(at("positives"), "positives", "given only with grades", positives);
  for (const [field, value] of Object.entries({ thresholds, tops, graderErrors }))
    if (value !== null && (sample === null || grades === null))
      refuse(at(field), field, "given only with a sample and its grades", value);
}
