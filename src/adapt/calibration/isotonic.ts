/**
 * Isotonic regression: the non-decreasing function closest to the labels, by pooling adjacent violators.
 *
 * Source: Ayer et al. 1955, Annals of Mathematical Statistics 26, 641; for calibration: Zadrozny & Elkan 2002, KDD,
 * section 3. Between the ends of its steps it is linear, as scikit-learn's is.
 */
import { refuse } from "../../foundation/errors.ts";

/** A non-decreasing function by its corners: linear between them, constant beyond. */
export interface Isotonic {
  /** Increasing. */
  x: number[];
  /** Non-decreasing. */
  y: number[];
}

/**
 * @param x inputs (N), in any order; rows with equal ones are averaged
 * @param y values (N)
 * @param weights of the rows (N), positive; equal if absent
 * @throws ArcletError when there is no row or a number is not finite
 */
export function fitIsotonic(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Isotonic {
  if (x.length === 0 || x.length !== y.length)
    refuse("isotonic regression", "rows", "one or more, with a value each", `${x.length} and ${y.length}`);
  const order = Uint32Array.from({ length: x.length }, (_, i) => i).sort((a, b) => x[a]! - x[b]!);
  // Steps from left to right, each with its mean, weight and ends.
  const steps: Step[] = [];
  for (const i of order) {
    if (!Number.isFinite(x[i]!) || !Number.isFinite(y[i]!))
      refuse("isotonic regression", `row ${i}`, "finite", [x[i], y[i]]);
    const weight = weights?.[i] ?? 1;
    const last = steps[steps.length - 1];
    if (last?.tied && last.right === x[i]) pool(last, y[i]!, weight);
    else {
      settle(steps);
      steps.push({ left: x[i]!, right: x[i]!, mean: y[i]!, weight, tied: true });
    }
  }
  settle(steps);
  const corners: Isotonic = { x: [], y: [] };
  for (const { left, right, mean } of steps) {
    corners.x.push(left);
    corners.y.push(mean);
    if (right > left) {
      corners.x.push(right);
      corners.y.push(mean);
    }
  }
  return corners;
}

interface Step {
  left: number;
  right: number;
  mean: number;
  weight: number;
  /** Whether all its rows have the same x, so that more may join. */
  tied: boolean;
}

function pool(step: Step, mean: number, weight: number): void {
  const total = step.weight + weight;
  step.mean = (step.mean * step.weight + mean * weight) / total;
  step.weight = total;
}

/** Pools the last step with those before it that are not lower. */
function settle(steps: Step[]): void {
  while (steps.length >= 2) {
    const last = steps[steps.length - 1]!;
    const before = steps[steps.length - 2]!;
    if (before.mean < last.mean) return;
    steps.pop();
    pool(before, last.mean, last.weight);
    before.right = last.right;
    before.tied = false;
  }
}

/** The function's value at an input. */
export function isotonicAt({ x, y }: Isotonic, input: number): number {
  const last = x.length - 1;
  if (input <= x[0]!) return y[0]!;
  if (input >= x[last]!) return y[last]!;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= input) low = middle;
    else high = middle;
  }
  const fraction = (input - x[low]!) / (x[high]! - x[low]!);
  return y[low]! + fraction * (y[high]! - y[low]!);
}
