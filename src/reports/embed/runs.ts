/** Every run's features: drawn, probed, searched. */

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
import { loadModel, type ModelInfo } from "../../train/model.ts";
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
  info: ModelInfo;
  /** Of the sample, row-major (N, 2); of length one as a whole: divided by the features' spread. */
  pca: { coordinates: Float64Array; shares: readonly number[] } | null;
  umap: Float64Array | null;
  /** The first dataset against each other one. */
  domainProbes: { domain: number; probe: Probe }[];
  /** The class within each labelled dataset that has enough of both kinds. */
  classProbes: { domain: number; positive: string; probe: Probe }[];
  /** By object asked for. */
  neighbours: FoundNeighbour[][];
}

/** Components that UMAP works on: what is left out of them is mostly noise. */
const UMAP_COMPONENTS = 50;

export async function embedRuns(
  domains: readonly EmbedDomain[],
  values: EmbedValues,
): Promise<EmbeddedRun[]> {
  const asked = (values.neighbours ?? []).map((id) => findId(domains, id));
  const wanted = domains.map(({ rows, sample }) => (asked.length > 0 ? rows : sample));
  const total = wanted.reduce((sum, rows) => sum + rows.length, 0);
  const bar = progress("embed", total * values.runs.length, "images");
  const names = shortNames(values.runs);
  const done: EmbeddedRun[] = [];
  for (const [r, path] of values.runs.entries()) {
    const { features, info } = await featuresOf(path, domains, wanted, values.sourceRun, (n) => bar.tick(n));
    done.push({
      name: names[r]!,
      path,
      info,
      ...(await drawnAndProbed(domains, wanted, features, info, values)),
      neighbours: asked.map((one) => neighboursOf(one, wanted, features, values.count)),
    });
  }
  bar.done();
  return done;
}

interface Features {
  /** Row-major, a dataset each. */
  values: Float32Array[];
  width: number;
}

async function featuresOf(
  path: string,
  domains: readonly EmbedDomain[],
  rows: readonly Int32Array[],
  sourceRun: string | null,
  tick: (images: number) => void,
): Promise<{ features: Features; info: ModelInfo }> {
  const model = loadModel(path);
  const ofSource = sourceRun === null || sourceRun === path ? model : loadModel(sourceRun);
  try {
    const made: { values: Float32Array; width: number }[] = [];
    for (const [d, { domain }] of domains.entries())
      made.push(await featureRows(d === 0 ? ofSource : model, domain, rows[d]!, tick));
    const width = made.at(-1)!.width;
    if (made[0]!.width !== width)
      throw new ArcletError({
        where: sourceRun ?? path,
        code: "conflict",
        problem: `has features of length ${made[0]!.width}, ${path} has ${width}: they are no one space`,
      });
    return { features: { values: made.map(({ values }) => values), width }, info: model.info };
  } finally {
    model.network.dispose();
    if (ofSource !== model) ofSource.network.dispose();
  }
}

async function drawnAndProbed(
  domains: readonly EmbedDomain[],
  rows: readonly Int32Array[],
  features: Features,
  info: ModelInfo,
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
      classProbes: await classProbes(domains, all, counts, info, positive, { folds, seed }),
    };
  } finally {
    all.dispose();
  }
}

/** Features of the sample's rows, out of those of `rows`. */
function sampled(values: Float32Array, width: number, rows: Int32Array, sample: Int32Array): Float32Array {
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  const picked = new Float32Array(sample.length * width);
  for (const [k, row] of sample.entries()) {
    const from = place.get(row)! * width;
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
  const found: EmbeddedRun["domainProbes"] = [];
  for (let d = 1; d < domains.length; d++) {
    const pair = [...range(0, counts[0]!), ...range(startOf(counts, d), counts[d]!)];
    const labels = Uint8Array.from(pair, (_, i) => Number(i >= counts[0]!));
    const groups = [...groupsOf(domains[0]!, 0), ...groupsOf(domains[d]!, d)];
    found.push({ domain: d, probe: await probed(all, pair, labels, groups, options) });
  }
  return found;
}

async function classProbes(
  domains: readonly EmbedDomain[],
  all: Tensor,
  counts: readonly number[],
  info: ModelInfo,
  positive: string | null,
  options: { folds: number; seed: number },
): Promise<EmbeddedRun["classProbes"]> {
  const name = info.classes[positiveOf(info.classes, positive)]!;
  const found: EmbeddedRun["classProbes"] = [];
  for (const [d, one] of domains.entries()) {
    const groups = groupsOf(one, d);
    const known = [...one.sample.keys()].filter((k) => one.classOf(one.sample[k]!) !== null);
    const labels = Uint8Array.from(known, (k) => Number(one.classOf(one.sample[k]!) === name));
    const kinds = [0, 1].map(
      (kind) => new Set(known.filter((_, i) => labels[i] === kind).map((k) => groups[k])).size,
    );
    if (Math.min(...kinds) < options.folds) continue;
    const rows = known.map((k) => startOf(counts, d) + k);
    const own = known.map((k) => groups[k]!);
    found.push({ domain: d, positive: name, probe: await probed(all, rows, labels, own, options) });
  }
  return found;
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
  const places = rows.flatMap((some, d) => Array.from(some, (one) => ({ domain: d, row: one })));
  const joined = new Float32Array(places.length * width);
  values.reduce((at, part) => {
    joined.set(part, at);
    return at + part.length;
  }, 0);
  const own = places.findIndex((place) => place.domain === domain && place.row === row);
  return nearestRows(joined, width, own, count).map(({ row: at, distance }) => ({
    ...places[at]!,
    distance,
  }));
}

const range = (start: number, length: number): number[] => Array.from({ length }, (_, i) => start + i);
