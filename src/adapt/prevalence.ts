/**
 * An estimate of the target's prior with its interval, from calibrated predictions.
 *
 * Sources: calibration by a temperature and a bias per class before EM: Alexandari, Kundaje, Shrikumar 2020, arXiv:1901.06852;
 * the interval: the percentiles of a bootstrap over the source's and the target's rows.
 */
import { pacedSafePoint } from "../foundation/interrupt.ts";
import { Draws } from "../foundation/random.ts";
import { rankQuantile } from "../foundation/statistics.ts";
import { biasCorrected, fitBiasCorrected } from "./calibration/bias-corrected.ts";
import { bbse, classesAtBound, em, type Rows } from "./label-shift.ts";

/** The estimators of a target's prior by name. */
export const priorEstimators = ["bbse", "em"] as const;

/** An estimator's name. */
export type PriorEstimator = (typeof priorEstimators)[number];

/** The share of each class in an unlabelled target. */
export interface PriorEstimate {
  /** Share of each class (K), sum 1, and its 95 % interval. */
  prior: number[];
  /** Lower bound of each (K). */
  low: number[];
  /** Upper bound of each (K). */
  high: number[];
  /** Classes whose estimate is at its bound: see `classesAtBound`. */
  atBound: number[];
}

const REPLICATES = 200;

/** Fits softmax(z / T + b) by maximum likelihood. @returns the map from logits to probabilities */
export function fitCalibration(logits: Rows, labels: readonly number[]): (z: readonly number[]) => number[] {
  const fit = fitBiasCorrected(logits.flat(), labels);
  return (z) => Array.from(biasCorrected(fit, z));
}

/**
 * @param source calibrated probabilities of held-out source rows, @param labels their classes, @param target those of target rows
 * @param seed of the bootstrap
 * @throws ArcletError as `bbse`; Interrupted when the user stops it
 */
export async function estimatePriorOf(
  by: PriorEstimator,
  source: Rows,
  labels: readonly number[],
  target: Rows,
  seed = 1,
): Promise<PriorEstimate> {
  const k = source[0]!.length;
  const estimate = (s: Rows, y: readonly number[], t: Rows): number[] => {
    if (by === "bbse") return bbse(s, y, t);
    const shares = Array.from({ length: k }, (_, j) => y.filter((label) => label === j).length / y.length);
    return em(t, shares);
  };
  const prior = estimate(source, labels, target);
  const draws = new Draws(seed);
  const drawIndex = (n: number) => Math.min(n - 1, Math.floor(draws.uniform(0, n)));
  const replicates: number[][] = [];
  const pause = pacedSafePoint("nothing was written");
  for (let i = 0; i < REPLICATES; i++) {
    await pause();
    const rows = source.map(() => drawIndex(source.length));
    const y = rows.map((row) => labels[row]!);
    if (new Set(y).size < k) continue; // a class was not drawn
    const t = target.map(() => target[drawIndex(target.length)]!);
    replicates.push(
      estimate(
        rows.map((row) => source[row]!),
        y,
        t,
      ),
    );
  }
  const percentile = (j: number, level: number): number => {
    const sorted = replicates.map((replicate) => replicate[j]!).sort((a, b) => a - b);
    return replicates.length === 0 ? prior[j]! : rankQuantile(sorted, level, "nearest");
  };
  return {
    prior,
    low: prior.map((_, j) => percentile(j, 0.025)),
    high: prior.map((_, j) => percentile(j, 0.975)),
    atBound: classesAtBound(prior, target.length),
  };
}
