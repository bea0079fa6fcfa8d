/** Every run's features, and those of tables: draws and probes them, and finds neighbours among them. */

import { type FeatureTable, vectorsOf } from "../../evaluate/features/feature-table.ts";
import { nearestRows } from "../../evaluate/features/neighbours.ts";
import { principal } from "../../evaluate/features/pca.ts";
import { linearProbe, type Probe } from "../../evaluate/features/probe.ts";
import { umap } from "../../evaluate/features/umap.ts";
import { positiveOf } from "../../evaluate/positive.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { progress } from "../../foundation/progress.ts";
import { keyOf } from "../../foundation/random.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { loadModel, type ModelInfo, readModelInfo } from "../../train/model.ts";
import { featureRows } from "../../train/predict.ts";
import { shortNames } from "../short-names.ts";
import type { EmbedValues } from "./config.ts";
import { type EmbedDomain, findId } from "./domains.ts";

export interface FoundNeighbour {
  domain: number;
  row: number;
  distance: number;
}

export interface EmbeddedRun {
  name: string;
  path: string;
  /** Null of a table of features. */
  info: ModelInfo | null;
  /** Of the sample, row-major (N, 2), divided by the features' spread. */
  pca: { coordinates: Float64Array; shares: readonly number[] } | null;
  umap: Float64Array | null;
  /** The first dataset against each of the others. */
  domainProbes: { domain: number; probe: Probe }[];
  /** The positive class against the rest, in each labelled dataset that has enough groups of both. */
  classProbes: { domain: number; positive: string; probe: Probe }[];
  /** For each requested object. */
  neighbours: FoundNeighbour[][];
}

/** Components that UMAP works on: the others are mostly noise. */
const UMAP_COMPONENTS = 50;

/** The rows of each dataset whose features are needed: all, if neighbours are searched among them. */
export const neededRows = (
  domains: readonly EmbedDomain[],
  { neighbours }: Pick<EmbedValues, "neighbours">,
): Int32Array[] => domains.map(({ rows, sample }) => ((neighbours ?? []).length > 0 ? rows : sample));

/**
 * Each run's features, then those of each table.
 *
 * @param made features of a run that were made before
 */
export async function embedRuns(
  domains: readonly EmbedDomain[],
  values: EmbedValues,
  tables: readonly FeatureTable[] = [],
  made: ((run: number) => Features) | null = null,
): Promise<EmbeddedRun[]> {
  const objects = (values.neighbours ?? []).map((id) => findId(domains, id));
  const needed = neededRows(domains, values);
  const total = needed.reduce((sum, rows) => sum + rows.length, 0);
  const bar = progress("embed", total * (values.runs.length + tables.length), "images");
  const names = shortNames([...values.runs, ...values.features]);
  const done: EmbeddedRun[] = [];
  const embed = async (path: string, features: Features, info: ModelInfo | null) => {
    done.push({
      name: names[done.length]!,
      path,
      info,
      ...(await drawnAndProbed(domains, needed, features, info?.classes ?? domains[0]!.classes, values)),
      neighbours: objects.map((object) => neighboursOf(object, needed, features, values.count)),
    });
  };
  for (const [r, path] of values.runs.entries()) {
    const tick = (n: number) => bar.tick(n);
    const features = made?.(r) ?? (await featuresOf(path, domains, needed, values.sourceRun, tick));
    if (made !== null) bar.skip(total);
    await embed(path, features, readModelInfo(path).info);
  }
  for (const [k, table] of tables.entries()) {
    const parts = domains.map(({ domain }, d) => Array.from(needed[d]!, (row) => domain.ids[row]!));
    const features = { values: parts.map((ids) => vectorsOf(table, ids).values), width: table.width };
    bar.tick(total);
    await embed(values.features[k]!, features, null);
  }
  bar.done();
  return done;
}

export interface Features {
  /** Row-major, for each dataset. */
  values: Float32Array[];
  width: number;
}

async function featuresOf(
  path: string,
  domains: readonly EmbedDomain[],
  rows: readonly Int32Array[],
  sourceRun: string | null,
  tick: (images: number) => void,
): Promise<Features> {
  const model = loadModel(path);
  const ofSource = sourceRun === null || sourceRun === path ? model : loadModel(sourceRun);
  try {
    const parts: { values: Float32Array; width: number }[] = [];
    for (const [d, { domain }] of domains.entries())
      parts.push(await featureRows(d === 0 ? ofSource : model, domain, rows[d]!, tick));
    return joinedFeatures(parts, sourceRun ?? path, path);
  } finally {
    model.network.dispose();
    if (ofSource !== model) ofSource.network.dispose();
  }
}

/**
 * Features of each dataset as one.
 *
 * @param first the run whose network made the first dataset's
 * @throws ArcletError when they are of different lengths
 */
export function joinedFeatures(
  parts: readonly { values: Float32Array; width: number }[],
  first: string,
  path: string,
): Features {
  const width = parts.at(-1)!.width;
  if (parts[0]!.width !== width)
    throw new ArcletError({
      where: first,
      code: "conflict",
      problem: `has features of length ${parts[0]!.width}, ${path} has ${width}: they are not in one space`,
    });
  return { values: parts.map(({ values }) => values), width };
}

