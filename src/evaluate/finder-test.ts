/** One test of one finder: scores against truth, with every metric and the curves for the figures. */

import { computeMetrics, type MetricsInput } from "./metrics.ts";
import { rankScores } from "./ranked.ts";
import { type RocCurve, rocCurve } from "./ranking.ts";
import type { Metrics } from "./schema.ts";

/** Scored rows whose truth is known. */
export interface TestRows {
  /** Empty if rows are known by their scores alone. */
  ids: readonly string[];
  /** (N) */
  scores: Float64Array;
  /** (N) 1 for a positive */
  positives: Uint8Array;
  /** The sky position of every row (N): names, or numbers from 0 in a `Uint32Array`. */
  groups: ArrayLike<string | number>;
}

/** A finder's metrics in one test. */
export interface TestResult {
  /** What was tested against what, e.g. `look-alikes`. */
  test: string;
  /** The finder, e.g. a run's folder. */
  method: string;
  /** `chosen` or `last`. */
  checkpoint: string;
  /** The number of the model's epoch, where it is known. */
  epoch?: number;
  /** The method that trained it, e.g. `source-only`, where it is known. */
  trainedBy?: string;
  /** The rows that were tested. */
  rows: TestRows;
  /** Its metrics. */
  metrics: Metrics;
  /** Its ROC curve. */
  curve: RocCurve;
}

/** Of a bootstrap, up to a million rows and above. */
const RESAMPLES = { few: 1000, many: 200 };
const MANY = 1e6;

/** @throws ArcletError when a class has no row or a score is not finite; Interrupted when the user stops it */
export async function runTest(
  names: Pick<TestResult, "test" | "method" | "checkpoint" | "epoch" | "trainedBy">,
  rows: TestRows,
  settings: Pick<
    MetricsInput,
    | "positiveClass"
    | "multiclass"
    | "prevalences"
    | "threshold"
    | "chosen"
    | "topN"
    | "calibrated"
    | "columns"
  >,
): Promise<TestResult> {
  const { scores, positives, groups } = rows;
  const ranked = rankScores(scores, positives);
  const metrics = await computeMetrics({
    ...settings,
    ranked,
    scores,
    positives,
    groups,
    bootstrap: { resamples: scores.length <= MANY ? RESAMPLES.few : RESAMPLES.many, seed: 0 },
  });
  return { ...names, rows, metrics, curve: rocCurve(ranked) };
}
