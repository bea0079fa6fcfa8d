/** A trial of tuning: a run with values of its own, what a validator says of it, and the table of all. */
import { basename, join } from "node:path";
import { z } from "zod";
import { csvText } from "../../foundation/csv.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError, type ErrorCode } from "../../foundation/errors.ts";
import { readJson } from "../../foundation/files.ts";
import { textKey } from "../../foundation/random.ts";
import { chosenEpoch, readRecords } from "../log.ts";
import { readRunConfig } from "../run.ts";
import { trainRun, valuesFile } from "../runs/folder.ts";
import type { TrainByFile } from "../runs/process.ts";
import type { Rung } from "./halving.ts";
import { drawValues, type Range, trialValues, type Values } from "./space.ts";

export interface TuningPlan {
  out: string;
  method: string;
  encoder: string;
  /** Values that all trials share, `source` and `target` among them. */
  shared: Record<string, unknown>;
  ranges: readonly Range[];
  rungs: readonly Rung[];
  /** The key that gets the rungs' epochs. */
  budget: string;
  /** The validator that judges trials; null for the one that training takes by default. */
  select: string | null;
  seed: number;
  /** Runs at a time. */
  jobs: number;
}

export interface Trial {
  trial: number;
  rung: number;
  epochs: number;
  values: Values;
  folder: string;
  /** The validator that judged it; null for a run that failed. */
  by: string | null;
  /** The validator's score of the chosen epoch; null for a run that failed. */
  score: number | null;
  chosen: number | null;
  seconds: number;
  /** Why it failed. */
  reason: string;
}

export const TRIALS_FILE = "trials.csv";

/** Of its folder. */
const trialName = (trial: number, epochs: number): string =>
  `trial-${String(trial).padStart(3, "0")}-epochs-${epochs}`;

/** Trains a trial for so many epochs, unless that is done. */
export async function runTrial(
  plan: TuningPlan,
  trainByFile: TrainByFile,
  trial: number,
  rung: number,
  epochs: number,
): Promise<Trial> {
  const { out, method, encoder, shared, ranges, budget, select, seed } = plan;
  const name = trialName(trial, epochs);
  const folder = join(out, name);
  const values = drawValues(ranges, seed, trial);
  const about = { trial, rung, epochs, values, folder };
  const fixed = {
    ...shared,
    method,
    encoder,
    ...(select === null ? {} : { select }),
    [budget]: epochs,
    seed: textKey(seed, "run"),
    out: folder,
  };
  const reason = await trainRun(out, name, trialValues(method, encoder, fixed, values), trainByFile);
  if (reason !== "") return { ...about, by: null, score: null, chosen: null, seconds: 0, reason };
  const records = readRecords(folder);
  const by = readRunConfig(folder).resolved.select;
  const chosen = chosenEpoch(records, by)!;
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  return { ...about, by, score: chosen.validators[by]!, chosen: chosen.epoch, seconds, reason: "" };
}

/** Errors of a trial's own values. */
const OWN_ERRORS: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>(["failed", "argument"]);

/**
 * A trial that fails by its own values counts as failed. What the machine ends, by a full disk, says nothing of its values.
 *
 * @param codes of the errors of runs that failed, by their configuration's file
 * @throws ArcletError for a trial that its values don't explain
 */
export function refuseOthersFailure(
  { out }: Pick<TuningPlan, "out">,
  { trial, epochs, score, reason }: Trial,
  codes: ReadonlyMap<string, ErrorCode | undefined>,
): void {
  if (score !== null || OWN_ERRORS.has(codes.get(valuesFile(out, trialName(trial, epochs))))) return;
  throw new ArcletError({
    where: `trial ${trial}`,
    code: "failed",
    problem: reason,
    fix: "the same command resumes the tuning",
  });
}

/** One line per trial, in the order of rungs and trials. */
export function trialsCsv({ ranges, select }: TuningPlan, trials: readonly Trial[]): string {
  const keys = ranges.map(({ key }) => key);
  const by = select ?? trials.find((trial) => trial.by !== null)?.by ?? "score";
  const head = ["trial", "rung", "epochs", ...keys, by, "chosen epoch", "seconds", "folder", "reason"];
  const rows = [...trials]
    .sort((a, b) => a.rung - b.rung || a.trial - b.trial)
    .map(({ trial, rung, epochs, values, score, chosen, seconds, folder, reason }) => [
      ...[trial, rung, epochs, ...keys.map((key) => values[key])],
      ...[score, chosen, seconds.toFixed(1), folder, reason],
    ]);
  return csvText([head, ...rows]);
}

/** The best trial's values as a file for `arclet train --config`. */
export function bestValues({ out }: Pick<TuningPlan, "out">, { folder }: Trial): Record<string, unknown> {
  const file = valuesFile(out, basename(folder));
  const values = checked(file, z.record(z.string(), z.json()), readJson(file), { code: "broken" });
  const { out: _, ...rest } = values;
  return rest;
}
