import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  brierScore,
  expectedCalibrationError,
  logLoss,
  reliabilityBins,
} from "../../src/evaluate/calibration.ts";
import { wilson } from "../../src/evaluate/intervals.ts";
import { computeMetrics } from "../../src/evaluate/metrics.ts";
import { computeMulticlass, oneVsRest } from "../../src/evaluate/multiclass.ts";
import { metricsSchema, readMetrics, writeMetrics } from "../../src/evaluate/schema.ts";
import { oracle } from "./oracle.ts";

describe("calibration", () => {
  test.each(oracle.cases)("of $name probabilities agrees with scikit-learn to 1e-12", (known) => {
    const probabilities = Float64Array.from(known.scores);
    const truth = Uint8Array.from(known.truth);
    const bins = reliabilityBins(probabilities, truth, 10);
    expect(bins.length).toBe(known.calibration.observed.length);
    for (const [k, bin] of bins.entries()) {
      expect(Math.abs(bin.observed - known.calibration.observed[k]!)).toBeLessThan(1e-12);
      expect(Math.abs(bin.predicted - known.calibration.predicted[k]!)).toBeLessThan(1e-12);
    }
    expect(Math.abs(brierScore(probabilities, truth) - known.brier)).toBeLessThan(1e-12);
    expect(Math.abs(logLoss(probabilities, truth) - known.logLoss)).toBeLessThan(1e-12);
  });

  test("by hand: bins are open below and closed above, 0 is in the first", () => {
    const bins = reliabilityBins(Float64Array.of(0, 0.5, 0.6, 1), Uint8Array.of(0, 1, 0, 1), 2);
    expect(bins).toEqual([
      { low: 0, high: 0.5, count: 2, predicted: 0.25, observed: 0.5, interval: wilson(1, 2) },
      { low: 0.5, high: 1, count: 2, predicted: 0.8, observed: 0.5, interval: wilson(1, 2) },
    ]);
    expect(expectedCalibrationError(bins)).toBeCloseTo((2 * 0.25 + 2 * 0.3) / 4, 12);
  });

  test("refuses what is not a probability", () => {
    const run = () => brierScore(Float64Array.of(0.2, 1.5), Uint8Array.of(0, 1));
    expect(run).toThrow("probability of row 1 must be between 0 and 1, got 1.5");
  });
});

describe("K classes", () => {
  const { probabilities, labels, macroAuroc, aurocs, averagePrecisions, confusion } = oracle.multiclass;
  const input = {
    classes: ["lens", "spiral", "ring", "merger"],
    probabilities: Float64Array.from(probabilities),
    labels,
  };

  test("one-vs-rest, macro and confusion agree with scikit-learn", async () => {
    const result = await computeMulticlass(input);
    expect(Math.abs(result.macroAuroc! - macroAuroc)).toBeLessThan(1e-12);
    for (const [k, { auroc }] of result.oneVsRest.entries()) {
      expect(Math.abs(auroc.value! - aurocs[k]!)).toBeLessThan(1e-12);
    }
    for (const [k, { averagePrecision }] of result.oneVsRest.entries())
      expect(Math.abs(averagePrecision! - averagePrecisions[k]!)).toBeLessThan(1e-12);
    const mean = averagePrecisions.reduce((sum, value) => sum + value, 0) / averagePrecisions.length;
    expect(Math.abs(result.macroAveragePrecision! - mean)).toBeLessThan(1e-12);
    expect(result.intervals).toBeNull();
    expect(result.confusion).toEqual(confusion);
    const correct = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
    expect(result.accuracy.value).toBe(correct / labels.length);
  });

  test("a class without rows has no numbers and no part in the mean", async () => {
    const result = await computeMulticlass({
      classes: ["lens", "spiral", "ring"],
      probabilities: Float64Array.of(0.8, 0.1, 0.1, 0.3, 0.6, 0.1, 0.5, 0.3, 0.2),
      labels: [0, 1, 1],
    });
    expect(result.oneVsRest[2]).toEqual({
      class: "ring",
      rows: 0,
      auroc: { value: null, low: null, high: null },
      averagePrecision: null,
    });
    // lens: 0.8 above 0.3 and 0.5; spiral: 0.6 and 0.3 above 0.1.
    expect(result.macroAuroc).toBe(1);
    expect(result.confusion).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });

  test("intervals of the classes and their mean hold the values, and the mean's is the narrower", async () => {
    const result = await computeMulticlass(input, { bootstrap: { resamples: 200, seed: 1 } });
    const { intervals } = result;
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const classes = result.oneVsRest.map(({ auroc }, k) => {
      const interval = intervals!.auroc[k]!;
      expect(interval.low).toBeLessThan(auroc.value!);
      expect(interval.high).toBeGreaterThan(auroc.value!);
      // Of independent rows it is DeLong's.
      expect(Math.abs(interval.low - auroc.low!)).toBeLessThan(0.02);
      return width(interval);
    });
    expect(intervals!.macroAuroc.low).toBeLessThan(macroAuroc);
    expect(intervals!.macroAuroc.high).toBeGreaterThan(macroAuroc);
    expect(width(intervals!.macroAuroc)).toBeLessThan(Math.max(...classes));
    expect(intervals!.macroAveragePrecision.high).toBeGreaterThan(result.macroAveragePrecision!);
  });

  test("errors name class, shape and row", async () => {
    expect(() => oneVsRest(input, "quasar")).toThrow("class must be one of lens, spiral, ring, merger");
    expect(() => oneVsRest({ ...input, labels: [0] }, "lens")).toThrow("must be 1 rows of 4 classes");
    const wrong = { classes: ["a", "b"], probabilities: Float64Array.of(1, 0, 0, 1), labels: [0, 2] };
    await expect(computeMulticlass(wrong)).rejects.toThrow(
      "label of row 1 must be a class from 0 to 1, got 2",
    );
  });
});

