/**
 * Calibration of a network's probabilities: fitted on held-out rows of the source, then corrected to the target's prior.
 *
 * Sources: temperature: Guo et al. 2017; with a bias of each class: Alexandari et al. 2020; isotonic regression of each class against the rest, normalised: Zadrozny & Elkan
 * 2002; the correction p'(k) ∝ p(k) π_t(k) / π_s(k): Saerens, Latinne, Decaestecker 2002, eq. 2.4. It holds under
 * label shift alone: if a class looks different in the target, no fit on the source calibrates its probability.
 */
import { z } from "zod";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { stepTo } from "../../foundation/thinning.ts";
import { bbseOf, classesAtBound, emOf } from "../label-shift.ts";
import type { PriorEstimator } from "../prevalence.ts";
import { fitBiasCorrected, biasCorrected as withBias } from "./bias-corrected.ts";
import { fitIsotonic, isotonicAt } from "./isotonic.ts";
import { classFeaturesOf, classFeaturesSchema } from "./label-shift-test.ts";
import { fitTemperature } from "./temperature.ts";
import { youdenThreshold } from "./youden.ts";

/** The calibrations by name. */
export const calibrations = ["bias-corrected", "temperature", "isotonic"] as const;

/** A calibration's name. */
export type Calibration = (typeof calibrations)[number];

const share = z.number().min(0).max(1);
const square = z.array(z.array(share));

/** The calibrator as plain numbers in a model's file. Classes are in the order of the logits. */
export const calibratorSchema = z.strictObject({
  /** Number of held-out source rows that it was fitted on. */
  rows: z.number().int().positive(),
  /** The prior under which its probabilities are calibrated (K). */
  prior: z.array(z.number().positive()),
  temperature: z.number().positive(),
  /** Whether the temperature is at the end of its range: the classes were separated without an error. */
  atLimit: z.boolean(),
  /** Temperature and biases (K), fitted together; null in models of older versions. */
  biasCorrected: z
    .strictObject({ temperature: z.number().positive(), bias: z.array(z.number()), atLimit: z.boolean() })
    .nullable()
    .default(null),
  /** One for each class against the rest. */
  isotonic: z.array(z.strictObject({ x: z.array(z.number()), y: z.array(share) })),
  /** For BBSE, by calibration: C_ij, the share of the rows predicted as i and of class j. */
  joint: z.strictObject({
    "bias-corrected": square.nullable().default(null),
    temperature: square,
    isotonic: square,
  }),
  /** For each class, the uncalibrated probability that separates it from the rest best. */
  threshold: z.array(share),
  /** Features by class, that the target's are compared with; null in models of older versions. */
  features: classFeaturesSchema.nullable().default(null),
});

/** A fitted calibration, as a model's file keeps it. */
export type Calibrator = z.output<typeof calibratorSchema>;

/**
 * @param logits row-major (N, K)
 * @param labels class indices (N); every class has a row
 * @param prior of the population that the network's probabilities are for (K), if it is not that of the rows
 * @param features row-major (N, F)
 * @throws ArcletError when a class has no row
 */
export function fitCalibrator(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  prior?: readonly number[],
  features?: Float32Array,
): Calibrator {
  const n = labels.length;
  const k = logits.length / n;
  const shares = Array<number>(k).fill(0);
  for (let i = 0; i < n; i++) shares[labels[i]!]! += 1 / n;
  const absent = shares.indexOf(0);
  if (absent >= 0) refuse("calibration", "rows", "of every class", `none of class ${absent}`);
  const expected = prior ?? shares;
  const weights = Float64Array.from({ length: n }, (_, i) => expected[labels[i]!]! / shares[labels[i]!]!);
  const { temperature, atLimit } = fitTemperature(logits, labels, prior === undefined ? undefined : weights);
  const { loss: _, ...biasCorrected } = fitBiasCorrected(
    logits,
    labels,
    prior === undefined ? undefined : weights,
  );
  const raw = softmax(logits, k, 1);
  const column = (c: number) => Float64Array.from({ length: n }, (_, i) => raw[i * k + c]!);
  const isotonic = shares.map((_, c) =>
    fitIsotonic(
      column(c),
      Float64Array.from({ length: n }, (_, i) => Number(labels[i] === c)),
      weights,
    ),
  );
  const fitted = { rows: n, prior: [...expected], temperature, atLimit, biasCorrected, isotonic };
  const joint = (by: Calibration) => jointOf(calibrated(fitted, by, logits), labels, weights, k);
  return {
    ...fitted,
    joint: {
      "bias-corrected": joint("bias-corrected"),
      temperature: joint("temperature"),
      isotonic: joint("isotonic"),
    },
    threshold: shares.map((_, c) => youdenThreshold(column(c), (row) => labels[row] === c)),
    features: features === undefined ? null : classFeaturesOf(features, labels, k),
  };
}

