/** The share of each class in a target without labels, estimated with a model that learned the source. */
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

export interface PriorRows {
  source: LabelledDomain;
  /** Held-out labelled rows of the source. */
  val: Int32Array;
  target: ImageDomain;
  rows: Int32Array;
}

/**
 * @param network that learned the source; left in eval mode
 * @throws ArcletError when a class has no val row, or the predictions don't tell the classes apart; Interrupted when the user
 *   stops it
 */
export async function estimatePrior(
  by: PriorEstimator,
  network: Network,
  preprocessing: Preprocessing,
  { source, val, target, rows }: PriorRows,
): Promise<PriorEstimate> {
  const [valRows, targetRows] = [everyNth(val, MOST_ROWS), everyNth(rows, MOST_ROWS)];
  const logitsOf = async (domain: ImageDomain, subset: Int32Array): Promise<number[][]> => {
    const { logits } = await predictOutputs(network, preprocessing, domain, subset, "nothing was written");
    const k = logits.length / subset.length;
    return Array.from(subset, (_, i) => Array.from(logits.subarray(i * k, (i + 1) * k)));
  };
  const labels = Array.from(source.labels(valRows));
  const { classes } = source.info;
  const absent = classes.find((_, k) => !labels.includes(k));
  if (absent !== undefined)
    refuse("prevalence", "the source's split val", "of every class", `no labelled row of ${absent}`);
  const onSource = await logitsOf(source, valRows);
  const onTarget = await logitsOf(target, targetRows);
  const calibrated = fitCalibration(onSource, labels);
  return await estimatePriorOf(by, onSource.map(calibrated), labels, onTarget.map(calibrated));
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
