/** Calibration of a trained network: fitted on the source's validation rows, stored in its model, used on the target. */
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

/** Rows beyond so many are thinned out evenly. */
const MOST = 20_000;

/**
 * Fits temperature and isotonic regression on held-out rows.
 *
 * @param val held-out labelled rows of the source
 * @param prior that the network was trained under, where it is not that of the rows (balanced classes)
 * @returns null when a class has no row there
 */
export function calibrateOn(
  network: Network,
  preprocessing: Preprocessing,
  source: Dataset,
  val: Int32Array,
  prior?: readonly number[],
): Calibrator | null {
  const rows = everyNth(val, MOST);
  const labels = source.labels(rows);
  if (new Set(labels).size < source.info.classes.length) return null;
  const logits = tidy(() => predictTensors(network, preprocessing, source, rows).logits.numbers());
  return fitCalibrator(logits, labels, prior);
}

export interface CalibrateOptions {
  calibration: Calibration;
  /** The target's prior (K) as given; else it is estimated. */
  prior: readonly number[] | null;
  /** By what; null leaves the probabilities at the source's prior. */
  priorFrom: PriorEstimator | null;
}

export interface CalibratedRows {
  /** N × K, row-major. */
  probabilities: Float64Array;
  /** To which they were corrected (K). */
  prior: readonly number[];
  /** How, e.g. `temperature 1.42, prior by em`. */
  by: string;
}

/**
 * Calibrates a model's predictions on the target.
 *
 * @param logits N × K, row-major
 * @returns null when the model holds no calibration
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
  const own = calibrated(fitted, calibration, logits);
  const prior =
    given ?? (priorFrom === null ? fitted.prior : targetPriorOf(fitted, priorFrom, calibration, own));
  const how =
    calibration === "temperature" ? `temperature ${fitted.temperature.toPrecision(3)}` : calibration;
  const from =
    given !== null ? "prior as given" : priorFrom === null ? "the source's prior" : `prior by ${priorFrom}`;
  return { probabilities: correctPrior(own, fitted.prior, prior), prior, by: `${how}, ${from}` };
}

/** @throws ArcletError unless there is a part a class, with sum 1 */
export function checkPrior(
  where: string,
  argument: string,
  prior: readonly number[],
  classes: readonly string[],
): void {
  const sum = prior.reduce((a, b) => a + b, 0);
  if (prior.length !== classes.length || Math.abs(sum - 1) > 1e-6)
    refuse(where, argument, `${classes.length} parts (${classes.join(", ")}) with sum 1`, prior);
}