/**
 * Calibrated probabilities (N, K) under the calibrator's own prior.
 *
 * @param logits row-major (N, K)
 * @throws ArcletError for `bias-corrected` when the calibrator is of an older version
 */
export function calibrated(
  {
    rows,
    prior,
    temperature,
    biasCorrected,
    isotonic,
  }: Pick<Calibrator, "rows" | "prior" | "temperature" | "biasCorrected" | "isotonic">,
  by: Calibration,
  logits: ArrayLike<number>,
): Float64Array {
  const k = prior.length;
  if (by === "bias-corrected") {
    if (biasCorrected === null)
      throw new ArcletError({
        where: "calibration",
        code: "missing",
        problem: "the model is of an older version, whose calibration has no bias",
        fix: "give --calibration isotonic or temperature, or train again",
      });
    return withBias(biasCorrected, logits);
  }
  if (by === "temperature") return softmax(logits, k, 1 / temperature);
  const p = softmax(logits, k, 1);
  // Rows of one class alone don't prove that another is impossible: no probability is below half a row in all rows.
  const least = 1 / (2 * rows);
  for (let i = 0; i < p.length; i += k) {
    let sum = 0;
    for (let c = 0; c < k; c++) {
      p[i + c] = Math.min(1 - least, Math.max(least, isotonicAt(isotonic[c]!, p[i + c]!)));
      sum += p[i + c]!;
    }
    for (let c = 0; c < k; c++) p[i + c]! /= sum;
  }
  return p;
}

/** Probabilities (N, K) under another prior: p(k) π_t(k) / π_s(k), normalised. */
export function correctPrior(
  probabilities: Float64Array,
  from: readonly number[],
  to: readonly number[],
): Float64Array {
  const k = from.length;
  const out = new Float64Array(probabilities.length);
  for (let i = 0; i < out.length; i += k) {
    let sum = 0;
    for (let c = 0; c < k; c++) {
      out[i + c] = (probabilities[i + c]! * to[c]!) / from[c]!;
      sum += out[i + c]!;
    }
    for (let c = 0; c < k; c++) out[i + c]! /= sum;
  }
  return out;
}

/** More rows than this are thinned out evenly. */
const MOST_ROWS = 200_000;

export interface TargetPrior {
  /** (K) */
  prior: number[];
  /** Classes whose estimate is at its bound: see `classesAtBound`. */
  atBound: number[];
}

/**
 * The prior of the target, estimated from its calibrated probabilities (N, K).
 *
 * @throws ArcletError as `bbse`
 */
export function targetPriorOf(
  calibrator: Calibrator,
  by: PriorEstimator,
  calibration: Calibration,
  probabilities: Float64Array,
): TargetPrior {
  const k = calibrator.prior.length;
  const stride = stepTo(probabilities.length / k, MOST_ROWS);
  const rows = probabilities.filter((_, i) => Math.floor(i / k) % stride === 0);
  const prior =
    by === "em"
      ? emOf(rows, calibrator.prior)
      : bbseOf(jointBy(calibrator, calibration), calibrator.prior, meanOfColumns(rows, k));
  return { prior, atBound: classesAtBound(prior, rows.length / k) };
}

function jointBy({ joint }: Calibrator, calibration: Calibration): number[][] {
  const own = joint[calibration];
  if (own === null)
    throw new ArcletError({
      where: "bbse",
      code: "missing",
      problem: `the model knows none of ${calibration}`,
    });
  return own;
}

const meanOfColumns = (rows: Float64Array, k: number): number[] =>
  Array.from({ length: k }, (_, c) => {
    let sum = 0;
    for (let i = c; i < rows.length; i += k) sum += rows[i]!;
    return (sum * k) / rows.length;
  });

function jointOf(p: Float64Array, labels: ArrayLike<number>, weights: Float64Array, k: number): number[][] {
  const joint = Array.from({ length: k }, () => Array<number>(k).fill(0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let n = 0; n < labels.length; n++)
    for (let i = 0; i < k; i++) joint[i]![labels[n]!]! += (weights[n]! * p[n * k + i]!) / total;
  return joint;
}

/** softmax(β z) of rows of K. */
function softmax(logits: ArrayLike<number>, k: number, beta: number): Float64Array {
  const out = new Float64Array(logits.length);
  for (let i = 0; i < out.length; i += k) {
    let top = logits[i]!;
    for (let c = 1; c < k; c++) top = Math.max(top, logits[i + c]!);
    let sum = 0;
    for (let c = 0; c < k; c++) {
      out[i + c] = Math.exp(beta * (logits[i + c]! - top));
      sum += out[i + c]!;
    }
    for (let c = 0; c < k; c++) out[i + c]! /= sum;
  }
  return out;
}
