/**
 * How well a classifier tells simulated images from real ones, cross-validated by group. An AUROC of 0.5 is a simulation
 * that nothing can tell from the sky.
 */
import { refuse } from "../../foundation/errors.ts";
import { keyOf } from "../../foundation/random.ts";
import { cat, tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { bootstrapByGroup } from "../bootstrap.ts";
import { crossValidated, foldsByGroup } from "../folds.ts";
import type { Interval } from "../intervals.ts";
import { heldOutLogits } from "../logistic.ts";
import { rankScores } from "../ranked.ts";
import { auroc } from "../ranking.ts";
import { type Difference, difference } from "./difference.ts";
import { heldOutNetworkLogits } from "./network-probe.ts";
import { imageStatistics, type Statistics } from "./statistics.ts";

/** Images of one side, simulated or real. */
export interface Sample {
  /** (N, C, H, W) float32, finite */
  readonly images: Tensor;
  /** Sky positions (N). */
  readonly groups: readonly string[];
}

/** How `measureRealism` measures. */
export interface RealismOptions {
  /** Names of the bands (C). */
  readonly bands: readonly string[];
  /** The largest value that a pixel can have. */
  readonly full: number;
  /** Parts of the cross-validation. */
  readonly folds: number;
  /** Of the small network, in each fold. */
  readonly epochs: number;
  /** One seed gives one result. */
  readonly seed: number;
  /** (B, C, H, W) → features (B, F) of an encoder; undefined for no such probe. */
  readonly features?: ((images: Tensor) => Tensor) | undefined;
  /** Called after each batch with how many images the network learned from. */
  readonly tick?: (images: number) => void;
}

/** A classifier's AUROC on rows that it did not learn from, with a 95 % interval by resampling groups. */
export interface ProbeResult extends Interval {
  readonly probe: "network" | "features" | "statistics";
  readonly auroc: number;
}

/** How well simulated images can be told from real ones, and by what. */
export interface Realism {
  /** The small network's first. */
  readonly probes: readonly ProbeResult[];
  /** Every statistic, the one that differs most first. */
  readonly differences: readonly Difference[];
  /** Every statistic of both sides. */
  readonly statistics: { readonly simulated: Statistics; readonly real: Statistics };
  /** The network's log-odds of real, simulated rows first (N). */
  readonly scores: Float64Array;
}

const CHUNK = 512;
const RESAMPLES = 400;

/** Images that the network learns from, for a bar. */
export const imagesLearned = (rows: number, { folds, epochs }: Pick<RealismOptions, "folds" | "epochs">) =>
  rows * (folds - 1) * epochs;

/** @throws ArcletError when a side has fewer groups than twice the folds; Interrupted when the user stops it */
export async function measureRealism(
  simulated: Sample,
  real: Sample,
  options: RealismOptions,
): Promise<Realism> {
  const { bands, full, features } = options;
  const rows = rowsOf(simulated, real, options);
  // 1. What can be measured, one by one and together
  const measured = [simulated, real].map(({ images }) => statisticsOf(images, bands, full));
  const [ofSimulated, ofReal] = measured as [Statistics, Statistics];
  const probes = [await probeStatistics(rows, measured)];
  // 2. What an encoder sees
  if (features !== undefined) probes.unshift(await probeFeatures(rows, [simulated, real], features));
  // 3. What a network learns by itself
  const scores = await networkScores(rows, [simulated, real], options);
  probes.unshift(await probeResult(rows, "network", scores));
  const statistics = { simulated: ofSimulated, real: ofReal };
  return { probes, differences: differencesOf(ofSimulated, ofReal), statistics, scores };
}

/** The rows of both sides, simulated first, and their folds. */
interface Rows {
  groups: readonly string[];
  /** 1 for a real row (N). */
  isReal: Uint8Array;
  foldOf: ReturnType<typeof foldsByGroup>;
  folds: number;
  seed: number;
}

function rowsOf(simulated: Sample, real: Sample, { folds, seed }: RealismOptions): Rows {
  enoughGroups("simulated images", simulated, folds);
  enoughGroups("real images", real, folds);
  const groups = [
    ...simulated.groups.map((group) => `s ${group}`),
    ...real.groups.map((group) => `r ${group}`),
  ];
  const isReal = Uint8Array.from(groups, (_, i) => Number(i >= simulated.groups.length));
  return { groups, isReal, foldOf: foldsByGroup(groups, isReal, folds, seed), folds, seed };
}

/** A probe's AUROC and its interval. */
async function probeResult(
  { groups, isReal, seed }: Rows,
  probe: ProbeResult["probe"],
  scores: Float64Array,
): Promise<ProbeResult> {
  const value = auroc(rankScores(scores, isReal));
  const bootstrap = { resamples: RESAMPLES, seed };
  const { low, high } = (await bootstrapByGroup(scores, isReal, groups, { auroc }, bootstrap)).auroc;
  return { probe, auroc: value, low, high };
}

/** A linear probe's log-odds of rows that it did not learn from. @param design (N, F), is freed */
async function linearScores({ isReal, foldOf, folds }: Rows, design: Tensor): Promise<Float64Array> {
  try {
    return await crossValidated(foldOf, folds, (held) => heldOutLogits(design, isReal, held));
  } finally {
    design.dispose();
  }
}

async function probeStatistics(rows: Rows, measured: readonly Statistics[]): Promise<ProbeResult> {
  const names = [...measured[0]!.keys()];
  const numbers = tidy(() =>
    tensor(Float64Array.from(names.flatMap((name) => measured.flatMap((ofSide) => [...ofSide.get(name)!]))), [
      names.length,
      rows.groups.length,
    ])
      .transpose(0, 1)
      .contiguous(),
  ); // (N, S)
  return probeResult(rows, "statistics", await linearScores(rows, numbers));
}

async function probeFeatures(
  rows: Rows,
  samples: readonly Sample[],
  features: (images: Tensor) => Tensor,
): Promise<ProbeResult> {
  const design = tidy(() => cat(samples.map(({ images }) => chunked(images, features)))); // (N, F)
  return probeResult(rows, "features", await linearScores(rows, design));
}

/** A small network's log-odds of rows that it did not learn from (N). */
async function networkScores(
  { isReal, foldOf, folds, seed }: Rows,
  samples: readonly Sample[],
  { epochs, tick }: RealismOptions,
): Promise<Float64Array> {
  const images = tidy(() => standardised(cat(samples.map((sample) => sample.images))));
  try {
    return await crossValidated(foldOf, folds, (held, fold) => {
      const probe = { epochs, seed: keyOf(seed, 7, fold) };
      return heldOutNetworkLogits(images, isReal, held, tick === undefined ? probe : { ...probe, tick });
    });
  } finally {
    images.dispose();
  }
}

/** The one that differs most first. */
const differencesOf = (simulated: Statistics, real: Statistics): Difference[] =>
  [...simulated.keys()]
    .map((name) => difference(name, simulated.get(name)!, real.get(name)!))
    .sort((a, b) => b.auroc.auroc - a.auroc.auroc);

function enoughGroups(what: string, { groups }: Sample, folds: number): void {
  const count = new Set(groups).size;
  if (count < 2 * folds) refuse("realism", what, `of ${2 * folds} groups or more`, count);
}

function statisticsOf(images: Tensor, bands: readonly string[], full: number): Statistics {
  const parts: Statistics[] = [];
  for (let start = 0; start < images.shape[0]!; start += CHUNK) {
    const length = Math.min(CHUNK, images.shape[0]! - start);
    parts.push(tidy(() => imageStatistics(images.narrow(0, start, length), bands, full)));
  }
  return new Map(
    [...parts[0]!.keys()].map((name) => [
      name,
      Float64Array.from(parts.flatMap((part) => [...part.get(name)!])),
    ]),
  );
}

/** (N, F) float64 */
function chunked(images: Tensor, features: (images: Tensor) => Tensor): Tensor {
  const parts: Tensor[] = [];
  for (let start = 0; start < images.shape[0]!; start += CHUNK) {
    const length = Math.min(CHUNK, images.shape[0]! - start);
    parts.push(tidy(() => features(images.narrow(0, start, length)).to("float64")));
  }
  return cat(parts);
}

/** Each band minus its mean, over its deviation, compressed by asinh. */
function standardised(images: Tensor): Tensor {
  const mean = images.mean([0, 2, 3], true);
  const deviation = images.var([0, 2, 3], 0, true).sqrt().clamp(1e-12);
  return images.sub(mean).div(deviation).asinh();
}
