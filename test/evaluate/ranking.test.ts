import { describe, expect, test } from "vitest";
import { binOfRows, rankScores } from "../../src/evaluate/ranked.ts";
import {
  auroc,
  averagePrecision,
  precisionRecallCurve,
  purityAtPrevalence,
  purityCompletenessTop,
  recallAtFpr,
  recallBeforeFalsePositive,
  rocCurve,
  selectAbove,
  selectTop,
} from "../../src/evaluate/ranking.ts";
import { oracle } from "./oracle.ts";

const ranked = (scores: number[], truth: number[]) =>
  rankScores(Float64Array.from(scores), Uint8Array.from(truth));

describe.each(oracle.cases)("scores that are $name agree with scikit-learn to 1e-12", (known) => {
  const ranking = ranked(known.scores, known.truth);
  const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(1e-12);

  test("the area, average precision and the low-false-positive end", () => {
    near(auroc(ranking), known.auroc);
    near(averagePrecision(ranking), known.averagePrecision);
    near(recallBeforeFalsePositive(ranking, 1), known.tpr0);
    near(recallBeforeFalsePositive(ranking, 10), known.tpr10);
    for (const [fpr, recall] of Object.entries(known.recallAtFpr))
      near(recallAtFpr(ranking, Number(fpr)), recall);
  });

  test("every point of the ROC curve", () => {
    const curve = rocCurve(ranking);
    const { fpr, tpr, thresholds } = known.rocAtEveryThreshold;
    expect(curve.threshold.length).toBe(fpr.length);
    expect([...curve.threshold.subarray(1)]).toEqual(thresholds);
    for (let k = 0; k < fpr.length; k++) {
      near(curve.falsePositives[k]! / curve.negatives, fpr[k]!);
      near(curve.truePositives[k]! / curve.positives, tpr[k]!);
    }
  });
});

describe.each(oracle.cases)("selections of $name scores agree with scikit-learn to 1e-12", (known) => {
  const ranking = ranked(known.scores, known.truth);

  test("every point of the precision-recall curve", () => {
    const { threshold, precision, recall } = precisionRecallCurve(ranking);
    // scikit-learn's rises in the threshold and ends in the point (1, 0) that no threshold has.
    const theirs = known.precisionRecall;
    expect([...threshold].reverse()).toEqual(theirs.thresholds);
    for (const [k, value] of [...precision].reverse().entries())
      expect(Math.abs(value - theirs.precision[k]!)).toBeLessThan(1e-12);
    for (const [k, value] of [...recall].reverse().entries())
      expect(Math.abs(value - theirs.recall[k]!)).toBeLessThan(1e-12);
  });

  test.each(Object.entries(known.confusion))("the confusion matrix at %s", (threshold, confusion) => {
    const { tp, fp } = selectAbove(ranking, Number(threshold));
    expect([
      [ranking.negatives - fp, fp],
      [ranking.positives - tp, tp],
    ]).toEqual(confusion);
  });
});

