/** Tuning of a method's settings: trials in separate folders, run in parallel, judged without target labels. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { csvText } from "../../foundation/csv.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import { interrupted, safePoint } from "../../foundation/interrupt.ts";
import { loadedPlugins } from "../../foundation/plugins.ts";
import { pool } from "../../foundation/pool.ts";
import { textKey } from "../../foundation/random.ts";
import { chosenEpoch, readRecords } from "../log.ts";
import { readRunConfig } from "../run.ts";
import { trainRun, valuesFile } from "../runs/folder.ts";
import type { TrainByFile } from "../runs/process.ts";
import { best, type Rung } from "./halving.ts";
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

const PLAN_FILE = "tuning.json";
export const TRIALS_FILE = "trials.csv";

/**
 * Tunes, or resumes in the same folder: a trained trial is not trained again.
 *
 * @param report called with each trial that ends
 * @returns all trials, the last rung's best first
 * @throws ArcletError for a folder that holds another tuning; Interrupted when the user stops it, with all finished trials kept
 */
export async function tune(
  plan: TuningPlan,
  trainByFile: TrainByFile,
  report: (trial: Trial) => void,
): Promise<Trial[]> {
  claim(plan);
  const done: Trial[] = [];
  let running = Array.from({ length: plan.rungs[0]!.trials }, (_, trial) => trial);
  for (const [r, { epochs }] of plan.rungs.entries()) {
    const scores = new Map<number, number | null>();
    await pool(running, plan.jobs, async (trial) => {
      const result = await runTrial(plan, trainByFile, trial, r, epochs);
      if (interrupted() && result.score === null) return;
      scores.set(trial, result.score);
      done.push(result);
      writeFileWhole(join(plan.out, TRIALS_FILE), trialsCsv(plan, done));
      report(result);
    });
    await safePoint(`${plan.out} holds the finished trials; the same command resumes the tuning`);
    const next = plan.rungs[r + 1];
    running = best(scores, next?.trials ?? 1);
    if (running.length === 0)
      throw new ArcletError({
        where: "tune",
        code: "failed",
        problem: `every trial failed (${join(plan.out, TRIALS_FILE)})`,
      });
  }
  return done.sort(
    (a, b) =>
      b.rung - a.rung || (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY),
  );
}

/** Refuses a folder that holds another tuning. */
function claim({ out, jobs: _, ...plan }: TuningPlan): void {
  mkdirSync(out, { recursive: true });
  const path = join(out, PLAN_FILE);
  const plugins = loadedPlugins();
  // Left out if there are none, as in the folders of older versions.
  const all = plugins.length === 0 ? plan : { ...plan, plugins };
  const text = `${JSON.stringify(all, null, 2)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") !== text)
    throw new ArcletError({
      where: out,
      code: "conflict",
      problem: `holds a tuning with other settings (${PLAN_FILE})`,
      fix: "give another --out",
    });
  writeFileWhole(path, text);
}

async function runTrial(
  plan: TuningPlan,
  trainByFile: TrainByFile,
  trial: number,
  rung: number,
  epochs: number,
): Promise<Trial> {
  const { out, method, encoder, shared, ranges, budget, select, seed } = plan;
  const name = `trial-${String(trial).padStart(3, "0")}-epochs-${epochs}`;
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

/** One line per trial, in the order of rungs and trials. */
function trialsCsv({ ranges, select }: TuningPlan, trials: readonly Trial[]): string {
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
export function bestValues({ out }: TuningPlan, { folder }: Trial): Record<string, unknown> {
  const file = valuesFile(out, basename(folder));
  const values = checked(file, z.record(z.string(), z.json()), readJson(file), { code: "broken" });
  const { out: _, ...rest } = values;
  return rest;
}
