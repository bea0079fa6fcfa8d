/** One test of one finder: scores against truth, with every metric and the curves for the figures. */

import { computeMetrics, type MetricsInput } from "./metrics.ts";
import { rankScores } from "./ranked.ts";
import { type RocCurve, rocCurve } from "./ranking.ts";
import type { Metrics } from "./schema.ts";

export interface TestRows {
  ids: readonly string[];
  /** (N) */
  scores: Float64Array;
  /** (N) 1 for a positive */
  positives: Uint8Array;
  groups: readonly string[];
}

export interface TestResult {
  /** What was tested against what, e.g. `look-alikes`. */
  test: string;
  /** The finder, e.g. a run's folder. */
  method: string;
  /** `chosen` or `last`. */
  checkpoint: string;
  rows: TestRows;
  metrics: Metrics;
  curve: RocCurve;
}

const RESAMPLES = 1000;

/** @throws ArcletError when a class has no row or a score is not finite */
export function runTest(
  names: Pick<TestResult, "test" | "method" | "checkpoint">,
  rows: TestRows,
  more: Pick<MetricsInput, "positiveClass" | "multiclass" | "prevalences">,
): TestResult {
  const { scores, positives, groups } = rows;
  const metrics = computeMetrics({
    ...more,
    scores,
    positives,
    groups,
    // Its cost is RESAMPLES × N: past a million rows DeLong's interval is narrow enough.
    ...(scores.length <= 1e6 ? { bootstrap: { resamples: RESAMPLES, seed: 0 } } : {}),
  });
  return { ...names, rows, metrics, curve: rocCurve(rankScores(scores, positives)) };
}
