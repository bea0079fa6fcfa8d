/**
 * Bias-corrected temperature scaling: softmax(z / T + b), with T and the biases b of maximum likelihood.
 *
 * Source: Alexandari, Kundaje, Shrikumar 2020, ICML, arXiv:1901.06852, section 3.2 (BCTS). EM for the target's prior needs
 * probabilities that are calibrated class by class: an offset of one class's logit, as a network has that was trained under
 * another prior, is one that no temperature takes away, and EM takes it for a shift of the prior.
 *
 * The loss is convex in β = 1/T and b. For each β the best b is found by Newton's method; what is left is convex in β alone,
 * so that a bracket always holds its minimum, and a T beyond the limits is no other case.
 */
import { refuse } from "../../foundation/errors.ts";
import { linearSolve } from "../../foundation/linear-solve.ts";
import { TEMPERATURES } from "./temperature.ts";

/** Temperature and biases that calibrate logits: softmax(logits / T + bias). */
export interface BiasCorrected {
  /** T, above 0. */
  temperature: number;
  /** Added to the logits over T (K); the first is 0. */
  bias: number[];
  /** Whether the best T is beyond the limits, as for classes that are separated without an error. */
  atLimit: boolean;
}

/** The fit with its weighted mean negative log-likelihood (nats). */
export interface BiasCorrectedFit extends BiasCorrected {
  loss: number;
}

/** Far below the curvature of any row that is not sure to the last digit. */
const RIDGE = 1e-14;

/** Rows of logits with their classes and weights (sum 1). */
interface Data {
  logits: Float64Array;
  labels: ArrayLike<number>;
  weights: Float64Array;
  k: number;
  /** The largest difference of two logits of a row. */
  range: number;
}

/**
 * @param logits row-major (N, K)
 * @param labels class indices (N); every class has a row
 * @param weights of the rows (N), positive; equal if absent
 * @throws ArcletError when there is no row, a class has none, a logit is not finite or shapes don't agree
 */
export function fitBiasCorrected(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): BiasCorrectedFit {
  const data = dataOf(logits, labels, weights);
  let bias: number[] = Array(data.k).fill(0);
  const at = (beta: number) => {
    const found = bestBias(data, beta, bias);
    bias = found.bias;
    return found;
  };
  let [low, high] = [1 / TEMPERATURES.high, 1 / TEMPERATURES.low];
  const fitted = (beta: number, atLimit: boolean) => {
    const { loss } = at(beta);
    return { temperature: 1 / beta, bias, loss, atLimit };
  };
  if (at(low).slope >= 0) return fitted(low, true);
  // Of separated classes the slope is e⁻³⁰ or less, and rounding decides its sign.
  if (at(high).slope <= 1e-10) return fitted(high, true);
  let beta = 1;
  bias = Array(data.k).fill(0);
  for (let step = 0; step < 200; step++) {
    const { slope, bend } = at(beta);
    if (slope > 0) high = beta;
    else low = beta;
    const newton = beta - slope / bend;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - beta) <= 1e-12 * beta) break;
    beta = next;
  }
  return fitted(beta, false);
}

/** softmax(z / T + b) of rows of K, row-major. */
export function biasCorrected(
  { temperature, bias }: Pick<BiasCorrected, "temperature" | "bias">,
  logits: ArrayLike<number>,
): Float64Array {
  const k = bias.length;
  const out = new Float64Array(logits.length);
  for (let i = 0; i < out.length; i += k) softmaxInto(out, i, logits, 1 / temperature, bias);
  return out;
}

/** Each row less its largest logit: then nothing depends on a constant that is added to a row. */
function dataOf(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  given: ArrayLike<number> | undefined,
): Data {
  const rows = labels.length;
  const k = logits.length / rows;
  if (rows === 0 || !Number.isInteger(k) || k < 2)
    refuse("calibration", "logits", "rows of two classes or more", `${logits.length} for ${rows} labels`);
  const shifted = new Float64Array(logits.length);
  const counts = Array<number>(k).fill(0);
  let range = 0;
  const weights = Float64Array.from({ length: rows }, (_, n) => given?.[n] ?? 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let n = 0; n < rows; n++) {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const z = logits[n * k + c]!;
      if (!Number.isFinite(z)) refuse("calibration", `logit ${n * k + c}`, "finite", z);
      top = Math.max(top, z);
    }
    for (let c = 0; c < k; c++) {
      shifted[n * k + c] = logits[n * k + c]! - top;
      range = Math.max(range, -shifted[n * k + c]!);
    }
    weights[n]! /= total;
    counts[labels[n]!]!++;
  }
  const absent = counts.indexOf(0);
  if (absent >= 0) refuse("calibration", "rows", "of every class", `none of class ${absent}`);
  return { logits: shifted, labels, weights, k, range };
}

