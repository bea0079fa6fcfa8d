/**
 * Tuning in shards. A rung's trials don't depend on each other, but a rung begins once the one before it has chosen among
 * its trials: each rung is a round. A shard has places of a rung; who stands on them follows from the scores before.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import type { ErrorCode } from "../../foundation/errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import { interrupted, safePoint } from "../../foundation/interrupt.ts";
import { loadedPlugins } from "../../foundation/plugins.ts";
import { pool } from "../../foundation/pool.ts";
import type { Tick } from "../../foundation/shards/attempt.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import type { UnitRange } from "../../foundation/shards/range.ts";
import { MODEL_FILE } from "../model.ts";
import { trainInProcess } from "../runs/process.ts";
import { runsAtOnce, threadsPlanned } from "../runs/threads.ts";
import { best } from "./halving.ts";
import {
  refuseOthersFailure,
  runTrial,
  TRIALS_FILE,
  type Trial,
  type TuningPlan,
  trialsCsv,
} from "./trial.ts";
import { allFailed, byScore, claim } from "./tune.ts";

const trials = z.array(
  z.strictObject({
    ...{ trial: z.number(), rung: z.number(), epochs: z.number(), folder: z.string(), seconds: z.number() },
    values: z.record(z.string(), z.union([z.string(), z.number()])),
    by: z.string().nullable(),
    score: z.number().nullable(),
    chosen: z.number().nullable(),
    reason: z.string(),
  }),
);

/**
 * @param parallel trials at a time, if that was asked for
 * @param finish writes what the best trial is known by; @returns lines for the user
 */
export function dividedTuning(
  plan: Omit<TuningPlan, "jobs">,
  parallel: number | null,
  finish: (best: Trial) => readonly string[],
): DividedWork {
  const { out, rungs, ...settings } = plan;
  const starts = rungs.map((_, r) => rungs.slice(0, r).reduce((sum, { trials: all }) => sum + all, 0));
  const units = rungs.reduce((sum, { trials: all }) => sum + all, 0);
  const threads = threadsPlanned(out, Number.POSITIVE_INFINITY, parallel);
  const whole = { ...plan, jobs: runsAtOnce(threads, parallel) };
  return {
    ...{ command: "tune", out, unit: "trials", units, rounds: starts, resumes: true },
    settings: { ...settings, rungs, threads },
    data: recognised(plan),
    async make(range, folder, tick, earlier) {
      claim(whole);
      const known = earlier.flatMap(trialsIn);
      const own: Trial[] = [];
      for (const [r, start] of starts.entries()) {
        const { from, to } = within(range, start, rungs[r]!.trials);
        if (from >= to) continue;
        const places = placesOf(plan, r, [...known, ...own]).slice(from, to);
        own.push(...(await trialsOf(whole, places, r, threads, tick)));
        tick(0, to - from - places.length); // places that nobody stands on, since too many trials failed
      }
      writeFileWhole(join(folder, TRIALS_FILE_IN_SHARD), `${JSON.stringify(own)}\n`);
    },
    async merge(results) {
      const all = results.flatMap(trialsIn);
      writeFileWhole(join(out, TRIALS_FILE), trialsCsv(whole, all));
      const [first] = byScore(all);
      if (first === undefined || first.score === null) throw allFailed(out);
      return finish(first);
    },
  };
}

const TRIALS_FILE_IN_SHARD = "trials.json";

function trialsIn(shard: string): Trial[] {
  const path = join(shard, TRIALS_FILE_IN_SHARD);
  return checked(path, trials, readJson(path), { code: "broken" });
}

/** A range's part of a rung, counted from the rung's first place. */
function within({ from, to }: UnitRange, start: number, length: number): UnitRange {
  const inRung = (unit: number) => Math.min(length, Math.max(0, unit - start));
  return { from: inRung(from), to: inRung(to) };
}

/** The trials of a rung, in the order of its places. */
function placesOf({ rungs }: Pick<TuningPlan, "rungs">, rung: number, known: readonly Trial[]): number[] {
  const { trials: most } = rungs[rung]!;
  if (rung === 0) return Array.from({ length: most }, (_, trial) => trial);
  const before = known.filter((one) => one.rung === rung - 1).sort((a, b) => a.trial - b.trial);
  return best(new Map(before.map(({ trial, score }) => [trial, score])), most);
}

async function trialsOf(
  plan: TuningPlan,
  places: readonly number[],
  rung: number,
  threads: number,
  tick: Tick,
): Promise<Trial[]> {
  const { out, jobs, rungs } = plan;
  const { epochs } = rungs[rung]!;
  const codes = new Map<string, ErrorCode | undefined>();
  const train = trainInProcess(threads, undefined, (config, code) => codes.set(config, code));
  const done: Trial[] = [];
  await pool(places, jobs, async (trial) => {
    const result = await runTrial(plan, train, trial, rung, epochs);
    if (interrupted() && result.score === null) return;
    const { score, reason } = result;
    refuseOthersFailure(plan, result, codes);
    console.log(`trial ${trial}, ${epochs} epochs: ${score?.toFixed(4) ?? `failed (${reason})`}`);
    done.push(result);
    tick(1);
  });
  await safePoint(`${out} holds the finished trials; the same command resumes the tuning`);
  return done.sort((a, b) => a.trial - b.trial);
}

/** Datasets by their content; models, tables of grades and plug-ins by their files'. */
function recognised({ shared }: Pick<TuningPlan, "shared">): Record<string, string> {
  const data: Record<string, string> = {};
  for (const value of Object.values(shared).flat()) {
    if (typeof value !== "string") continue;
    if (existsSync(join(value, INFO_FILE))) data[value] = readInfo(join(value, INFO_FILE)).contentHash;
    const file = [value, join(value, MODEL_FILE)].find((path) => existsSync(path) && statSync(path).isFile());
    if (file !== undefined) data[file] = fileHash(file);
  }
  for (const { path, sha256 } of loadedPlugins()) data[`the plug-in ${path}`] = sha256;
  return data;
}
