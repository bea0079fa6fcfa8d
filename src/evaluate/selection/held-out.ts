/** Whether the smooth selection function means what it says: each injection predicted by a fit that saw none of its group. */

import type { ReliabilityBin } from "../calibration.ts";
import { lossOf } from "../calibration.ts";
import { logOdds } from "../combination/log-odds.ts";
import { fitLogistic } from "../combination/logistic.ts";
import { Z95 } from "../distributions.ts";
import { foldsByGroup } from "../folds.ts";
import { type ClusteredRows, shareFound } from "./clustered.ts";
import type { PropertyColumn } from "./properties.ts";
import { fitSmooth, type SmoothSelection, type SmoothValue, sandwich, smoothAt } from "./smooth.ts";

export interface HeldOut {
  readonly folds: number;
  /** Bins of as many rows each, by what was predicted. */
  readonly bins: readonly ReliabilityBin[];
  /** Mean log-loss in nats, and that of one share for all rows. */
  readonly logLoss: number;
  readonly logLossOfShare: number;
  /** Slope of what is true on what is predicted, in log odds, with its 95 % interval: 1 if right, below 1 if too sure. */
  readonly slope: SmoothValue;
}

const FOLDS = 5;
const BINS = 10;

/**
 * @param which the rows that the model is fitted on
 * @returns what is predicted for each of them, and how right that is; null if there are fewer groups than folds
 */
export function heldOut(
  columns: readonly PropertyColumn[],
  rows: ClusteredRows,
  which: readonly number[],
  knots: number,
  seed: number,
): { predicted: Float64Array; judged: HeldOut } | null {
  const groups = which.map((row) => rows.groups.index[row]!);
  if (new Set(groups).size < FOLDS) return null;
  const foldOf = foldsByGroup(
    groups,
    Uint8Array.from(which, (row) => rows.found[row]!),
    FOLDS,
    seed,
  );
  const predicted = new Float64Array(which.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const learned = which.filter((_, k) => foldOf[k] !== fold);
    if (learned.length === which.length) continue;
    const model = fitSmooth(columns, rows, learned, knots);
    for (const [k, row] of which.entries())
      if (foldOf[k] === fold) predicted[k] = smoothAt(model, valuesFor(model, columns, row)).value;
  }
  return { predicted, judged: judgedBy(predicted, rows, which) };
}

/** The values of a model's properties for a row, in the model's order. */
export const valuesFor = (
  { properties }: SmoothSelection,
  columns: readonly PropertyColumn[],
  row: number,
): number[] => properties.map(({ property }) => columns.find(({ name }) => name === property)!.values[row]!);

function judgedBy(predicted: Float64Array, rows: ClusteredRows, which: readonly number[]): HeldOut {
  const order = [...which.keys()].sort((a, b) => predicted[a]! - predicted[b]!);
  const bins = Array.from({ length: BINS }, (_, b) =>
    order.slice(Math.round((b * order.length) / BINS), Math.round(((b + 1) * order.length) / BINS)),
  ).filter((bin) => bin.length > 0);
  const share = shareFound(rows, which).value!;
  const weights = which.map((row) => rows.weights[row]!);
  const mean = (of: (k: number) => number, over: readonly number[]) =>
    over.reduce((sum, k) => sum + weights[k]! * of(k), 0) / over.reduce((sum, k) => sum + weights[k]!, 0);
  const found = which.map((row) => rows.found[row]!);
  const slope = slopeOf(predicted, rows, which);
  return {
    folds: FOLDS,
    bins: bins.map((bin) => {
      const { value, low, high } = shareFound(
        rows,
        bin.map((k) => which[k]!),
      );
      return {
        low: predicted[bin[0]!]!,
        high: predicted[bin.at(-1)!]!,
        count: bin.length,
        predicted: mean((k) => predicted[k]!, bin),
        observed: value!,
        interval: { low: low!, high: high! },
      };
    }),
    logLoss: mean((k) => lossOf(predicted[k]!, found[k]!), order),
    logLossOfShare: mean((k) => lossOf(share, found[k]!), order),
    slope,
  };
}

/** Predictions are kept this far from 0 and 1, where log odds have no end. */
const CLOSEST = 1e-9;

function slopeOf(predicted: Float64Array, rows: ClusteredRows, which: readonly number[]): SmoothValue {
  const logits = Array.from(predicted, (p) => logOdds(Math.min(1 - CLOSEST, Math.max(CLOSEST, p))));
  const found = Float64Array.from(which, (row) => rows.found[row]!);
  const all = which.reduce((sum, row) => sum + rows.weights[row]!, 0);
  const times = Float64Array.from(which, (row) => (rows.weights[row]! * which.length) / all);
  const { weights, intercept } = fitLogistic([logits], found, undefined, times);
  const features = logits.map((logit) => [1, logit]);
  const groups = which.map((row) => rows.groups.index[row]!);
  const value = weights[0]!;
  const margin = Z95 * Math.sqrt(sandwich(features, found, times, groups, [intercept, value], 0)[1]![1]!);
  return { value, low: value - margin, high: value + margin };
}
