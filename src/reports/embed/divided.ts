/** An embedding in shards: each makes networks' features of some images; all that needs all of them is made in joining. */
import { existsSync } from "node:fs";
import { fileHash } from "../../dataset/hash.ts";
import { readMatrix, writeMatrix } from "../../dataset/npy-matrix.ts";
import type { FeatureTable } from "../../evaluate/features/feature-table.ts";
import { batchCount, type RowRun, runsOfBatches } from "../../evaluate/scoring-in-shards/batches.ts";
import { refuse } from "../../foundation/errors.ts";
import type { Tick } from "../../foundation/shards/attempt.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { partFile, partFilesIn } from "../../foundation/shards/parts.ts";
import { loadModel, readModelInfo } from "../../train/model.ts";
import { featureRows } from "../../train/predict.ts";
import type { EmbedValues } from "./config.ts";
import { closeDomains, type EmbedDomain, openDomains } from "./domains.ts";
import { type Features, joinedFeatures, neededRows } from "./runs.ts";

/** Batches of a file, which a stopped shard need not make again. */
const BATCHES_IN_PART = 16;

/**
 * @param tables of features
 * @param finish probes, draws and writes all from the features of each run
 * @throws ArcletError without networks, and for datasets and models that can't be read
 */
export async function dividedEmbedding(
  values: EmbedValues,
  tables: readonly FeatureTable[],
  finish: (domains: readonly EmbedDomain[], featuresOf: (run: number) => Features) => Promise<void>,
): Promise<DividedWork> {
  const { out, runs, data, sourceRun, ...settings } = values;
  if (runs.length === 0)
    refuse("embed", "--runs", "given in divided work, which is to make networks' features", runs);
  const withDomains = async <T>(verified: boolean, body: (domains: readonly EmbedDomain[]) => Promise<T>) => {
    const domains = await openDomains(values, tables, verified);
    try {
      return await body(domains);
    } finally {
      closeDomains(domains);
    }
  };
  const { parts, recognised } = await withDomains(false, async (domains) => ({
    parts: runs.flatMap((_, r) =>
      neededRows(domains, values).map((rows, d) => ({ folder: nameOf(r, d), rows: rows.length })),
    ),
    recognised: Object.fromEntries(domains.map(({ folder, domain }) => [folder, domain.info.contentHash])),
  }));
  const hashOf = (path: string) => fileHash(readModelInfo(path).file);
  for (const run of [...runs, ...(sourceRun === null ? [] : [sourceRun])])
    recognised[`the model ${run}`] = hashOf(run);
  for (const { path, sha256 } of tables) recognised[path] = sha256;
  return {
    ...{ command: "embed", out, outIsNew: true, unit: "batches", units: batchCount(parts), resumes: true },
    settings: { ...settings, runs, sourceRun, data },
    data: recognised,
    make: (range, folder, tick) =>
      withDomains(false, async (domains) => {
        const some = runsOfBatches(parts, range, BATCHES_IN_PART);
        for (const [r, run] of runs.entries()) {
          const own = some.filter((one) => isOf(one, r));
          if (own.length > 0) await featuresInto(folder, { own, run, r }, domains, values, tick);
        }
      }),
    merge: (shards) =>
      withDomains(true, async (domains) => {
        await finish(domains, (r) => {
          const ofData = domains.map((_, d) => {
            const made = partFilesIn(shards, nameOf(r, d), "npy").map(readMatrix);
            return { values: concatenated(made.map((one) => one.values)), width: made[0]!.item[0]! };
          });
          return joinedFeatures(ofData, sourceRun ?? runs[r]!, runs[r]!);
        });
        return [];
      }),
  };
}

/** Of the features that a run's network makes of a dataset. */
const nameOf = (run: number, domain: number): string => `run${run}-data${domain}`;
const isOf = ({ folder }: RowRun, run: number): boolean => folder.startsWith(`run${run}-`);

async function featuresInto(
  folder: string,
  { own, run, r }: { own: readonly RowRun[]; run: string; r: number },
  domains: readonly EmbedDomain[],
  values: EmbedValues,
  tick: Tick,
): Promise<void> {
  const needed = neededRows(domains, values);
  for (const [d, { domain }] of domains.entries()) {
    const some = own.filter((one) => one.folder === nameOf(r, d));
    if (some.length === 0) continue;
    const model = loadModel(d === 0 ? (values.sourceRun ?? run) : run);
    try {
      for (const { from, to } of some) {
        const path = partFile(folder, nameOf(r, d), from, "npy");
        const batches = batchCount([{ folder, rows: to - from }]);
        if (existsSync(path)) tick(0, batches);
        else {
          const made = await featureRows(model, domain, needed[d]!.subarray(from, to), () => tick(1));
          writeMatrix(path, made.values, [made.width]);
        }
      }
    } finally {
      model.network.dispose();
    }
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
