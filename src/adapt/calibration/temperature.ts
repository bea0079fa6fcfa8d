/**
 * Temperature scaling: softmax(z / T), with T of maximum likelihood.
 *
 * Source: Guo, Pleiss, Sun, Weinberger 2017, arXiv:1706.04599, section 4.2. It never changes the order of a row's classes.
 */
import { refuse } from "../../foundation/errors.ts";

/** A temperature that calibrates logits: softmax(logits / T) (Guo et al. 2017, arXiv:1706.04599). */
export interface Temperature {
  /** T, above 0. */
  temperature: number;
  /** Weighted mean negative log-likelihood at T, and at T = 1 (nats). */
  loss: number;
  /** Weighted mean negative log-likelihood at T = 1 (nats). */
  before: number;
  /** Whether the best T is beyond the limits, as for classes that are separated without an error. */
  atLimit: boolean;
}

/** Limits of T: it would be 0 if all rows were right. */
export const TEMPERATURES = { low: 0.05, high: 20 } as const;

/**
 * Newton's method on 1/T, in which the loss is convex, within a bracket that bisection narrows.
 *
 * @param logits row-major (N, K)
 * @param labels class indices (N)
 * @param weights of the rows (N), positive; equal if absent
 * @throws ArcletError when there is no row, a logit is not finite or shapes don't agree
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Temperature {
  const rows = labels.length;
  const classes = logits.length / rows;
  if (rows === 0 || !Number.isInteger(classes) || classes < 2)
    refuse("temperature", "logits", "rows of two classes or more", `${logits.length} for ${rows} labels`);
  for (let i = 0; i < logits.length; i++)
    if (!Number.isFinite(logits[i]!)) refuse("temperature", `logit ${i}`, "finite", logits[i]);
  const lossAt = (beta: number) => derivatives(beta, logits, labels, weights);
  let [low, high] = [1 / TEMPERATURES.high, 1 / TEMPERATURES.low];
  const before = lossAt(1).loss;
  const [first, last] = [lossAt(low), lossAt(high)];
  // If the loss rises at the first limit, or falls at the last one, that limit is the minimum.
  if (first.slope >= 0) return { temperature: 1 / low, loss: first.loss, before, atLimit: true };
  if (last.slope <= 0) return { temperature: 1 / high, loss: last.loss, before, atLimit: true };
  let beta = 1;
  for (let step = 0; step < 200; step++) {
    const { slope, bend } = lossAt(beta);
    if (slope > 0) high = beta;
    else low = beta;
    const newton = beta - slope / bend;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - beta) <= 1e-14 * beta) break;
    beta = next;
  }
  return { temperature: 1 / beta, loss: lossAt(beta).loss, before, atLimit: false };
}

/** The loss at β = 1/T with its first and second derivative: E[z] − z_y and the variance of z under softmax(β z). */
function derivatives(
  beta: number,
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): { loss: number; slope: number; bend: number } {
  const k = logits.length / labels.length;
  let [loss, slope, bend, total] = [0, 0, 0, 0];
  for (let n = 0; n < labels.length; n++) {
    let top = logits[n * k]!;
    for (let c = 1; c < k; c++) top = Math.max(top, logits[n * k + c]!);
    let [sum, first, second] = [0, 0, 0];
    for (let c = 0; c < k; c++) {
      const z = logits[n * k + c]! - top;
      const e = Math.exp(beta * z);
      sum += e;
      first += e * z;
      second += e * z * z;
    }
    const labelled = logits[n * k + labels[n]!]! - top;
    const mean = first / sum;
    const weight = weights?.[n] ?? 1;
    loss += weight * (Math.log(sum) - beta * labelled);
    slope += weight * (mean - labelled);
    bend += weight * (second / sum - mean * mean);
    total += weight;
  }
  return { loss: loss / total, slope: slope / total, bend: bend / total };
}
