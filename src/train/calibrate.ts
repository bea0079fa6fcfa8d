/** Calibration of a trained network: fitted on the source's val rows, stored in its model, used on the target. */
import {
  type Calibration,
  type Calibrator,
  calibrated,
  correctPrior,
  fitCalibrator,
  targetPriorOf,
} from "../adapt/calibration/calibrator.ts";
import {
  type FeatureMoments,
  type LabelShiftTest,
  looksDifferent,
  testLabelShift,
} from "../adapt/calibration/label-shift-test.ts";
import type { PriorEstimator } from "../adapt/prevalence.ts";
import type { LabelledDomain } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { everyNth } from "../foundation/thinning.ts";
import type { Network } from "../nn/network.ts";
import type { Model } from "./model.ts";
import { predictOutputs } from "./predict.ts";

/** More rows than this are thinned out evenly. */
const MOST_ROWS = 20_000;

/**
 * Fits temperature, bias and isotonic regression on held-out rows.
 *
 * @param val held-out labelled rows of the source
 * @param prior that the network was trained under, if it is not that of the rows (balanced classes)
 * @param saved as in `safePoint`
 * @returns null when a class has no held-out row
 * @throws Interrupted when the user stops it
 */
export async function calibrateOn(
  network: Network,
  preprocessing: Preprocessing,
  source: LabelledDomain,
  val: Int32Array,
  prior: readonly number[] | undefined,
  saved: string,
): Promise<Calibrator | null> {
  const rows = everyNth(val, MOST_ROWS);
  const labels = source.labels(rows);
  if (new Set(labels).size < source.info.classes.length) return null;
  const bar = progress("calibrate", rows.length, "images");
  try {
    const tick = (images: number) => bar.tick(images);
    const outputs = await predictOutputs(network, preprocessing, source, rows, saved, tick);
    return fitCalibrator(outputs.logits, labels, prior, outputs.features);
  } finally {
    bar.done();
  }
}

export interface CalibrateOptions {
  calibration: Calibration;
  /** The target's prior (K), if it is given; else it is estimated. */
  prior: readonly number[] | null;
  /** The estimator of the prior; null leaves the probabilities at the source's. */
  priorFrom: PriorEstimator | null;
}

export interface CalibratedRows {
  /** N × K, row-major; null where the prior is estimated and the estimate can't be trusted. */
  probabilities: Float64Array | null;
  /** The prior that they are corrected to (K). */
  prior: readonly number[];
  /** How they were calibrated, e.g. `bias-corrected temperature 1.42, prior by em`. */
  by: string;
  /** Why there are no probabilities, and what to do; null where there are. */
  warning: string | null;
}

/**
 * Calibrates a model's predictions on the target.
 *
 * @param logits N × K, row-major, @param features of the same rows
 * @returns null when the model has no calibration
 * @throws ArcletError when the prior doesn't fit the classes, or can't be estimated
 */
export function calibrateRows(
  { info }: Pick<Model, "info">,
  logits: Float32Array,
  features: FeatureMoments | null,
  { calibration, prior: given, priorFrom }: CalibrateOptions,
): CalibratedRows | null {
  const fitted = info.calibration;
  if (given !== null) checkPrior("calibration", "--prior", given, info.classes);
  if (fitted === null) return null;
  const used = knownTo(fitted, calibration);
  const probabilities = calibrated(fitted, used, logits);
  const how = howText(fitted, calibration, used);
  const correctedTo = (prior: readonly number[], from: string): CalibratedRows => ({
    probabilities: correctPrior(probabilities, fitted.prior, prior),
    prior,
    by: `${how}, ${from}`,
    warning: null,
  });
  if (given !== null) return correctedTo(given, "the given prior");
  if (priorFrom === null) return correctedTo(fitted.prior, "the source's prior");
  const { prior, atBound } = targetPriorOf(fitted, priorFrom, used, probabilities);
  const by = `${how}, prior by ${priorFrom}`;
  const test = fitted.features && features && testLabelShift(fitted.features, features);
  const different = test !== null && looksDifferent(test);
  if (atBound.length === 0 && !different) return correctedTo(prior, `prior by ${priorFrom}`);
  const why =
    different && atBound.length === 0
      ? differentText(priorFrom, test)
      : atBoundText(priorFrom, info.classes, atBound);
  const fix = "give --prior, or --prior-from none for the source's";
  return { probabilities: null, prior, by, warning: `${why}; ${fix}` };
}

/** The calibration that is used: a model of an older version has no bias, and its temperature alone is used, and `howText` says so. */
export const knownTo = ({ biasCorrected }: Calibrator, calibration: Calibration): Calibration =>
  calibration === "bias-corrected" && biasCorrected === null ? "temperature" : calibration;

export function howText(
  { biasCorrected, temperature }: Calibrator,
  wanted: Calibration,
  used: Calibration,
): string {
  if (used === "isotonic") return used;
  const chosen = used === "bias-corrected" ? biasCorrected!.temperature : temperature;
  const text = `${used === "temperature" ? used : `${used} temperature`} ${chosen.toPrecision(3)}`;
  return used === wanted ? text : `${text} without bias (the model is of an older version)`;
}

/** An estimate at its bound, in words. @param atBound indices of classes */
export const atBoundText = (by: string, classes: readonly string[], atBound: readonly number[]): string =>
  `the prior by ${by} is at its bound: less than one image is expected of ${atBound.map((k) => classes[k]).join(", ")}, so ` +
  "the images hold none, or it looks different in them";

/** Images that look different from the source's of their class, in words. */
export const differentText = (by: string, { apart }: LabelShiftTest): string =>
  `images of a class look different here than in the source (no prior explains their mean features, which are off by ` +
  `${apart.toPrecision(2)} standard deviations), so the prior by ${by} is not to be trusted`;

/** @throws ArcletError unless there is one share per class, with sum 1 */
export function checkPrior(
  where: string,
  argument: string,
  prior: readonly number[],
  classes: readonly string[],
): void {
  const sum = prior.reduce((a, b) => a + b, 0);
  if (prior.length !== classes.length || Math.abs(sum - 1) > 1e-6)
    refuse(where, argument, `${classes.length} shares (${classes.join(", ")}) with sum 1`, prior);
}
