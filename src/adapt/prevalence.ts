/**
 * An estimate of the target's prior with its interval, from calibrated predictions.
 *
 * Sources: calibration by a temperature and a bias a class before EM: Alexandari, Kundaje, Shrikumar 2020, arXiv:1901.06852;
 * the interval: the percentiles of a bootstrap over the source's and the target's rows.
 */
import { Draws } from "../foundation/random.ts";
import { rankQuantile } from "../foundation/statistics.ts";
import { bbse, em, type Rows } from "./label-shift.ts";

export const priorEstimators = ["bbse", "em"] as const;
export type PriorEstimator = (typeof priorEstimators)[number];

export interface Estimated {
  /** The part of each class (K), sum 1, and its 95 % interval. */
  prior: number[];
  low: number[];
  high: number[];
}

const REPLICATES = 200;
const ROUNDS = 300;

/** softmax(s z + b) with s and b (b_0 = 0) that make the labels likeliest. @returns the map from logits to probabilities */
export function calibration(logits: Rows, labels: readonly number[]): (z: readonly number[]) => number[] {
  const k = logits[0]!.length;
  let at = [1, ...Array<number>(k - 1).fill(0)]; // s, b_1, …
  let loss = lossAt(at, logits, labels).loss;
  let rate = 1;
  // Steepest descent with a rate that grows on success: the loss is convex, with K parameters.
  for (let round = 0; round < ROUNDS && rate > 1e-8; round++) {
    const { slope } = lossAt(at, logits, labels);
    const next = at.map((value, i) => value - rate * slope[i]!);
    const now = lossAt(next, logits, labels).loss;
    if (now < loss) {
      const gained = loss - now;
      [at, loss, rate] = [next, now, rate * 1.5];
      if (gained < 1e-10) break;
    } else rate /= 4;
  }
  return (z) => probabilities(at, z);
}

function probabilities(at: readonly number[], z: readonly number[]): number[] {
  const moved = z.map((value, k) => at[0]! * value + (k === 0 ? 0 : at[k]!));
  const top = Math.max(...moved);
  const e = moved.map((value) => Math.exp(value - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}

/** Mean cross-entropy and its gradient. */
function lossAt(at: readonly number[], logits: Rows, labels: readonly number[]) {
  const slope = at.map(() => 0);
  let loss = 0;
  logits.forEach((z, n) => {
    const p = probabilities(at, z);
    loss -= Math.log(Math.max(p[labels[n]!]!, 1e-300)) / logits.length;
    p.forEach((value, k) => {
      const off = (value - Number(k === labels[n])) / logits.length;
      slope[0]! += off * z[k]!;
      if (k > 0) slope[k]! += off;
    });
  });
  return { loss, slope };
}

/**
 * @param source calibrated probabilities of held-out source rows, @param labels their classes, @param target those of target rows
 * @param seed of the bootstrap
 * @throws ArcletError as `bbse`
 */
export function estimatePriorOf(
  by: PriorEstimator,
  source: Rows,
  labels: readonly number[],
  target: Rows,
  seed = 1,
): Estimated {
  const k = source[0]!.length;
  const estimate = (s: Rows, y: readonly number[], t: Rows): number[] => {
    if (by === "bbse") return bbse(s, y, t);
    const parts = Array.from({ length: k }, (_, j) => y.filter((label) => label === j).length / y.length);
    return em(t, parts);
  };
  const prior = estimate(source, labels, target);
  const draws = new Draws(seed);
  const drawn = (n: number) => Math.min(n - 1, Math.floor(draws.uniform(0, n)));
  const made: number[][] = [];
  for (let i = 0; i < REPLICATES; i++) {
    const rows = source.map(() => drawn(source.length));
    const y = rows.map((row) => labels[row]!);
    if (new Set(y).size < k) continue; // a class was not drawn
    const t = target.map(() => target[drawn(target.length)]!);
    made.push(
      estimate(
        rows.map((row) => source[row]!),
        y,
        t,
      ),
    );
  }
  const at = (j: number, part: number): number => {
    const sorted = made.map((one) => one[j]!).sort((a, b) => a - b);
    return made.length === 0 ? prior[j]! : rankQuantile(sorted, part, "nearest");
  };
  return { prior, low: prior.map((_, j) => at(j, 0.025)), high: prior.map((_, j) => at(j, 0.975)) };
}