describe("all metrics of a test", () => {
  const known = oracle.cases[0]!;
  const scores = Float64Array.from(known.scores);
  const positives = Uint8Array.from(known.truth);
  const groups = known.scores.map((_, i) => `g${Math.floor(i / 2)}`);

  test("are each metric's own, and fit the schema", async () => {
    const metrics = await computeMetrics({
      positiveClass: "lens",
      scores,
      positives,
      groups,
      bootstrap: { resamples: 200, seed: 1 },
    });
    expect(metricsSchema.parse(metrics)).toEqual(metrics);
    expect(metrics.auroc.value).toBeCloseTo(known.auroc, 12);
    expect(metrics.tpr0.value).toBeCloseTo(known.tpr0, 12);
    expect(metrics.tpr10.value).toBeCloseTo(known.tpr10, 12);
    expect(metrics.groups).toBe(200);
    expect(metrics.top.map(({ n }) => n)).toEqual([10, 100]);
    expect(metrics.averagePrecision.value).toBeCloseTo(known.averagePrecision, 12);
    // Of many positives the bootstrap says the same.
    for (const end of ["low", "high"] as const)
      expect(
        Math.abs(metrics.averagePrecision[end]! - metrics.bootstrap!.averagePrecision[end]),
      ).toBeLessThan(0.05);
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = metrics.operatingPoint;
    expect(truePositives + falseNegatives).toBe(metrics.positives);
    expect(falsePositives + trueNegatives).toBe(metrics.negatives);
    const chosen = known.scores.filter((score, i) => score >= 0.5 && known.truth[i] === 1).length;
    expect(truePositives).toBe(chosen);
    for (const { value, low, high } of [metrics.auroc, metrics.tpr0, metrics.averagePrecision]) {
      expect(low).toBeLessThanOrEqual(value!);
      expect(high).toBeGreaterThanOrEqual(value!);
    }
  });

  test("of scores that are no probabilities have no calibration", async () => {
    const logits = scores.map((p) => Math.log(p / (1 - p)));
    const metrics = await computeMetrics({ positiveClass: "lens", scores: logits, positives, threshold: 0 });
    expect(metrics.calibration).toBeNull();
    expect(metrics.calibrated).toBeNull();
    expect(metrics.bootstrap).toBeNull();
    expect(metrics.averagePrecision.low).toBeGreaterThan(0);
    expect(metrics.auroc.value).toBeCloseTo(known.auroc, 12);
  });

  test("of a handful of rows say what they can't", async () => {
    const metrics = await computeMetrics({
      positiveClass: "lens",
      scores: Float64Array.of(0.4, 0.2, 0.1),
      positives: Uint8Array.of(1, 0, 0),
    });
    expect(metrics.auroc).toEqual({ value: 1, low: null, high: null });
    expect(metrics.tpr10.value).toBeNull();
    expect(metrics.top).toEqual([]);
    // Nothing reaches 0.5, so there is no purity.
    expect(metrics.operatingPoint.purity.value).toBeNull();
    expect(metrics.atPrevalence[0]!.purity.value).toBeNull();
  });

  test("metrics.json comes back as it was written, and a wrong one is refused by its field", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "arclet-metrics-")), "metrics.json");
    const metrics = await computeMetrics({ positiveClass: "lens", scores, positives });
    const file = {
      version: 1 as const,
      seal: null,
      results: [{ test: "look-alikes", method: "adda", checkpoint: "chosen", metrics }],
    };
    writeMetrics(path, file);
    expect(readMetrics(path)).toEqual(file);
    writeFileSync(path, JSON.stringify({ ...file, results: [{ test: 3 }] }));
    expect(() => readMetrics(path)).toThrow(`${path}: results[0].test must be text, got 3`);
  });
});
