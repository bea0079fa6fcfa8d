/**
 * Whether images of a class look alike in both domains, as far as features show it, without a label of the target.
 *
 * An estimate of the target's prior (BBSE, EM) assumes label shift: p(x | y) is the same in both domains, and only p(y)
 * differs (Saerens et al. 2002; Lipton et al. 2018; Alexandari et al. 2020). Scores alone can't tell: those of a weak network
 * that all rise a little look like more lenses, and BBSE and EM then agree on the wrong prior. Features have more directions
 * than the classes have means, and a difference in looks shows in the others: under label shift, the target's mean features m
 * are the source's class means μ_k mixed by the target's prior, m = Σ π_k μ_k.
 *
 * The test is Hotelling's (1931, Annals of Mathematical Statistics 2, 360) of r = m − Σ π_k μ_k, for the π that makes
 * r' C⁻¹ r least, C the features' covariance in the target. Features are first projected on a few directions, drawn once and
 * for all: their covariance is known well from few rows, and together with C⁻¹ they keep the directions in which features
 * vary little, where domains differ most (Lopes, Jacob, Wainwright 2011, NeurIPS).
 */
import { z } from "zod";
import { linearSolve } from "../../foundation/linear-solve.ts";
import { Draws } from "../../foundation/random.ts";

/** Features of held-out source rows by class, as plain numbers in a model's file. */
export const classFeaturesSchema = z.strictObject({
  /** Rows of each class (K). */
  rows: z.array(z.number().int().positive()),
  /** Number F of features. */
  width: z.number().int().positive(),
  /** Mean of the projected features of each class (K, D). */
  means: z.array(z.array(z.number())),
});

export type ClassFeatures = z.output<typeof classFeaturesSchema>;

/** Number, mean and covariance of rows' projected features. */
export interface FeatureMoments {
  rows: number;
  width: number;
  /** (D) */
  means: number[];
  /** (D, D) */
  covariance: number[][];
}

export interface LabelShiftTest {
  /** Hotelling's statistic above its mean under label shift, over its standard deviation. */
  z: number;
  /** How far the mean features are from every mixture: Mahalanobis distance, the expected noise taken off. */
  apart: number;
}

/** Directions that features are projected on. */
const DIRECTIONS = 16;
/** Rows that each direction needs. */
const ROWS_EACH = 8;
/** What chance gives once in five thousand data sets: that of χ² with fifteen degrees of freedom. */
const SIGNIFICANT = 5;
/** Nearer than this, large data sets show a difference that moves no estimate by much: docs/results/calibration.md. */
const APART = 0.25;

/** Whether a test says that images of a class look different, by more than chance and by enough to matter. */
export const looksDifferent = ({ z: over, apart }: LabelShiftTest): boolean =>
  over > SIGNIFICANT && apart > APART;

/** Moments of rows that come in batches. */
export class FeatureSums {
  private rows = 0;
  private width = 0;
  private directions: Float64Array[] = [];
  private sums: number[] = [];
  private products: number[][] = [];

  /** @param features (B, F), row-major */
  add(features: Float32Array, rows: number): void {
    if (this.rows === 0) this.begin(features.length / rows);
    const { width, directions, sums, products } = this;
    for (let n = 0; n < rows; n++) {
      const projected = directions.map((direction) => {
        let sum = 0;
        for (let f = 0; f < width; f++) sum += features[n * width + f]! * direction[f]!;
        return sum;
      });
      for (const [i, value] of projected.entries()) {
        sums[i]! += value;
        for (let j = 0; j <= i; j++) products[i]![j]! += value * projected[j]!;
      }
    }
    this.rows += rows;
  }

  moments(): FeatureMoments {
    const { rows, width, sums, products } = this;
    const means = sums.map((sum) => sum / rows);
    const covariance = sums.map((_, i) =>
      sums.map((_, j) => products[Math.max(i, j)]![Math.min(i, j)]! / rows - means[i]! * means[j]!),
    );
    return { rows, width, means, covariance };
  }

  private begin(width: number): void {
    this.width = width;
    const draws = new Draws(1);
    const count = Math.min(DIRECTIONS, width);
    this.directions = Array.from({ length: count }, () =>
      Float64Array.from({ length: width }, () => draws.normal()),
    );
    this.sums = Array<number>(count).fill(0);
    this.products = this.sums.map(() => Array<number>(count).fill(0));
  }
}

/**
 * @param features (N, F), row-major
 * @param labels class indices (N); every class has a row
 */
export function classFeaturesOf(
  features: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): ClassFeatures {
  const width = features.length / labels.length;
  const sums = Array.from({ length: classes }, () => new FeatureSums());
  for (let n = 0; n < labels.length; n++)
    sums[labels[n]!]!.add(features.subarray(n * width, (n + 1) * width), 1);
  const moments = sums.map((sum) => sum.moments());
  return { rows: moments.map(({ rows }) => rows), width, means: moments.map(({ means }) => means) };
}

/**
 * Whether some prior explains the target's mean features.
 *
 * @returns null when there are too few rows or features to tell, features of another number, or some that don't vary
 */
export function testLabelShift(source: ClassFeatures, target: FeatureMoments): LabelShiftTest | null {
  const classes = source.rows.length;
  const used = Math.min(target.means.length, Math.floor(target.rows / ROWS_EACH));
  if (source.width !== target.width || used <= classes) return null;
  const scale = target.means.slice(0, used).map((_, i) => Math.sqrt(Math.max(0, target.covariance[i]![i]!)));
  if (scale.some((sigma) => !(sigma > 0))) return null;
  const scaled = (values: readonly number[]) => scale.map((sigma, i) => values[i]! / sigma);
  const covariance = scale.map((a, i) => scale.map((b, j) => target.covariance[i]![j]! / (a * b)));
  const means = source.means.map(scaled);
  const base = means[classes - 1]!;
  const away = minus(scaled(target.means), base);
  const along = means.slice(0, -1).map((mean) => minus(mean, base));
  const weighed = along.map((direction) => linearSolve(covariance, direction, 1e-12));
  if (weighed.some((each) => each === null)) return null;
  const shares = linearSolve(
    weighed.map((a) => along.map((b) => dot(a!, b))),
    weighed.map((a) => dot(a!, away)),
    1e-12,
  );
  // Class means that are all alike: any prior does.
  const rest = (shares ?? along.map(() => 0)).reduce(
    (left, share, k) => left.map((value, i) => value - share * along[k]![i]!),
    away,
  );
  const solved = linearSolve(covariance, rest, 1e-12);
  if (solved === null) return null;
  return over(dot(rest, solved), used, source, target.rows, shares);
}

/** @param distance r' C⁻¹ r, @param used number of directions, @param shares of all classes but the last */
function over(
  distance: number,
  used: number,
  { rows: counts }: ClassFeatures,
  rows: number,
  shares: readonly number[] | null,
): LabelShiftTest {
  const k = counts.length;
  const all = shares === null ? counts.map(() => 1 / k) : [...shares, 1 - shares.reduce((a, b) => a + b, 0)];
  const kept = all.map((share) => Math.max(0, share));
  const total = kept.reduce((a, b) => a + b, 0);
  const noise = kept.reduce((sum, share, c) => sum + (share / total) ** 2 / counts[c]!, 1 / rows);
  const free = used - k + 1;
  // C⁻¹ of an estimated covariance is too large by this on average.
  const unbiased = (distance * (rows - used - 2)) / (rows - 1);
  return {
    z: (unbiased / noise - free) / Math.sqrt(2 * free),
    apart: Math.sqrt(Math.max(0, unbiased - noise * free)),
  };
}

const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value - b[i]!);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
