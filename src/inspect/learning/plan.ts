/** How a search learns from its grades: the two command lines of a retraining, and the settings behind them. */
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { atLine, readYaml } from "../../foundation/yaml.ts";

const settings = z.record(z.string(), z.unknown());
const retrainFile = z.strictObject({
  /** Settings of `arclet train`, as its `--config` takes them. */
  train: settings.default({}),
  /** Of `arclet score`. */
  score: settings.default({}),
});
export type RetrainSettings = z.output<typeof retrainFile>;

/**
 * The classifier and the head alone, at a high rate, for 15 epochs of batches of 64: of a few hundred grades of real CFHTLS
 * this made most (docs/results/real-sky.md, "With grades"). A fifth is held out to choose the epoch by.
 */
const DEFAULTS: RetrainSettings = {
  train: {
    method: "fine-tune",
    fineTune: { epochs: 15, lr: 2e-3, trainLast: 0 },
    gradedBatch: 64,
    gradedHeld: 0.2,
  },
  score: {},
};

/** @throws ArcletError naming the line of a key that there is not */
export function readRetrainSettings(path: string | null): RetrainSettings {
  if (path === null) return DEFAULTS;
  const file = readYaml(path);
  try {
    return checked(path, retrainFile, file.values ?? {});
  } catch (error) {
    throw atLine(error, path, file);
  }
}

export interface Plan {
  /** The dataset that is searched, as the user named it. */
  readonly dataset: string;
  /** The labelled source that training needs. */
  readonly source: string;
  /** A run, model or finder to start from. */
  readonly finder: string;
  readonly settings: RetrainSettings;
  /** Grades that are lenses. */
  readonly lensGrades: readonly string[];
}

export const GRADES_FILE = "grades.csv";
const TRAIN_FILE = "train.yaml";
const SCORE_FILE = "score.yaml";
export const SCORES_FILE = "scores.csv";
const RUN_FOLDER = "run";

/** Files of settings, by name. */
export function settingsFiles({ settings }: Plan): Record<string, string> {
  const files: Record<string, string> = { [TRAIN_FILE]: stringify(settings.train) };
  if (Object.keys(settings.score).length > 0) files[SCORE_FILE] = stringify(settings.score);
  return files;
}

/**
 * The words of `arclet train` and `arclet score`, in their order.
 *
 * @param folder of the round, with its grades and settings
 * @param out where the run and the scores are written
 */
export function commandsOf(plan: Plan, folder: string, out = folder): string[][] {
  const { dataset, source, finder, settings, lensGrades } = plan;
  const run = join(out, RUN_FOLDER);
  const lenses = lensGrades.map((grade) => `'${grade}'`).join(", ");
  const graded = ["--graded", join(folder, GRADES_FILE)];
  const meaning = ["--graded-positives", `grade IN (${lenses})`, "--graded-negatives", "grade = 'X'"];
  const train = ["train", source, dataset, "--config", join(folder, TRAIN_FILE), "--from", finder];
  const score = ["score", dataset, run, "--out", join(out, SCORES_FILE)];
  const scoring = Object.keys(settings.score).length > 0 ? ["--config", join(folder, SCORE_FILE)] : [];
  return [
    [...train, ...graded, ...meaning, "--out", run],
    [...score, ...scoring],
  ];
}
