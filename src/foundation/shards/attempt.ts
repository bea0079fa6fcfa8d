/**
 * One attempt at a shard, in a folder of its own that is renamed to the shard's name when it is whole. Attempts need no lock:
 * two programs that make the same shard, on whatever machines, don't touch each other's files, and the first whole one counts.
 * (A lock would outlive the machine that held it, and nobody on another one can tell whether that is dead or only out of reach.)
 *
 * What an earlier attempt has left is used by copying it, unless its program has said that it stopped: then it is taken over.
 */
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ArcletError, Interrupted } from "../errors.ts";
import { fileError, guarded } from "../files.ts";
import { listed } from "./numbers.ts";
import type { UnitRange } from "./range.ts";
import { nameOf, type ShardFolder } from "./shard-folder.ts";
import { StatusFile } from "./status.ts";

/** Ends the name of an attempt whose program has stopped: it may be taken over. */
const LEFT = ".left";

/** Tells that units were made, now or by an earlier attempt. */
export type Tick = (units: number, kept?: number) => void;

/**
 * @param folder in which files of an earlier attempt at the same shard may lie: they can be resumed, or replaced
 * @param earlier the folders of the shards of earlier rounds, in their order
 */
export type MakeShard = (
  range: UnitRange,
  folder: string,
  tick: Tick,
  earlier: readonly string[],
) => Promise<void>;

/**
 * Makes a shard unless it is there.
 *
 * @throws ArcletError when it can't be made; Interrupted when the user stops it. What was made so far is kept
 */
export async function attempt(
  shards: ShardFolder,
  shard: number,
  make: MakeShard,
  tick: Tick,
): Promise<void> {
  if (shards.isWhole(shard)) return;
  const range = shards.plan.shards[shard - 1]!;
  const status = new StatusFile(shards.status(shard), range.to - range.from);
  const scratch = join(shards.work, `${nameOf(shard)}-${randomUUID()}`);
  try {
    const earlier = earlierOf(shards, shard);
    guarded(shards.path, () => begin(shards.work, shard, scratch));
    const told: Tick = (units, kept = 0) => {
      status.tick(units, kept);
      tick(units, kept);
    };
    await make(range, scratch, told, earlier);
    guarded(shards.path, () => publish(scratch, shards.result(shard)));
  } catch (error) {
    if (!shards.isWhole(shard)) {
      if (existsSync(scratch)) renameSync(scratch, `${scratch}${LEFT}`);
      const known = fileError(shards.path, error);
      const reason = known instanceof ArcletError ? known.message : String(known);
      status.end(known instanceof Interrupted ? "stopped" : "failed", reason);
      throw known;
    }
    // Another program has made it meanwhile, and cleared away what was left of this attempt.
    rmSync(scratch, { recursive: true, force: true });
  }
  status.end("done");
  for (const name of attemptsAt(shards.work, shard))
    rmSync(join(shards.work, name), { recursive: true, force: true });
}

/** @throws ArcletError when a shard of an earlier round is absent */
function earlierOf(shards: ShardFolder, shard: number): string[] {
  const needed = shards.neededBy(shard);
  const absent = needed.filter((one) => !shards.isWhole(one));
  if (absent.length > 0)
    throw new ArcletError({
      where: shards.path,
      code: "absent",
      problem: `shard ${shard} goes on from what shards ${listed(needed)} make, of which ${listed(absent)} are absent`,
      fix: "make these first",
    });
  return needed.map((one) => shards.result(one));
}

const attemptsAt = (work: string, shard: number): string[] =>
  readdirSync(work).filter((name) => name.startsWith(`${nameOf(shard)}-`));

/** Makes the scratch folder, with what earlier attempts have left. */
function begin(work: string, shard: number, scratch: string): void {
  mkdirSync(work, { recursive: true });
  const earlier = attemptsAt(work, shard);
  for (const name of earlier.filter((one) => one.endsWith(LEFT))) {
    try {
      renameSync(join(work, name), scratch); // of several programs one alone succeeds
      return;
    } catch {
      // taken by another, or it has a scratch folder already
    }
  }
  // Its program was killed, or still works: nobody can tell, so its files are copied. Their ends may be torn.
  const most = earlier
    .map((name) => ({ path: join(work, name), bytes: bytesIn(join(work, name)) }))
    .sort((a, b) => b.bytes - a.bytes)[0];
  if (most !== undefined && most.bytes > 0) cpSync(most.path, scratch, { recursive: true });
  else mkdirSync(scratch);
}

function bytesIn(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0; // gone meanwhile
  }
}

/** Gives the folder the shard's name, unless another program was first. */
function publish(scratch: string, result: string): void {
  mkdirSync(dirname(result), { recursive: true });
  try {
    renameSync(scratch, result);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    rmSync(scratch, { recursive: true, force: true });
  }
}