/**
 * The b of least loss at a β, from a guess, with the first and second derivative of that least loss in β.
 *
 * Newton's method: the loss is strictly convex in b once the first is 0, and every class has a row, so that it has one
 * minimum. A step that doesn't lower the loss enough is halved.
 */
function bestBias(
  data: Data,
  beta: number,
  guess: readonly number[],
): { bias: number[]; loss: number; slope: number; bend: number } {
  let bias = [...guess];
  let now = momentsOf(data, beta, bias);
  const furthest = 1 + (beta * data.range) / 4;
  for (let round = 0; round < 100; round++) {
    const newton = newtonStep(now);
    const length = Math.max(...newton.map(Math.abs));
    // Where all probabilities are 0 or 1 the curvature is next to nothing, and a step would lead anywhere.
    const step = newton.map((value) => value * Math.min(1, furthest / length));
    const fall = step.reduce((sum, value, i) => sum + value * now.gradient[i]!, 0);
    if (!(fall > 1e-24)) break;
    let [share, next, moved] = [1, now, bias];
    for (; share > 1e-10; share /= 2) {
      moved = bias.map((value, c) => (c === 0 ? 0 : value - share * step[c - 1]!));
      next = momentsOf(data, beta, moved);
      if (next.loss <= now.loss - 0.1 * share * fall || fall < 1e-13) break;
    }
    if (share <= 1e-10 || next.loss > now.loss + 1e-13) break;
    [bias, now] = [moved, next];
  }
  // The least loss L(β, b(β)): dL/dβ is the partial derivative, and the second loses what b gives way.
  const giving = linearSolve(now.curvature, now.mixed, 0) ?? now.mixed.map(() => 0);
  const bend = now.bend - giving.reduce((sum, value, i) => sum + value * now.mixed[i]!, 0);
  return { bias, loss: now.loss, slope: now.slope, bend };
}

/** Newton's step down in b, with a ridge that keeps it finite. */
function newtonStep({ curvature, gradient }: { curvature: number[][]; gradient: number[] }): number[] {
  const ridged = curvature.map((row, i) => row.map((value, j) => value + (i === j ? RIDGE : 0)));
  return linearSolve(ridged, gradient, 0) ?? gradient;
}

/** Loss, gradient and curvature in b (from the second class on), and the derivatives that hold β. */
function momentsOf({ logits, labels, weights, k }: Data, beta: number, bias: readonly number[]) {
  const gradient = Array<number>(k - 1).fill(0);
  const mixed = Array<number>(k - 1).fill(0);
  const curvature = gradient.map(() => Array<number>(k - 1).fill(0));
  let [loss, slope, bend] = [0, 0, 0];
  const p = new Float64Array(k);
  for (let n = 0; n < labels.length; n++) {
    const at = n * k;
    const label = labels[n]!;
    const weight = weights[n]!;
    const logSum = softmaxInto(p, 0, logits, beta, bias, at);
    let [mean, square] = [0, 0];
    for (let c = 0; c < k; c++) {
      mean += p[c]! * logits[at + c]!;
      square += p[c]! * logits[at + c]! ** 2;
    }
    loss += weight * (logSum - beta * logits[at + label]! - bias[label]!);
    slope += weight * (mean - logits[at + label]!);
    bend += weight * (square - mean * mean);
    for (let c = 1; c < k; c++) {
      gradient[c - 1]! += weight * (p[c]! - Number(c === label));
      mixed[c - 1]! += weight * p[c]! * (logits[at + c]! - mean);
      for (let d = 1; d < k; d++) curvature[c - 1]![d - 1]! += weight * p[c]! * (Number(c === d) - p[d]!);
    }
  }
  return { loss, slope, bend, gradient, mixed, curvature };
}

/** softmax(β z + b) of the row of `logits` at `from`, into `out` at `to`. @returns the log of its denominator */
function softmaxInto(
  out: Float64Array,
  to: number,
  logits: ArrayLike<number>,
  beta: number,
  bias: readonly number[],
  from = to,
): number {
  const k = bias.length;
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < k; c++) top = Math.max(top, beta * logits[from + c]! + bias[c]!);
  let sum = 0;
  for (let c = 0; c < k; c++) {
    out[to + c] = Math.exp(beta * logits[from + c]! + bias[c]! - top);
    sum += out[to + c]!;
  }
  for (let c = 0; c < k; c++) out[to + c]! /= sum;
  return top + Math.log(sum);
}
