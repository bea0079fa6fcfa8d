import { describe, expect, test } from "vitest";
import { conformalThreshold } from "../../src/evaluate/conformal.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { parseThreshold, thresholdAtFpr, thresholdOfTop } from "../../src/evaluate/threshold.ts";
import { Draws } from "../../src/foundation/random.ts";
import { slow } from "../slow.ts";

slow("repeats an experiment thousands of times");

describe("a threshold by rule", () => {
  // 9 + | 8 + | 7 + − | 5 − | 3 + − | 1 −
  const ranking = rankScores(Float64Array.of(9, 8, 7, 7, 5, 3, 3, 1), Uint8Array.of(1, 1, 1, 0, 0, 1, 0, 0));

  test("at a false-positive rate is the lowest that keeps it", () => {
    expect(thresholdAtFpr(ranking, 0.1)).toBe(8);
    expect(thresholdAtFpr(ranking, 0.25)).toBe(7);
    expect(thresholdAtFpr(ranking, 0.5)).toBe(5);
    const worst = rankScores(Float64Array.of(2, 1), Uint8Array.of(0, 1));
    // The highest score is a negative's: nothing may be selected.
    expect(thresholdAtFpr(worst, 0.1)).toBeGreaterThan(2);
  });

  test("of the top N takes ties with it", () => {
    expect([1, 2, 3, 4, 5, 99].map((n) => thresholdOfTop(ranking, n))).toEqual([9, 8, 7, 7, 5, 1]);
  });

  test("is read from words", () => {
    expect(parseThreshold("x", "0.5")).toEqual({ by: "value", value: 0.5 });
    expect(parseThreshold("x", "-2e1")).toEqual({ by: "value", value: -20 });
    expect(parseThreshold("x", "source")).toEqual({ by: "source" });
    expect(parseThreshold("x", "fpr=1e-3")).toEqual({ by: "fpr", fpr: 1e-3 });
    expect(parseThreshold("x", "top=20")).toEqual({ by: "top", n: 20 });
    for (const wrong of ["", "fpr=", "fpr=2", "top=1.5", "top=0", "half", "NaN"])
      expect(() => parseThreshold("evaluate", wrong)).toThrow("evaluate: threshold must be a score (0.5)");
  });
});

describe("a threshold for a requested completeness", () => {
  test("by hand: of nine lenses, 0.9 asks for all, 0.8 for eight", () => {
    const scores = Float64Array.of(0.9, 0.3, 0.5, 0.7, 0.1, 0.8, 0.2, 0.6, 0.4);
    expect(conformalThreshold(scores, 0.9)).toMatchObject({ threshold: 0.1, places: 9, positives: 9 });
    expect(conformalThreshold(scores, 0.8).threshold).toBe(0.2);
    expect(conformalThreshold(scores, 0.85).threshold).toBe(0.1);
    expect(() => conformalThreshold(scores, 0.95)).toThrow(
      "positives must be 19 or more for a completeness of 0.95, got 9",
    );
    expect(() => conformalThreshold(scores, 1)).toThrow("completeness must be above 0 and below 1");
    expect(() => conformalThreshold(Float64Array.of(Number.NaN), 0.1)).toThrow("score of row 0");
  });

  test.each([
    [0.9, 40],
    [0.75, 9],
    [0.5, 200],
  ])(
    "of %s is reached by thresholds chosen on %i lenses on average, and not by much more",
    (completeness, n) => {
      const draws = new Draws(5);
      const normal = () => draws.normal(1, 2);
      let [found, tried] = [0, 0];
      const experiments = 3000;
      for (let e = 0; e < experiments; e++) {
        const { threshold } = conformalThreshold(Float64Array.from({ length: n }, normal), completeness);
        for (let k = 0; k < 10; k++, tried++) if (normal() >= threshold) found++;
      }
      const slack = 3 * Math.sqrt((completeness * (1 - completeness)) / experiments);
      expect(found / tried).toBeGreaterThan(completeness - slack);
      expect(found / tried).toBeLessThan(completeness + 1 / (n + 1) + slack);
    },
  );

  test("the range holds what 95 % of such thresholds find", () => {
    const draws = new Draws(6);
    const { range } = conformalThreshold(
      Float64Array.from({ length: 60 }, () => draws.uniform()),
      0.8,
    );
    let within = 0;
    for (let e = 0; e < 2000; e++) {
      const { threshold } = conformalThreshold(
        Float64Array.from({ length: 60 }, () => draws.uniform()),
        0.8,
      );
      // Of uniform scores, 1 − t is the completeness itself.
      if (1 - threshold >= range.low && 1 - threshold <= range.high) within++;
    }
    expect(within / 2000).toBeGreaterThan(0.935);
    expect(within / 2000).toBeLessThan(0.965);
  });

  test("a group counts by its lowest score", () => {
    const scores = Float64Array.of(0.9, 0.1, 0.8, 0.7, 0.6);
    const grouped = conformalThreshold(scores, 0.6, ["a", "a", "b", "c", "d"]);
    expect(grouped).toMatchObject({ threshold: 0.6, places: 4, positives: 5 });
    // Of five groups it would be the second lowest.
    expect(conformalThreshold(scores, 0.6).threshold).toBe(0.6);
    expect(conformalThreshold(scores, 0.8, ["a", "a", "b", "c", "d"]).threshold).toBe(0.1);
  });
});
