/** The share of each class in a target without labels, estimated with a model that learned the source. */
import {
  classFeaturesOf,
  FeatureSums,
  type LabelShiftTest,
  testLabelShift,
} from "../adapt/calibration/label-shift-test.ts";
import {
  estimatePriorOf,
  fitCalibration,
  type PriorEstimate,
  type PriorEstimator,
} from "../adapt/prevalence.ts";
import type { ImageDomain, LabelledDomain } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { refuse } from "../foundation/errors.ts";
import { everyNth } from "../foundation/thinning.ts";
import type { Network } from "../nn/network.ts";
import { predictOutputs } from "./predict.ts";

/** More rows than this are thinned out: only more val rows of the source would narrow the interval further. */
const MOST_ROWS = 20_000;

/** The rows that a prior is estimated from. */
export interface PriorRows {
  /** The labelled domain. */
  source: LabelledDomain;
  /** Held-out labelled rows of the source. */
  val: Int32Array;
  /** The unlabelled domain. */
  target: ImageDomain;
  /** Rows of the target. */
  rows: Int32Array;
}

/**
 * @param network that learned the source; left in eval mode
 * @throws ArcletError when a class has no val row, or the predictions don't tell the classes apart; Interrupted when the user
 *   stops it
 * @returns the estimate, and the test of what it assumes
 */
export async function estimatePrior(
  by: PriorEstimator,
  network: Network,
  preprocessing: Preprocessing,
  { source, val, target, rows }: PriorRows,
): Promise<PriorEstimate & { alike: LabelShiftTest | null }> {
  const [valRows, targetRows] = [everyNth(val, MOST_ROWS), everyNth(rows, MOST_ROWS)];
  const outputsOf = async (domain: ImageDomain, subset: Int32Array) => {
    const made = await predictOutputs(network, preprocessing, domain, subset, "nothing was written");
    const k = made.logits.length / subset.length;
    const logits = Array.from(subset, (_, i) => Array.from(made.logits.subarray(i * k, (i + 1) * k)));
    return { logits, features: made.features };
  };
  const labels = Array.from(source.labels(valRows));
  const { classes } = source.info;
  const absent = classes.find((_, k) => !labels.includes(k));
  if (absent !== undefined)
    refuse("prevalence", "the source's split val", "of every class", `no labelled row of ${absent}`);
  const onSource = await outputsOf(source, valRows);
  const onTarget = await outputsOf(target, targetRows);
  const calibrated = fitCalibration(onSource.logits, labels);
  const sums = new FeatureSums();
  sums.add(onTarget.features, targetRows.length);
  const ofClasses = classFeaturesOf(onSource.features, labels, classes.length);
  return {
    ...(await estimatePriorOf(by, onSource.logits.map(calibrated), labels, onTarget.logits.map(calibrated))),
    alike: testLabelShift(ofClasses, sums.moments()),
  };
}

/** `prior by em: lens 0.012 [0.006, 0.019]` */
export const priorText = (
  by: string,
  classes: readonly string[],
  { prior, low, high }: Omit<PriorEstimate, "atBound">,
): string =>
  `prior by ${by}: ${classes
    .map((name, k) => `${name} ${shown(prior[k]!)} [${shown(low[k]!)}, ${shown(high[k]!)}]`)
    .join(", ")}`;

const shown = (share: number): string => share.toPrecision(3);
