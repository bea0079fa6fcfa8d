/** Numbers by scikit-learn (see generate.py in their folder). */
import { readFileSync } from "node:fs";

export interface OracleCase {
  name: string;
  scores: number[];
  second: number[];
  truth: number[];
  rocAtEveryThreshold: { fpr: number[]; tpr: number[]; thresholds: number[] };
  auroc: number;
  delongAuroc: number;
  delongVariance: number;
  averagePrecision: number;
  tpr0: number;
  tpr10: number;
  recallAtFpr: Record<string, number>;
  precisionRecall: { precision: number[]; recall: number[]; thresholds: number[] };
  /** By threshold: [[true negatives, false positives], [false negatives, true positives]]. */
  confusion: Record<string, [[number, number], [number, number]]>;
  brier: number;
  logLoss: number;
  calibration: { observed: number[]; predicted: number[] };
  paired: { difference: number; standardError: number };
}

interface Oracle {
  cases: OracleCase[];
  multiclass: {
    probabilities: number[];
    labels: number[];
    macroAuroc: number;
    aurocs: number[];
    averagePrecisions: number[];
    confusion: number[][];
  };
}

const path = new URL("../fixtures/metrics/ranking.json", import.meta.url);
export const oracle = JSON.parse(readFileSync(path, "utf8")) as Oracle;
