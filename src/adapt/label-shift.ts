/**
 * The share of each class in a target without labels, under label shift: p(x | y) is the same in both domains.
 *
 * Sources: BBSE: Lipton, Wang, Smola 2018, arXiv:1802.03916, section 3. EM: Saerens, Latinne, Decaestecker 2002, Neural
 * Computation 14, 21, section 2.2; its steps are lengthened as by Varadhan & Roland 2008, Scandinavian Journal of Statistics
 * 35, 335 (SQUAREM): where a share goes to 0, EM alone takes thousands.
 */
import { ArcletError } from "../foundation/errors.ts";
import { linearSolve } from "../foundation/linear-solve.ts";

/** Shares are kept above this: EM could never raise a share of 0 again. */
const LEAST = 1e-6;
/** C with a smaller pivot is singular. */
const SINGULAR = 1e-9;

/** Rows of class probabilities. */
export type Rows = readonly (readonly number[])[];

/**
 * Solves C w = q: C_ij the share of the source predicted as i and of class j, q_i the share of the target predicted as i;
 * π_j = w_j p_s(j). Soft predictions are used, which have less variance than hard ones.
 *
 * @param source probabilities of held-out source rows, @param labels their classes, @param target those of target rows
 * @throws ArcletError when the predictions don't tell the classes apart (C is singular), or a class has no row
 */
export function bbse(source: Rows, labels: readonly number[], target: Rows): number[] {
  const k = source[0]!.length;
  const joint = Array.from({ length: k }, () => Array<number>(k).fill(0)); // C
  source.forEach((p, n) => {
    for (let i = 0; i < k; i++) joint[i]![labels[n]!]! += p[i]! / source.length;
  });
  const shares = Array.from(
    { length: k },
    (_, j) => labels.filter((label) => label === j).length / labels.length,
  );
  const absent = shares.indexOf(0);
  if (absent >= 0)
    throw new ArcletError({
      where: "bbse",
      code: "empty",
      problem: `source rows must hold every class, got none of class ${absent}`,
    });
  return bbseOf(joint, shares, meanOf(target, k));
}

/**
 * BBSE from its statistics of both domains.
 *
 * @param joint C (K, K), @param shares p_s (K), @param predicted q (K)
 * @throws ArcletError when C is singular
 */
export function bbseOf(joint: Rows, shares: readonly number[], predicted: readonly number[]): number[] {
  const w = linearSolve(joint, predicted, SINGULAR);
  if (w === null)
    throw new ArcletError({
      where: "bbse",
      code: "failed",
      problem: "predictions must tell the classes apart, got the same for all",
    });
  return normalised(w.map((value, j) => value * shares[j]!));
}

/**
 * Re-estimates the prior and the posteriors alternately until they agree: the maximum of the likelihood, which is concave.
 *
 * @param target probabilities (calibrated under the source's prior), @param sourcePrior π_s, every share above 0
 * @throws ArcletError when a class has no share in the source
 */
export function em(target: Rows, sourcePrior: readonly number[], steps = 1000): number[] {
  return emOf(Float64Array.from(target.flat()), sourcePrior, steps);
}

/** `em` of row-major probabilities (N, K). */
export function emOf(target: Float64Array, sourcePrior: readonly number[], steps = 1000): number[] {
  const k = sourcePrior.length;
  const absent = sourcePrior.findIndex((share) => !(share > 0));
  if (absent >= 0)
    throw new ArcletError({
      where: "em",
      code: "empty",
      problem: `source rows must hold every class, got none of class ${absent}`,
    });
  const ratio = Float64Array.from(target, (p, i) => p / sourcePrior[i % k]!);
  let prior = normalised(sourcePrior);
  for (let step = 0; step < steps; step++) {
    const first = emStep(ratio, prior);
    const second = emStep(ratio, first.prior);
    const far = lengthened(prior, first.prior, second.prior);
    // The longer step only where the likelihood is higher for it.
    const reached = emStep(ratio, far);
    const next = reached.logLikelihood >= second.logLikelihood ? reached.prior : second.prior;
    const change = Math.max(...next.map((value, c) => Math.abs(value - prior[c]!)));
    prior = next;
    if (!(change >= 1e-10)) break;
  }
  return prior;
}

/** One step of EM, and the mean log-likelihood of the prior that it starts from. ratio: p / π_s (N, K) */
function emStep(ratio: Float64Array, prior: readonly number[]): { prior: number[]; logLikelihood: number } {
  const k = prior.length;
  const sums = Array<number>(k).fill(0);
  let logLikelihood = 0;
  for (let i = 0; i < ratio.length; i += k) {
    let sum = 0;
    for (let c = 0; c < k; c++) sum += ratio[i + c]! * prior[c]!;
    for (let c = 0; c < k; c++) sums[c]! += (ratio[i + c]! * prior[c]!) / sum;
    logLikelihood += Math.log(sum);
  }
  const rows = ratio.length / k;
  return { prior: normalised(sums.map((sum) => sum / rows)), logLikelihood: logLikelihood / rows };
}

/** Where the last two steps point to, if each is shorter than the one before by the same factor. */
function lengthened(start: readonly number[], first: readonly number[], second: readonly number[]): number[] {
  const step = first.map((value, c) => value - start[c]!);
  const bend = second.map((value, c) => value - first[c]! - step[c]!);
  const norm = (values: readonly number[]) => Math.hypot(...values);
  if (norm(bend) === 0) return [...second];
  const alpha = Math.min(-1, -norm(step) / norm(bend));
  return normalised(start.map((value, c) => value - 2 * alpha * step[c]! + alpha * alpha * bend[c]!));
}

/** Posteriors under another prior: p(y | x) π(y) / π_s(y), normalised. */
export const corrected = (rows: Rows, from: readonly number[], to: readonly number[]): number[][] =>
  rows.map((p) => {
    const weighted = p.map((value, k) => (value * to[k]!) / from[k]!);
    const sum = weighted.reduce((a, b) => a + b, 0);
    return weighted.map((value) => value / sum);
  });

/** Mean of each of the K columns over the rows. */
const meanOf = (rows: Rows, k: number): number[] => {
  const sums = Array<number>(k).fill(0);
  for (const row of rows) for (let i = 0; i < k; i++) sums[i]! += row[i]!;
  return sums.map((sum) => sum / rows.length);
};

/**
 * The classes whose share is estimated as less than one of the rows: the estimate is at its bound. Either the rows hold none, or
 * the class looks different in the target; no probability can be corrected by it.
 *
 * @param rows that the estimate is from
 */
export const classesAtBound = (prior: readonly number[], rows: number): number[] =>
  prior.flatMap((share, k) => (share * rows < 1 ? [k] : []));

/** Clamped from below, with sum 1. */
function normalised(shares: readonly number[]): number[] {
  const kept = shares.map((share) => Math.max(share, LEAST));
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((share) => share / sum);
}