describe("a ranking of eight rows, by hand", () => {
  // Descending: 9:lens 8:lens 7:{lens, non-lens} 5:non-lens 3:{lens, non-lens} 1:non-lens
  const ranking = ranked([9, 8, 7, 7, 5, 3, 3, 1], [1, 1, 1, 0, 0, 1, 0, 0]);

  test("distinct scores are counted from the highest", () => {
    expect([...ranking.threshold]).toEqual([9, 8, 7, 5, 3, 1]);
    expect([...ranking.positive]).toEqual([1, 1, 1, 0, 1, 0]);
    expect([...ranking.negative]).toEqual([0, 0, 1, 1, 1, 1]);
    expect([...binOfRows(ranking, Float64Array.of(3, 9, 1, 5))]).toEqual([4, 0, 5, 3]);
  });

  test("a tie is half a right pair", () => {
    // Right pairs: 4 + 4 + 3.5 + 1.5 of 16.
    expect(auroc(ranking)).toBe(13 / 16);
  });

  test("a lens tied with the first false positive is not before it", () => {
    expect(recallBeforeFalsePositive(ranking, 1)).toBe(2 / 4);
    expect(recallBeforeFalsePositive(ranking, 2)).toBe(3 / 4);
    expect(recallBeforeFalsePositive(ranking, 3)).toBe(3 / 4);
    expect(recallBeforeFalsePositive(ranking, 4)).toBe(1);
  });

  test("recall at a rate uses no more false positives than the rate allows", () => {
    expect(recallAtFpr(ranking, 0.249)).toBe(2 / 4);
    expect(recallAtFpr(ranking, 0.25)).toBe(3 / 4);
    expect(recallAtFpr(ranking, 1)).toBe(1);
  });

  test("the top N shares its last rank among ties", () => {
    expect(selectTop(ranking, 2)).toEqual({ tp: 2, fp: 0 });
    expect(selectTop(ranking, 3)).toEqual({ tp: 2.5, fp: 0.5 });
    expect(selectTop(ranking, 4)).toEqual({ tp: 3, fp: 1 });
    expect(selectTop(ranking, 8)).toEqual({ tp: 4, fp: 4 });
    expect(purityCompletenessTop(ranking, 4)).toEqual({ purity: 3 / 4, completeness: 3 / 4 });
    expect(() => selectTop(ranking, 9)).toThrow("top N must be from 1 to the 8 rows, got 9");
  });

  test("a threshold takes the rows that reach it", () => {
    expect(selectAbove(ranking, 7)).toEqual({ tp: 3, fp: 1 });
    expect(selectAbove(ranking, 7.1)).toEqual({ tp: 2, fp: 0 });
    expect(selectAbove(ranking, 100)).toEqual({ tp: 0, fp: 0 });
    expect(selectAbove(ranking, -100)).toEqual({ tp: 4, fp: 4 });
  });
});

test("purity follows the prevalence by Bayes' rule", () => {
  // 1,000,000 objects with 1,000 lenses: 500 found among 999,000 × 0.001 = 999 others.
  expect(purityAtPrevalence(0.5, 0.001, 0.001)).toBeCloseTo(500 / 1499, 12);
  expect(purityAtPrevalence(0.3, 0, 0.001)).toBe(1);
  expect(purityAtPrevalence(0, 0, 0.001)).toBeNull();
  expect(() => purityAtPrevalence(0.5, 0.1, 0)).toThrow("prevalence must be above 0, at most 1, got 0");
});

test("perfect and reversed orders", () => {
  expect(auroc(ranked([4, 3, 2, 1], [1, 1, 0, 0]))).toBe(1);
  expect(auroc(ranked([4, 3, 2, 1], [0, 0, 1, 1]))).toBe(0);
  expect(averagePrecision(ranked([4, 3, 2, 1], [1, 1, 0, 0]))).toBe(1);
  expect(auroc(ranked([0, -0, 0, -0], [1, 1, 0, 0]))).toBe(0.5);
});

test("float32 scores, a thousand rows of one score", () => {
  const scores = new Float32Array(1000).fill(0.25);
  const truth = Uint8Array.from(scores, (_, i) => (i < 10 ? 1 : 0));
  const ranking = rankScores(scores, truth);
  expect(ranking.threshold.length).toBe(1);
  expect(auroc(ranking)).toBe(0.5);
  expect(averagePrecision(ranking)).toBeCloseTo(0.01, 15);
});

test("a million rows are ranked before the test times out: rows are not compared in pairs", () => {
  const scores = Float32Array.from({ length: 1e6 }, (_, i) => Math.sin(i * 12.9898) * 0.5 + 0.5);
  const truth = Uint8Array.from(scores, (_, i) => (i % 1000 === 0 ? 1 : 0));
  const area = auroc(rankScores(scores, truth));
  expect(Math.abs(area - 0.5)).toBeLessThan(0.05);
});

describe("scores that can't be ranked are refused, naming the row", () => {
  test.each([
    ["not a number", [0.1, Number.NaN], [1, 0], "score of row 1 must be a finite number, got NaN"],
    [
      "infinite",
      [Number.POSITIVE_INFINITY, 0.2],
      [1, 0],
      "score of row 0 must be a finite number, got Infinity",
    ],
    ["of one class", [0.1, 0.2], [0, 0], 'labels must be of both classes, got "0 positives among 2 rows"'],
    ["too few", [0.1], [0, 1], "scores must be as many as the 2 labels, got 1"],
    ["with a strange truth", [0.1, 0.2], [0, 3], "truth of row 1 must be 0 or 1, got 3"],
    ["empty", [], [], "labels must be of both classes"],
  ])("%s", (_, scores, truth, message) => {
    expect(() => ranked(scores, truth)).toThrow(message);
  });
});
