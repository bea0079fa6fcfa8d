/** The share of each class in a target without labels, estimated with a model that learned the source. */
import {
  estimatePriorOf,
  fitCalibration,
  type PriorEstimate,
  type PriorEstimator,
} from "../adapt/prevalence.ts";
import type { Dataset, ImageDomain } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { everyNth } from "../foundation/thinning.ts";
import type { Network } from "../nn/network.ts";
import { tidy } from "../torch/scope.ts";
import { predictTensors } from "./predict.ts";

/** More rows than this are thinned out: only more val rows of the source would narrow the interval further. */
const MOST_ROWS = 20_000;

export interface PriorRows {
  source: Dataset;
  /** Held-out labelled rows of the source. */
  val: Int32Array;
  target: ImageDomain;
  rows: Int32Array;
}

/**
 * @param network that learned the source; left in eval mode
 * @throws ArcletError when the predictions don't tell the classes apart
 */
export function estimatePrior(
  by: PriorEstimator,
  network: Network,
  preprocessing: Preprocessing,
  { source, val, target, rows }: PriorRows,
): PriorEstimate {
  const [valRows, targetRows] = [everyNth(val, MOST_ROWS), everyNth(rows, MOST_ROWS)];
  const logitsOf = (domain: ImageDomain, subset: Int32Array): number[][] =>
    tidy(() => {
      const { logits } = predictTensors(network, preprocessing, domain, subset);
      const [n, k] = logits.shape as [number, number];
      const all = logits.numbers();
      return Array.from({ length: n }, (_, i) => all.slice(i * k, (i + 1) * k));
    });
  const [onSource, onTarget] = [logitsOf(source, valRows), logitsOf(target, targetRows)];
  const labels = Array.from(source.labels(valRows));
  const calibrated = fitCalibration(onSource, labels);
  return estimatePriorOf(by, onSource.map(calibrated), labels, onTarget.map(calibrated));
}

/** `prior by em: lens 0.012 [0.006, 0.019]` */
export const priorText = (
  by: string,
  classes: readonly string[],
  { prior, low, high }: PriorEstimate,
): string =>
  `prior by ${by}: ${classes
    .map((name, k) => `${name} ${shown(prior[k]!)} [${shown(low[k]!)}, ${shown(high[k]!)}]`)
    .join(", ")}`;

const shown = (share: number): string => share.toPrecision(3);
