/**
 * A 95 % interval of the AUROC that also covers with few positives and close to 1.
 *
 * DeLong's variance is the spread of the rows' placements (the share of the other class that a row is on the right side of).
 * Of five lenses, four of which lie above every other row, it knows next to nothing, and says next to nothing: with the
 * usual interval it covers 65 to 90 % there (docs/results/intervals.md). Three things are done about it:
 *
 * 1. It is drawn towards Hanley and McNeil's variance of an AUROC θ (1982, Radiology 143, 29), with half of Q1 + Q2 for
 *    either class as Newcombe does (2006, Statistics in Medicine 25, 559, method 5): as if `PRIOR` more placements said so,
 *    beside the effective number of those that hold the errors, (Σ e)² / Σ e², e = 1 − placement.
 * 2. The interval holds every θ with |A − θ| ≤ t √V(θ), as Wilson's does for a proportion: V is that of the θ in question, and
 *    goes to 0 at 1 however many errors there are. It stays within [0, 1] and has a width where the classes are separated.
 * 3. t is Student's, with the degrees of freedom that so many placements leave.
 */
import { studentCritical } from "./distributions.ts";
import type { Interval } from "./interval.ts";

/** The placements of one class's rows. */
export interface Side {
  readonly count: number;
  /** Sample variance of the placements. */
  readonly variance: number;
  /** (Σ e)² / Σ e², e = 1 − placement: how many rows hold the errors; 0 for no error. */
  readonly errors: number;
}

/** How many placements the model of the variance weighs as much as. */
const PRIOR = 4;

export interface IntervalOptions {
  /** Of the variance: what else than the images makes the area uncertain. */
  readonly factor?: number;
  /** Limits Student's degrees of freedom. */
  readonly degrees?: number;
}

/** @param auroc the mean of either side's placements */
export function aurocInterval(
  auroc: number,
  positive: Side,
  negative: Side,
  { factor = 1, degrees = Number.POSITIVE_INFINITY }: IntervalOptions = {},
): Interval {
  const pairs = positive.count * negative.count;
  // No model has a variance at 0 or 1: there it is taken half a pair away.
  const inside = (auroc * pairs + 0.5) / (pairs + 1);
  const sides = [positive, negative].map((side) => {
    const other = pairs / side.count;
    const model = (theta: number) => (modelled(theta) + (theta * (1 - theta)) / other) / side.count;
    const ratio = side.variance / side.count / model(inside);
    const weight = (side.errors * ratio + PRIOR) / (side.errors + PRIOR);
    return { at: (theta: number) => weight * model(theta), effective: side.errors + PRIOR };
  });
  const parts = sides.map(({ at }) => at(inside));
  const whole = parts.reduce((sum, part) => sum + part, 0);
  const freedom = whole ** 2 / sides.reduce((sum, { effective }, i) => sum + parts[i]! ** 2 / effective, 0);
  const t2 = studentCritical(0.05, Math.min(freedom, degrees)) ** 2 * factor;
  const within = (theta: number) =>
    (auroc - theta) ** 2 <= t2 * sides.reduce((sum, { at }) => sum + at(theta), 0);
  return {
    low: auroc === 0 ? 0 : furthest(inside, -1, within),
    high: auroc === 1 ? 1 : furthest(inside, 1, within),
  };
}

/** The mean of Q1 − θ² and Q2 − θ² of Hanley and McNeil: the variance of a placement, if scores are exponential. */
const modelled = (theta: number): number =>
  (theta / (2 - theta) + (2 * theta * theta) / (1 + theta)) / 2 - theta * theta;

/** The end of the interval on one side, by bisection of log odds. */
function furthest(from: number, direction: 1 | -1, within: (theta: number) => boolean): number {
  const share = (logit: number) => 1 / (1 + Math.exp(-logit));
  let inner = Math.log(from / (1 - from));
  let outer = 36 * direction;
  for (let step = 0; step < 60; step++) {
    const middle = (inner + outer) / 2;
    if (within(share(middle))) inner = middle;
    else outer = middle;
  }
  return share(inner);
}

/** A class's placements, each `weights[i]` times; equal weights if absent. */
export function sideOf(placements: ArrayLike<number>, weights?: ArrayLike<number>): Side {
  let [count, sum, error, square] = [0, 0, 0, 0];
  for (let i = 0; i < placements.length; i++) {
    const weight = weights?.[i] ?? 1;
    const e = 1 - placements[i]!;
    count += weight;
    sum += weight * placements[i]!;
    error += weight * e;
    square += weight * e * e;
  }
  const mean = sum / count;
  let spread = 0;
  for (let i = 0; i < placements.length; i++) spread += (weights?.[i] ?? 1) * (placements[i]! - mean) ** 2;
  return { count, variance: spread / (count - 1), errors: square === 0 ? 0 : error ** 2 / square };
}

/**
 * The difference of two areas from the interval of each (MOVER: Zou & Donner 2008, Statistics in Medicine 27, 1693, eq. 10):
 * the bounds lie as far from it as those of the two areas say, less what they have in common.
 *
 * @param correlation of the two estimates
 * @returns how far the bounds are below and above the difference
 */
export function differenceMargins(
  first: Interval & { readonly auroc: number },
  second: Interval & { readonly auroc: number },
  correlation: number,
): { below: number; above: number } {
  const margin = (a: number, b: number) => Math.sqrt(Math.max(0, a * a + b * b - 2 * correlation * a * b));
  return {
    below: margin(first.auroc - first.low, second.high - second.auroc),
    above: margin(first.high - first.auroc, second.auroc - second.low),
  };
}
