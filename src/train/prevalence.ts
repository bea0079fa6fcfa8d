/** How common each class is in a target without labels, by a model that learned the source. */
import { calibration, type Estimated, estimatePriorOf, type PriorEstimator } from "../adapt/prevalence.ts";
import type { Dataset, ImageDomain } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { everyNth } from "../foundation/thinning.ts";
import type { Network } from "../nn/network.ts";
import { tidy } from "../torch/scope.ts";
import { predictTensors } from "./predict.ts";

/** Rows beyond so many are thinned out: the interval is then as narrow as the source's val rows let it be. */
const MOST = 20_000;

export interface PriorRows {
  source: Dataset;
  /** Held-out labelled rows of the source. */
  val: Int32Array;
  target: ImageDomain;
  rows: Int32Array;
}

/**
 * @param network learned the source; is left in eval mode
 * @throws ArcletError when the model's predictions don't tell the classes apart
 */
export function estimatePrior(
  by: PriorEstimator,
  network: Network,
  preprocessing: Preprocessing,
  { source, val, target, rows }: PriorRows,
): Estimated {
  const [held, seen] = [everyNth(val, MOST), everyNth(rows, MOST)];
  const logitsOf = (domain: ImageDomain, of: Int32Array): number[][] =>
    tidy(() => {
      const { logits } = predictTensors(network, preprocessing, domain, of);
      const [n, k] = logits.shape as [number, number];
      const all = logits.numbers();
      return Array.from({ length: n }, (_, i) => all.slice(i * k, (i + 1) * k));
    });
  const [onSource, onTarget] = [logitsOf(source, held), logitsOf(target, seen)];
  const labels = Array.from(source.labels(held));
  const calibrated = calibration(onSource, labels);
  return estimatePriorOf(by, onSource.map(calibrated), labels, onTarget.map(calibrated));
}

/** `prior by em: lens 0.012 [0.006, 0.019]` */
export const priorText = (by: string, classes: readonly string[], { prior, low, high }: Estimated): string =>
  `prior by ${by}: ${classes
    .map((name, k) => `${name} ${shown(prior[k]!)} [${shown(low[k]!)}, ${shown(high[k]!)}]`)
    .join(", ")}`;

const shown = (part: number): string => part.toPrecision(3);
