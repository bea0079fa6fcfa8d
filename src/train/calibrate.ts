/** Calibration of a trained network: fitted on the source's val rows, stored in its model, used on the target. */
import {
  type Calibration,
  type Calibrator,
  calibrated,
  correctPrior,
  fitCalibrator,
  targetPriorOf,
} from "../adapt/calibration/calibrator.ts";
import type { PriorEstimator } from "../adapt/prevalence.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { refuse } from "../foundation/errors.ts";
import { everyNth } from "../foundation/thinning.ts";
import type { Network } from "../nn/network.ts";
import { tidy } from "../torch/scope.ts";
import type { Model } from "./model.ts";
import { predictTensors } from "./predict.ts";

/** More rows than this are thinned out evenly. */
const MOST_ROWS = 20_000;

/**
 * Fits temperature and isotonic regression on held-out rows.
 *
 * @param val held-out labelled rows of the source
 * @param prior that the network was trained under, if it is not that of the rows (balanced classes)
 * @returns null when a class has no held-out row
 */
export function calibrateOn(
  network: Network,
  preprocessing: Preprocessing,
  source: Dataset,
  val: Int32Array,
  prior?: readonly number[],
): Calibrator | null {
  const rows = everyNth(val, MOST_ROWS);
  const labels = source.labels(rows);
  if (new Set(labels).size < source.info.classes.length) return null;
  const logits = tidy(() => predictTensors(network, preprocessing, source, rows).logits.numbers());
  return fitCalibrator(logits, labels, prior);
}

export interface CalibrateOptions {
  calibration: Calibration;
  /** The target's prior (K), if it is given; else it is estimated. */
  prior: readonly number[] | null;
  /** The estimator of the prior; null leaves the probabilities at the source's. */
  priorFrom: PriorEstimator | null;
}

export interface CalibratedRows {
  /** N × K, row-major. */
  probabilities: Float64Array;
  /** The prior that they are corrected to (K). */
  prior: readonly number[];
  /** How they were calibrated, e.g. `temperature 1.42, prior by em`. */
  by: string;
}

/**
 * Calibrates a model's predictions on the target.
 *
 * @param logits N × K, row-major
 * @returns null when the model has no calibration
 * @throws ArcletError when the prior doesn't fit the classes, or can't be estimated
 */
export function calibrateRows(
  { info }: Pick<Model, "info">,
  logits: Float32Array,
  { calibration, prior: given, priorFrom }: CalibrateOptions,
): CalibratedRows | null {
  const fitted = info.calibration;
  if (given !== null) checkPrior("calibration", "--prior", given, info.classes);
  if (fitted === null) return null;
  const probabilities = calibrated(fitted, calibration, logits);
  const prior =
    given ??
    (priorFrom === null ? fitted.prior : targetPriorOf(fitted, priorFrom, calibration, probabilities));
  const how =
    calibration === "temperature" ? `temperature ${fitted.temperature.toPrecision(3)}` : calibration;
  const from =
    given !== null ? "the given prior" : priorFrom === null ? "the source's prior" : `prior by ${priorFrom}`;
  return { probabilities: correctPrior(probabilities, fitted.prior, prior), prior, by: `${how}, ${from}` };
}

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
