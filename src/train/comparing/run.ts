/** A comparison's runs, trained in parallel: trained ones are checked and kept, and a failure stops no other. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { interrupted, safePoint } from "../../foundation/interrupt.ts";
import { pool } from "../../foundation/pool.ts";
import { Checkpoints } from "../checkpoint.ts";
import { MODEL_FILE } from "../model.ts";
import {
  CONFIG_FILE,
  readRunConfig,
  refuseOtherInputs,
  refuseOtherPlugins,
  refuseOtherValues,
} from "../run.ts";
import { isTrained, trainRun } from "../runs/folder.ts";
import type { TrainByFile } from "../runs/process.ts";
import { openSession } from "../session.ts";
import type { PlannedRun } from "./plan.ts";

/** Why runs failed, by name; trained runs are left out. */
export type Failures = ReadonlyMap<string, string>;

/**
 * Refuses runs that exist with other settings or datasets than planned.
 *
 * @throws ArcletError naming the folder and the first key or dataset that differs
 */
export function refuseChanged(runs: readonly PlannedRun[]): void {
  for (const { folder, config, origin } of runs) {
    if (!existsSync(join(folder, CONFIG_FILE))) continue;
    const before = readRunConfig(folder);
    refuseOtherPlugins(folder, before);
    refuseOtherValues(folder, before, config, origin);
    refuseOtherInputs(folder, before.inputs, {
      source: inputOf(config.source),
      also: (config.also ?? []).map(inputOf),
      ...(config.target === null ? {} : { target: inputOf(config.target) }),
    });
  }
}

/**
 * Builds each encoder once, unless all its runs are trained: settings that it can't be built with, and datasets that don't
 * fit it, are refused before anything runs.
 *
 * @throws ArcletError as training would
 */
export async function checkEncoders(runs: readonly PlannedRun[]): Promise<void> {
  const seen = new Set<string>();
  for (const { encoder, folder, from, config, origin } of runs) {
    // The run that others start from has all the encoder's settings.
    if (seen.has(encoder) || from !== null || isTrained(folder)) continue;
    seen.add(encoder);
    const session = await openSession({ ...config, from: null }, origin);
    session.dispose();
  }
}

function inputOf(path: string) {
  const { name, contentHash } = readInfo(join(path, INFO_FILE));
  return { path, name, contentHash };
}

/**
 * Trains all runs that are not trained yet. A trained run keeps its models and logs, and its checkpoints with `keep: all`.
 *
 * @param jobs runs at a time
 * @param report called with each run that ends or was trained before, and why it failed; counts towards `jobs` until it
 *   resolves
 * @throws ArcletError as `refuseChanged`; Interrupted when the user stops it, with all finished runs kept
 */
export async function trainAll(
  runs: readonly PlannedRun[],
  { out, jobs, trainByFile }: { out: string; jobs: number; trainByFile: TrainByFile },
  report: (run: PlannedRun, reason: string, trained: boolean) => Promise<void> | void,
): Promise<Failures> {
  refuseChanged(runs);
  const reasons = new Map<string, string>();
  const trainPlanned = async (run: PlannedRun) => {
    const trained = isTrained(run.folder);
    const reason = startFailed(run, reasons) || (await trainRun(out, run.name, run.values, trainByFile));
    if (interrupted() && !isTrained(run.folder)) return;
    // Hundreds of runs would fill a disk with checkpoints, which only an unfinished run needs.
    if (reason === "" && run.config.keep === "chosen") new Checkpoints(run.folder).prune([]);
    reasons.set(run.name, reason);
    await report(run, reason, trained);
  };
  const planned = new Set(runs.map(({ name }) => name));
  await pool(
    runs,
    jobs,
    trainPlanned,
    ({ from }) => from === null || !planned.has(from) || reasons.has(from),
  );
  await safePoint(`${out} holds the finished runs; the same command continues`);
  return new Map([...reasons].filter(([, reason]) => reason !== ""));
}

/** Why a run can't start from its starting run, or no longer matches it; empty if all is well. */
function startFailed({ from, folder, config }: PlannedRun, reasons: ReadonlyMap<string, string>): string {
  if (from === null) return "";
  if (reasons.get(from)) return `starts from ${from}, which failed`;
  if (!existsSync(join(folder, CONFIG_FILE))) return "";
  try {
    const start = config.from!;
    const contentHash = fileHash(join(start, MODEL_FILE));
    refuseOtherInputs(folder, readRunConfig(folder).inputs, {
      from: { path: start, name: "model", contentHash },
    });
    return "";
  } catch (error) {
    if (error instanceof ArcletError) return error.message;
    throw error;
  }
}
