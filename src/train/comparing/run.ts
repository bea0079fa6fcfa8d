/** A comparison's runs, trained side by side: what stands already is checked and kept, what fails stops no other. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { interrupted, safePoint } from "../../foundation/interrupt.ts";
import { pool } from "../../foundation/pool.ts";
import { Checkpoints } from "../checkpoint.ts";
import { MODEL_FILE } from "../model.ts";
import { CONFIG_FILE, readRunConfig, refuseOtherInputs, refuseOtherValues } from "../run.ts";
import { isTrained, trainRun } from "../runs/folder.ts";
import type { TrainByFile } from "../runs/process.ts";
import { openSession } from "../session.ts";
import type { PlannedRun } from "./plan.ts";

/** Why runs failed, by name; those that are trained have none. */
export type Failures = ReadonlyMap<string, string>;

/**
 * Refuses runs that stand in their folders and were trained otherwise than they are planned now.
 *
 * @throws ArcletError naming the folder and the first key that differs, or the dataset that is another one now
 */
export function refuseChanged(runs: readonly PlannedRun[]): void {
  for (const { folder, config, origin } of runs) {
    if (!existsSync(join(folder, CONFIG_FILE))) continue;
    const was = readRunConfig(folder);
    refuseOtherValues(folder, was, config, origin);
    refuseOtherInputs(folder, was, {
      source: inputOf(config.source),
      ...(config.target === null ? {} : { target: inputOf(config.target) }),
    });
  }
}

/**
 * Builds each encoder once, where one of its runs is still to be trained: what it can't be built of, and datasets that
 * don't fit it, are refused before anything runs.
 *
 * @throws ArcletError as training would
 */
export async function checkEncoders(runs: readonly PlannedRun[]): Promise<void> {
  const seen = new Set<string>();
  for (const { encoder, folder, from, config, origin } of runs) {
    // What others start from has all the encoder's settings.
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
 * Trains all runs that are not trained yet. Of one that is, models and logs stay, and checkpoints with `keep: all`.
 *
 * @param jobs runs at a time
 * @param tell told of each run that ends or stands, and why it failed; the run keeps its place until it has answered
 * @throws ArcletError as `refuseChanged`; Interrupted at the user's wish, with all that is done kept
 */
export async function trainAll(
  runs: readonly PlannedRun[],
  { out, jobs, trainByFile }: { out: string; jobs: number; trainByFile: TrainByFile },
  tell: (run: PlannedRun, reason: string, stood: boolean) => Promise<void> | void,
): Promise<Failures> {
  refuseChanged(runs);
  const reasons = new Map<string, string>();
  const one = async (run: PlannedRun) => {
    const stood = isTrained(run.folder);
    const reason = startFailed(run, reasons) || (await trainRun(out, run.name, run.values, trainByFile));
    if (interrupted() && !isTrained(run.folder)) return;
    // Hundreds of runs would fill a disk with what only a run under way needs.
    if (reason === "" && run.config.keep === "chosen") new Checkpoints(run.folder).prune([]);
    reasons.set(run.name, reason);
    await tell(run, reason, stood);
  };
  const planned = new Set(runs.map(({ name }) => name));
  await pool(runs, jobs, one, ({ from }) => from === null || !planned.has(from) || reasons.has(from));
  await safePoint(`${out} holds what is done; go on with the same command`);
  return new Map([...reasons].filter(([, reason]) => reason !== ""));
}

/** Why a run can't start from its start, or does not stand on it any more; empty where it can. */
function startFailed({ from, folder, config }: PlannedRun, reasons: ReadonlyMap<string, string>): string {
  if (from === null) return "";
  if (reasons.get(from)) return `starts from ${from}, which failed`;
  if (!existsSync(join(folder, CONFIG_FILE))) return "";
  try {
    const start = config.from!;
    const contentHash = fileHash(join(start, MODEL_FILE));
    refuseOtherInputs(folder, readRunConfig(folder), { from: { path: start, name: "model", contentHash } });
    return "";
  } catch (error) {
    if (error instanceof ArcletError) return error.message;
    throw error;
  }
}
