/**
 * A comparison in shards. A shard trains some of the runs, in their own folders, where a stopped one is resumed; joining
 * them scores all and writes the tables. Runs that others start from are made in a round before these.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { gather } from "../../evaluate/comparison/gathering.ts";
import { Scorer, scoreAll } from "../../evaluate/comparison/scorer.ts";
import { openSharedSeal } from "../../evaluate/shared-seal.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { takeLock, whenFree } from "../../foundation/lock.ts";
import { loadedPlugins } from "../../foundation/plugins.ts";
import type { Tick } from "../../foundation/shards/attempt.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { PLAN_FILE } from "../../foundation/shards/plan.ts";
import { shardsBeside } from "../../foundation/shards/shard-folder.ts";
import { provenance } from "../../torch/provenance.ts";
import { type PlannedRun, testedOn } from "../../train/comparing/plan.ts";
import { trainAll } from "../../train/comparing/run.ts";
import type { ComparisonSpec } from "../../train/comparing/spec.ts";
import { specFile, specYaml } from "../../train/comparing/spec-file.ts";
import { trainInProcess } from "../../train/runs/process.ts";
import { runsAtOnce, threadsPlanned } from "../../train/runs/threads.ts";
import { checkComparison } from "./check.ts";

/** @throws ArcletError as `checkComparison`, unless the work is planned already */
export async function dividedComparison(
  spec: ComparisonSpec,
  planned: readonly PlannedRun[],
): Promise<DividedWork> {
  const { out, parallel } = spec;
  const { runs, rounds } = inRounds(planned);
  if (!existsSync(join(shardsBeside(out), PLAN_FILE))) await checkComparison(spec, runs);
  const threads = threadsPlanned(out, runs.length, parallel);
  const { parallel: _, out: __, ...settings } = spec;
  return {
    ...{ command: "compare", out, unit: "runs", units: runs.length, rounds, resumes: true },
    settings: { ...settings, threads },
    data: recognised(spec, runs),
    async make({ from, to }, folder, tick) {
      const own = runs.slice(from, to);
      await trainSome(spec, runs, own, threads, tick);
      writeFileWhole(join(folder, "runs.json"), `${JSON.stringify(own.map(({ name }) => name))}\n`);
    },
    merge: () => tabled(spec, planned),
  };
}

/** The runs in an order of rounds: a round's runs start from those of the rounds before it. */
function inRounds(runs: readonly PlannedRun[]): { runs: PlannedRun[]; rounds: number[] } {
  const roundOf = new Map<string, number>();
  for (const { name, from } of runs) roundOf.set(name, from === null ? 0 : (roundOf.get(from) ?? -1) + 1);
  const ordered = [...runs].sort((a, b) => roundOf.get(a.name)! - roundOf.get(b.name)!);
  const rounds = ordered.flatMap(({ name }, k) =>
    k === 0 || roundOf.get(name) !== roundOf.get(ordered[k - 1]!.name) ? [k] : [],
  );
  return { runs: ordered, rounds };
}

/** Datasets by their content; models, tables of grades and plug-ins by their files'. */
function recognised(spec: ComparisonSpec, runs: readonly PlannedRun[]): Record<string, string> {
  const data: Record<string, string> = {};
  const also = runs.flatMap(({ config }) => config.also ?? []);
  for (const path of new Set([spec.source, spec.target, testedOn(spec), ...also]))
    data[path] = readInfo(join(path, INFO_FILE)).contentHash;
  for (const { config } of runs)
    for (const path of [config.weights, config.graded])
      if (path !== null && existsSync(path)) data[path] = fileHash(path);
  for (const { path, sha256 } of loadedPlugins()) data[`the plug-in ${path}`] = sha256;
  return data;
}

/** @throws ArcletError when one of them fails, once the others have ended; Interrupted */
async function trainSome(
  spec: ComparisonSpec,
  all: readonly PlannedRun[],
  own: readonly PlannedRun[],
  threads: number,
  tick: Tick,
): Promise<void> {
  const { out } = spec;
  mkdirSync(out, { recursive: true });
  writeFileWhole(specFile(out), specYaml(spec));
  // With an oracle, training reads the split's labels: the first shard opens it, for all.
  if (spec.oracle) await whenFree(join(out, "seal.lock"), out, () => opened(spec, all));
  const jobs = runsAtOnce(threads, spec.parallel);
  const failures = await trainAll(
    own,
    { out, jobs, trainByFile: trainInProcess(threads) },
    (run, reason, before) => {
      console.log(`${run.name}: ${reason ? `failed (${reason})` : before ? "trained before" : "trained"}`);
      if (reason === "") tick(before ? 0 : 1, before ? 1 : 0);
    },
  );
  const [first] = failures;
  if (first !== undefined)
    throw new ArcletError({
      where: "compare",
      code: "failed",
      problem: `${failures.size} of the shard's ${own.length} runs failed, first ${first.join(": ")}`,
      fix: "the same command tries them again; without --shards it makes the tables without them",
    });
}

function opened(spec: ComparisonSpec, runs: readonly PlannedRun[]): void {
  openSharedSeal(
    testedOn(spec),
    { command: provenance("compare").command, run: spec.out, split: spec.test.split },
    runs.map(({ name }) => name),
  );
}

/** Scores all runs, and writes the tables. @returns the table and where the page is */
async function tabled(spec: ComparisonSpec, runs: readonly PlannedRun[]): Promise<string[]> {
  const { out } = spec;
  const by = provenance("compare");
  const unlock = takeLock(`${out}.lock`, out);
  try {
    const scorer = await Scorer.open(spec, runs, by.command);
    try {
      await scoreAll(scorer, runs);
    } finally {
      scorer.close();
    }
    const { writeComparison } = await import("../../reports/comparing/tables.ts");
    return [`\n${writeComparison(gather(spec, runs, new Map()), by)}`, join(out, "report.html")];
  } finally {
    unlock();
  }
}
