/** Work that divides: planned, made shard by shard, joined. The result has the same bytes however it was divided. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { asTyped } from "../command-line.ts";
import { ArcletError, refuse } from "../errors.ts";
import { guarded, writeFileWhole } from "../files.ts";
import { takeLock } from "../lock.ts";
import { progress } from "../progress.ts";
import { withoutSecrets } from "../secrets.ts";
import { attempt, type MakeShard, type Tick } from "./attempt.ts";
import type { AskedShards } from "./config.ts";
import { listed } from "./numbers.ts";
import { agreedPlan } from "./plan.ts";
import { dividedInto } from "./range.ts";
import { ShardFolder, shardsBeside } from "./shard-folder.ts";

/** What a command says of its work. */
export interface DividedWork {
  readonly command: string;
  /** What the joined shards become: a file or a folder. */
  readonly out: string;
  /** Whether nothing of that name may be there. */
  readonly outIsNew?: boolean;
  /** What the result depends on, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What is read, by name, with what it is recognised by. */
  readonly data: Readonly<Record<string, string>>;
  /** A unit of work, in the plural. */
  readonly unit: string;
  readonly units: number;
  /** Units that stay together, since their results depend on each other's company; 1 by default. */
  readonly block?: number;
  /** The first unit of each round, 0 among them: a round's units need the results of those before it. One round by default. */
  readonly rounds?: readonly number[];
  /** Whether what a stopped attempt at a shard leaves is resumed, so that a shard may take longer than a time limit. */
  readonly resumes?: boolean;
  readonly make: MakeShard;
  /** Joins the shards' folders, in their order, into `out`. @returns what the user should know, one line each */
  merge(results: readonly string[]): Promise<readonly string[]>;
}

/**
 * Agrees on the plan in `<out>.shards`.
 *
 * @param words of the command line, without those about shards
 * @throws ArcletError as `agreedPlan`, or when the shards were joined already
 */
export function planned(work: DividedWork, shards: number, words: readonly string[]): ShardFolder {
  const { command, out, settings, data, unit, units, block = 1, rounds } = work;
  const path = shardsBeside(out);
  if (work.outIsNew) refuseTaken(out);
  const plan = agreedPlan(path, {
    ...{ command, out, unit, units, words: words.map(withoutSecrets), cwd: process.cwd(), data: { ...data } },
    settings: JSON.parse(JSON.stringify(settings)),
    shards: dividedInto({ units, unit, block, ...(rounds && { rounds }) }, shards),
    ...(rounds === undefined || rounds.length === 1 ? {} : { rounds: [...rounds] }),
  });
  const folder = new ShardFolder(path, plan);
  refuseJoined(folder);
  return folder;
}

/** @throws ArcletError when something of that name is there, and it is not what shards are being joined to */
export function refuseTaken(out: string): void {
  if (existsSync(out) && !existsSync(join(shardsBeside(out), JOINING)))
    refuse("write", "folder", "a name that is not taken", out, "conflict");
}

function refuseJoined({ path, plan, merged }: ShardFolder): void {
  if (!existsSync(merged)) return;
  throw new ArcletError({
    where: path,
    code: "conflict",
    problem: `its shards were joined in ${plan.out} already`,
    fix: `remove ${path} to make them again`,
  });
}

/**
 * Makes the shards that are asked for and absent, and joins all if all were asked for.
 *
 * @returns what the user should know, one line each
 * @throws ArcletError when a shard can't be made, or when only joining was asked for and one is absent; Interrupted when the user stops it
 */
export async function makeDivided(
  work: DividedWork,
  { shards, shard, mergeOnly, keepsFolder }: AskedShards,
  words: readonly string[],
): Promise<readonly string[]> {
  clearAway(shardsBeside(work.out));
  const folder = planned(work, shards, words);
  const wanted = mergeOnly ? [] : shard === null ? folder.numbers : [shard];
  const ranges = wanted.map((one) => folder.plan.shards[one - 1]!);
  const units = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const there = wanted
    .filter((one) => folder.isWhole(one))
    .map((one) => folder.plan.shards[one - 1]!)
    .reduce((sum, { from, to }) => sum + to - from, 0);
  if (units > there) await makeAll(work, folder, wanted, progress(work.command, units, work.unit, there));
  if (shard !== null) return [`${folder.path}: shard ${shard} of ${shards} is there`];
  const notes = await joined(work, folder, keepsFolder);
  if (!keepsFolder) clearAway(folder.path);
  return notes;
}

/** Where a folder of shards is put before it is removed: a program killed meanwhile leaves nothing that looks like one. */
const awayFrom = (path: string): string => `${path}.joined`;

const clearAway = (path: string): void =>
  guarded(path, () => rmSync(awayFrom(path), { recursive: true, force: true }));

async function makeAll(
  work: DividedWork,
  folder: ShardFolder,
  wanted: readonly number[],
  bar: ReturnType<typeof progress>,
): Promise<void> {
  const tick: Tick = (made, kept = 0) => {
    if (kept > 0) bar.skip(kept);
    if (made > 0) bar.tick(made);
  };
  try {
    // As if the whole had been typed: files that are made name the command.
    await asTyped(folder.plan.words, async () => {
      for (const shard of wanted) await attempt(folder, shard, work.make, tick);
    });
  } finally {
    bar.done();
  }
}

/** @throws ArcletError naming the absent shards */
async function joined(work: DividedWork, folder: ShardFolder, keeps: boolean): Promise<readonly string[]> {
  const absent = folder.absent();
  const { length: all } = folder.plan.shards;
  if (absent.length > 0)
    throw new ArcletError({
      where: folder.path,
      code: "absent",
      problem: `${absent.length} of ${all} shards are absent (${listed(absent)})`,
      fix: "give the same command without --merge: it makes them, and them alone",
    });
  guarded(work.out, () => mkdirSync(dirname(work.out), { recursive: true }));
  const unlock = takeLock(join(folder.path, "merge.lock"), folder.path);
  try {
    if (existsSync(folder.merged)) return []; // by another program, meanwhile
    const joining = join(folder.path, JOINING);
    // It appears whole: a program that was killed after that has left only the shards.
    if (work.outIsNew && existsSync(joining) && existsSync(work.out))
      return finished(work, folder, keeps, []);
    writeFileWhole(joining, "{}\n");
    const notes = await asTyped(folder.plan.words, () =>
      work.merge(folder.numbers.map((shard) => folder.result(shard))),
    );
    return finished(work, folder, keeps, notes);
  } finally {
    unlock();
  }
}

/** Its shards are gone once a piece of work is joined. */
function finished(
  work: DividedWork,
  folder: ShardFolder,
  keeps: boolean,
  notes: readonly string[],
): readonly string[] {
  if (!keeps) {
    guarded(folder.path, () => renameSync(folder.path, awayFrom(folder.path)));
    return notes;
  }
  writeFileWhole(folder.merged, `${JSON.stringify({ out: work.out, units: work.units })}\n`);
  for (const made of ["results", "work", JOINING])
    rmSync(join(folder.path, made), { recursive: true, force: true });
  return notes;
}

/** Is there while shards are joined, and says so of a result that appears beside it. */
const JOINING = "joining.json";
