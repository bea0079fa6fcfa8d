/**
 * An estimate of the target's prior with its interval, from calibrated predictions.
 *
 * Sources: calibration by a temperature and a bias per class before EM: Alexandari, Kundaje, Shrikumar 2020, arXiv:1901.06852;
 * the interval: the percentiles of a bootstrap over the source's and the target's rows.
 */
import { Draws } from "../foundation/random.ts";
import { rankQuantile } from "../foundation/statistics.ts";
import { bbse, em, type Rows } from "./label-shift.ts";

export const priorEstimators = ["bbse", "em"] as const;
export type PriorEstimator = (typeof priorEstimators)[number];

export interface PriorEstimate {
  /** Share of each class (K), sum 1, and its 95 % interval. */
  prior: number[];
  low: number[];
  high: number[];
}

const REPLICATES = 200;
const ROUNDS = 300;

/** Fits softmax(s z + b), b_0 = 0, by maximum likelihood. @returns the map from logits to probabilities */
export function fitCalibration(logits: Rows, labels: readonly number[]): (z: readonly number[]) => number[] {
  const k = logits[0]!.length;
  let parameters = [1, ...Array<number>(k - 1).fill(0)]; // s, b_1, …
  let loss = lossAt(parameters, logits, labels).loss;
  let rate = 1;
  // Steepest descent with a rate that grows on success: the loss is convex, with K parameters.
  for (let round = 0; round < ROUNDS && rate > 1e-8; round++) {
    const { slope } = lossAt(parameters, logits, labels);
    const next = parameters.map((value, i) => value - rate * slope[i]!);
    const nextLoss = lossAt(next, logits, labels).loss;
    if (nextLoss < loss) {
      const decrease = loss - nextLoss;
      [parameters, loss, rate] = [next, nextLoss, rate * 1.5];
      if (decrease < 1e-10) break;
    } else rate /= 4;
  }
  return (z) => probabilities(parameters, z);
}

function probabilities(parameters: readonly number[], z: readonly number[]): number[] {
  const logits = z.map((value, k) => parameters[0]! * value + (k === 0 ? 0 : parameters[k]!));
  const top = Math.max(...logits);
  const e = logits.map((value) => Math.exp(value - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}

/** Mean cross-entropy and its gradient. */
function lossAt(parameters: readonly number[], logits: Rows, labels: readonly number[]) {
  const slope = parameters.map(() => 0);
  let loss = 0;
  logits.forEach((z, n) => {
    const p = probabilities(parameters, z);
    loss -= Math.log(Math.max(p[labels[n]!]!, 1e-300)) / logits.length;
    p.forEach((value, k) => {
      const residual = (value - Number(k === labels[n])) / logits.length;
      slope[0]! += residual * z[k]!;
      if (k > 0) slope[k]! += residual;
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
): PriorEstimate {
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
  for (let i = 0; i < REPLICATES; i++) {
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
  };
}
