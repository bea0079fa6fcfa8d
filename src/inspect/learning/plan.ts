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
  /** Of `arclet probe`, which then learns in place of `arclet train`. */
  probe: settings.nullable().default(null),
  /** Of `arclet score`. */
  score: settings.default({}),
});
export type RetrainSettings = z.output<typeof retrainFile>;

/**
 * Without a source a probe, whose mean with the finder found most on real sky (docs/results/real-sky.md, "With grades"). With
 * one a training, which gained less there: the classifier and the head alone, at a high rate, for 15 epochs of batches of 64.
 * A fifth is held to choose the epoch by, once that leaves the five of
 * each class that the validator needs.
 */
function usualSettings(source: string | null, { lenses, others }: GradeCounts): RetrainSettings {
  if (source === null) return { train: {}, probe: {}, score: {} };
  const held = Math.min(lenses, others) >= 25 ? { gradedHeld: 0.2 } : {};
  const fineTune = { epochs: 15, lr: 2e-3, trainLast: 0 };
  return { train: { method: "fine-tune", fineTune, gradedBatch: 64, ...held }, probe: null, score: {} };
}

/** Graded objects of either class. */
export interface GradeCounts {
  readonly lenses: number;
  readonly others: number;
}

/** @throws ArcletError naming the line of a key that there is not */
export function readRetrainSettings(path: string): RetrainSettings {
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
  /** The labelled source that training needs; null for a probe. */
  readonly source: string | null;
  /** A run, model or finder to start from. */
  readonly finder: string;
  readonly settings: RetrainSettings;
  /** Grades that are lenses. */
  readonly lensGrades: readonly string[];
}

/** How to learn: settings may be left to what is graded. */
export type Wish = Omit<Plan, "settings"> & { readonly settings: RetrainSettings | null };

export const planOf = (wish: Wish, counts: GradeCounts): Plan => ({
  ...wish,
  settings: wish.settings ?? usualSettings(wish.source, counts),
});

export const GRADES_FILE = "grades.csv";
const TRAIN_FILE = "train.yaml";
const PROBE_FILE = "probe.yaml";
const SCORE_FILE = "score.yaml";
export const SCORES_FILE = "scores.csv";
export const RUN_FOLDER = "run";

/** Files of settings, by name. */
export function settingsFiles({ settings }: Plan): Record<string, string> {
  const { train, probe } = settings;
  const files: Record<string, string> =
    probe === null ? { [TRAIN_FILE]: stringify(train) } : { [PROBE_FILE]: stringify(probe) };
  if (Object.keys(settings.score).length > 0) files[SCORE_FILE] = stringify(settings.score);
  return files;
}

/**
 * The words of `arclet train` or `arclet probe`, and of `arclet score`, in their order.
 *
 * @param folder of the round, with its grades and settings
 * @param out where the run and the scores are written
 * @param precision that a training has taken by timing both, so that it takes the same again; null before, and of a probe
 */
export function commandsOf(
  plan: Plan,
  folder: string,
  { out = folder, precision = null }: { out?: string; precision?: string | null } = {},
): string[][] {
  const { dataset, source, finder, settings, lensGrades } = plan;
  const run = join(out, RUN_FOLDER);
  const lenses = lensGrades.map((grade) => `'${grade}'`).join(", ");
  const graded = ["--graded", join(folder, GRADES_FILE)];
  const meaning = ["--graded-positives", `grade IN (${lenses})`, "--graded-negatives", "grade = 'X'"];
  const probes = settings.probe !== null;
  const learn = probes
    ? ["probe", dataset, finder, "--config", join(folder, PROBE_FILE)]
    : ["train", source!, dataset, "--config", join(folder, TRAIN_FILE), "--from", finder];
  // A probe knows the graded rows' like, its finder all others: their mean ranks both.
  const score = ["score", dataset, ...(probes ? [finder] : []), run, "--out", join(out, SCORES_FILE)];
  const scoring = Object.keys(settings.score).length > 0 ? ["--config", join(folder, SCORE_FILE)] : [];
  return [
    [
      ...learn,
      ...graded,
      ...meaning,
      ...(precision === null ? [] : ["--precision", precision]),
      "--out",
      run,
    ],
    [...score, ...scoring],
  ];
}