async function drawnAndProbed(
  domains: readonly EmbedDomain[],
  rows: readonly Int32Array[],
  features: Features,
  classes: readonly string[],
  { projection, umapNeighbours, folds, seed, positive }: EmbedValues,
) {
  const samples = domains.map(({ sample }, d) =>
    sampled(features.values[d]!, features.width, rows[d]!, sample),
  );
  const counts = domains.map(({ sample }) => sample.length);
  const all = tensor(Float64Array.from(samples.flatMap((part) => [...part])), [
    counts.reduce((sum, count) => sum + count, 0),
    features.width,
  ]);
  try {
    const most = Math.min(UMAP_COMPONENTS, all.shape[0]!, features.width);
    const { coordinates, shares, spread } = principal(all, most);
    const first = Float64Array.from({ length: 2 * all.shape[0]! }, (_, i) =>
      spread > 0 && i % 2 < most ? coordinates[(i >> 1) * most + (i % 2)]! / spread : 0,
    );
    const points = Array.from({ length: all.shape[0]! }, (_, i) => [
      ...coordinates.subarray(i * most, (i + 1) * most),
    ]);
    return {
      pca: projection.includes("pca") ? { coordinates: first, shares: shares.slice(0, 2) } : null,
      umap: projection.includes("umap")
        ? await umap(points, { neighbours: umapNeighbours, seed: keyOf(seed, 13) })
        : null,
      domainProbes: await domainProbes(domains, all, counts, { folds, seed }),
      classProbes: await classProbes(domains, all, counts, classes, positive, { folds, seed }),
    };
  } finally {
    all.dispose();
  }
}

/** Picks the features of the sample from those of `rows`. */
function sampled(values: Float32Array, width: number, rows: Int32Array, sample: Int32Array): Float32Array {
  const indexOf = new Map(Array.from(rows, (row, i) => [row, i]));
  const picked = new Float32Array(sample.length * width);
  for (const [k, row] of sample.entries()) {
    const from = indexOf.get(row)! * width;
    picked.set(values.subarray(from, from + width), k * width);
  }
  return picked;
}

const startOf = (counts: readonly number[], d: number) =>
  counts.slice(0, d).reduce((sum, count) => sum + count, 0);

const groupsOf = ({ domain, sample }: EmbedDomain, d: number) =>
  Array.from(sample, (row) => `${d} ${domain.groups[row]}`);

async function domainProbes(
  domains: readonly EmbedDomain[],
  all: Tensor,
  counts: readonly number[],
  options: { folds: number; seed: number },
): Promise<EmbeddedRun["domainProbes"]> {
  const probes: EmbeddedRun["domainProbes"] = [];
  for (let d = 1; d < domains.length; d++) {
    const pair = [...range(0, counts[0]!), ...range(startOf(counts, d), counts[d]!)];
    const labels = Uint8Array.from(pair, (_, i) => Number(i >= counts[0]!));
    const groups = [...groupsOf(domains[0]!, 0), ...groupsOf(domains[d]!, d)];
    probes.push({ domain: d, probe: await probed(all, pair, labels, groups, options) });
  }
  return probes;
}

async function classProbes(
  domains: readonly EmbedDomain[],
  all: Tensor,
  counts: readonly number[],
  classes: readonly string[],
  positive: string | null,
  options: { folds: number; seed: number },
): Promise<EmbeddedRun["classProbes"]> {
  if (classes.length < 2) return [];
  const name = classes[positiveOf(classes, positive)]!;
  const probes: EmbeddedRun["classProbes"] = [];
  for (const [d, domain] of domains.entries()) {
    const groups = groupsOf(domain, d);
    const known = [...domain.sample.keys()].filter((k) => domain.classOf(domain.sample[k]!) !== null);
    const labels = Uint8Array.from(known, (k) => Number(domain.classOf(domain.sample[k]!) === name));
    const kinds = [0, 1].map(
      (kind) => new Set(known.filter((_, i) => labels[i] === kind).map((k) => groups[k])).size,
    );
    if (Math.min(...kinds) < options.folds) continue;
    const rows = known.map((k) => startOf(counts, d) + k);
    const groupsOfKnown = known.map((k) => groups[k]!);
    probes.push({
      domain: d,
      positive: name,
      probe: await probed(all, rows, labels, groupsOfKnown, options),
    });
  }
  return probes;
}

async function probed(
  all: Tensor,
  rows: readonly number[],
  labels: Uint8Array,
  groups: readonly string[],
  options: { folds: number; seed: number },
): Promise<Probe> {
  const features = tidy(() => all.indexSelect(0, tensor(BigInt64Array.from(rows, BigInt))));
  try {
    return await linearProbe(features, labels, groups, options);
  } finally {
    features.dispose();
  }
}

function neighboursOf(
  { domain, row }: { domain: number; row: number },
  rows: readonly Int32Array[],
  { values, width }: Features,
  count: number,
): FoundNeighbour[] {
  const images = rows.flatMap((ofDomain, d) => Array.from(ofDomain, (row) => ({ domain: d, row })));
  const joined = new Float32Array(images.length * width);
  values.reduce((at, part) => {
    joined.set(part, at);
    return at + part.length;
  }, 0);
  const object = images.findIndex((image) => image.domain === domain && image.row === row);
  return nearestRows(joined, width, object, count).map(({ row: index, distance }) => ({
    ...images[index]!,
    distance,
  }));
}

const range = (start: number, length: number): number[] => Array.from({ length }, (_, i) => start + i);
