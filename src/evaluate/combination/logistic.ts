/**
 * Logistic regression of few features on few graded rows: Newton's method in plain numbers, since a fitted combination is a
 * file of plain numbers that must not depend on the build of libtorch.
 *
 * Sources: Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, section 4.4.1; the targets: Platt 1999,
 * Advances in Large Margin Classifiers, section 2.2.
 */
import { linearSolve } from "../../foundation/linear-solve.ts";
import { crossEntropy, sigmoid } from "./log-odds.ts";

export interface Logistic {
  /** One a feature (F). */
  readonly weights: readonly number[];
  readonly intercept: number;
}

/**
 * Platt's targets: (N₊ + 1) / (N₊ + 2) for a positive and 1 / (N₋ + 2) for a negative, the posterior mean of a share of which
 * every row said the same. With them a fit is finite also where the classes are separated.
 *
 * @param positives 1 for a positive, 0 for a negative (N)
 */
export function plattTargets(positives: ArrayLike<number>): Float64Array {
  let count = 0;
  for (let i = 0; i < positives.length; i++) count += positives[i]!;
  const [high, low] = [(count + 1) / (count + 2), 1 / (positives.length - count + 2)];
  return Float64Array.from({ length: positives.length }, (_, i) => (positives[i] === 1 ? high : low));
}

/** Keeps the system solvable where features are the same; far below the curvature of any row. */
const RIDGE = 1e-8;
const ITERATIONS = 100;

/**
 * The least of Σ times · cross-entropy + ½ wᵀ P w; the intercept is free.
 *
 * @param features columns (F of N)
 * @param targets from 0 to 1 (N)
 * @param penalty P, positive semi-definite (F, F); none if absent
 * @param times how often each row counts (N); once if absent
 */
export function fitLogistic(
  features: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  penalty?: readonly (readonly number[])[],
  times?: ArrayLike<number>,
): Logistic {
  const size = features.length + 1;
  const P = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => (penalty?.[i]?.[j] ?? 0) + (i === j ? RIDGE : 0)),
  );
  let w = Array<number>(size).fill(0);
  let now = momentsOf(features, targets, P, w, times);
  for (let round = 0; round < ITERATIONS; round++) {
    const step = linearSolve(now.curvature, now.gradient, 0)!;
    const fall = step.reduce((sum, value, i) => sum + value * now.gradient[i]!, 0);
    if (!(fall > 1e-12)) break;
    let [share, moved, next] = [1, w, now];
    // Newton's step may be too long where all rows are sure.
    for (; share > 1e-10; share /= 2) {
      moved = w.map((value, i) => value - share * step[i]!);
      next = momentsOf(features, targets, P, moved, times);
      // Up to rounding, near the end.
      if (next.loss <= now.loss + 1e-12 * (1 + now.loss)) break;
    }
    if (share <= 1e-10) break;
    [w, now] = [moved, next];
  }
  return { weights: w.slice(0, -1), intercept: w[size - 1]! };
}

/** Loss, gradient and curvature at weights whose last is the intercept. */
function momentsOf(
  features: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  P: readonly (readonly number[])[],
  w: readonly number[],
  times: ArrayLike<number> | undefined,
) {
  const size = w.length;
  const pull = P.map((row) => row.reduce((sum, value, j) => sum + value * w[j]!, 0));
  const gradient = [...pull];
  const curvature = P.map((row) => [...row]);
  let loss = pull.reduce((sum, value, i) => sum + (value * w[i]!) / 2, 0);
  const x = Array<number>(size).fill(1);
  for (let n = 0; n < targets.length; n++) {
    let z = w[size - 1]!;
    for (let f = 0; f < size - 1; f++) {
      x[f] = features[f]![n]!;
      z += w[f]! * x[f]!;
    }
    const p = sigmoid(z);
    const count = times?.[n] ?? 1;
    loss += count * crossEntropy(z, targets[n]!);
    for (let i = 0; i < size; i++) {
      gradient[i]! += count * (p - targets[n]!) * x[i]!;
      const row = curvature[i]!;
      const scaled = count * p * (1 - p) * x[i]!;
      for (let j = 0; j <= i; j++) row[j]! += scaled * x[j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) curvature[j]![i] = curvature[i]![j]!;
  return { loss, gradient, curvature };
}

/** The log odds of a row. @param features of one row (F) */
export const logisticAt = ({ weights, intercept }: Logistic, features: ArrayLike<number>): number =>
  weights.reduce((sum, weight, f) => sum + weight * features[f]!, intercept);
