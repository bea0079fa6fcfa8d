/** Tuning of a method's settings: trials in separate folders, run in parallel, judged without target labels. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ArcletError, type ErrorCode } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { interrupted, safePoint } from "../../foundation/interrupt.ts";
import { loadedPlugins } from "../../foundation/plugins.ts";
import { pool } from "../../foundation/pool.ts";
import type { TrainByFile } from "../runs/process.ts";
import { best } from "./halving.ts";
import {
  refuseOthersFailure,
  runTrial,
  TRIALS_FILE,
  type Trial,
  type TuningPlan,
  trialsCsv,
} from "./trial.ts";

const PLAN_FILE = "tuning.json";

/**
 * Tunes, or resumes in the same folder: a trained trial is not trained again.
 *
 * @param report called with each trial that ends
 * @param codes of the errors of runs that failed, by their configuration's file, as `trainInProcess` tells them; null if none are known: then every failure is the trial's own
 * @returns all trials, the last rung's best first
 * @throws ArcletError for a folder that holds another tuning; Interrupted when the user stops it, with all finished trials kept
 */
export async function tune(
  plan: TuningPlan,
  trainByFile: TrainByFile,
  report: (trial: Trial) => void,
  codes: ReadonlyMap<string, ErrorCode | undefined> | null = null,
): Promise<Trial[]> {
  claim(plan);
  const done: Trial[] = [];
  let running = Array.from({ length: plan.rungs[0]!.trials }, (_, trial) => trial);
  for (const [r, { epochs }] of plan.rungs.entries()) {
    const scores = new Map<number, number | null>();
    await pool(running, plan.jobs, async (trial) => {
      const result = await runTrial(plan, trainByFile, trial, r, epochs);
      if (interrupted() && result.score === null) return;
      if (codes !== null) refuseOthersFailure(plan, result, codes);
      scores.set(trial, result.score);
      done.push(result);
      writeFileWhole(join(plan.out, TRIALS_FILE), trialsCsv(plan, done));
      report(result);
    });
    await safePoint(`${plan.out} holds the finished trials; the same command resumes the tuning`);
    const next = plan.rungs[r + 1];
    running = best(scores, next?.trials ?? 1);
    if (running.length === 0) throw allFailed(plan.out);
  }
  return byScore(done);
}

/** The last rung's best first. */
export const byScore = (trials: readonly Trial[]): Trial[] =>
  [...trials].sort(
    (a, b) =>
      b.rung - a.rung || (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY),
  );

export const allFailed = (out: string): ArcletError =>
  new ArcletError({
    where: "tune",
    code: "failed",
    problem: `every trial failed (${join(out, TRIALS_FILE)})`,
  });

/** Makes the folder, or refuses one that holds another tuning. */
export function claim({ out, jobs: _, ...plan }: TuningPlan): void {
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
