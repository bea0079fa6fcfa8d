import { expect, test } from "vitest";
import { computeCalibration } from "../../src/evaluate/calibrated.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import {
  auroc,
  averagePrecision,
  recallAtFpr,
  recallBeforeFalsePositive,
} from "../../src/evaluate/ranking.ts";
import { orderedResampler, resampler } from "../../src/evaluate/resample.ts";
import { Draws } from "../../src/foundation/random.ts";
import { oracle } from "./oracle.ts";

/** Rows of a finder that gives p where the truth is p + `bias`. */
function drawn(count: number, bias: number, seed: number) {
  const draws = new Draws(seed);
  const probabilities = Float64Array.from({ length: count }, () => draws.uniform(0.05, 0.9));
  const positives = Uint8Array.from(probabilities, (p) => Number(draws.uniform() < p + bias));
  return { probabilities, positives };
}

test("the ECE's interval covers the true error, of honest and of dishonest probabilities", async () => {
  const bootstrap = { resamples: 120, seed: 1 };
  for (const bias of [0, 0.1]) {
    let [covered, above] = [0, 0];
    const experiments = 60;
    for (let e = 0; e < experiments; e++) {
      const { ece, intervals } = await computeCalibration({ ...drawn(600, bias, e), bootstrap });
      if (intervals!.ece.low <= bias && bias <= intervals!.ece.high) covered++;
      if (ece > bias) above++;
    }
    expect(covered / experiments).toBeGreaterThan(0.88);
    // What the reflection is for: the value itself is above the truth more often than not.
    expect(above / experiments).toBeGreaterThan(0.5);
  }
});

test("Brier score and log-loss have the interval of a mean", async () => {
  const rows = drawn(4000, 0, 7);
  const { brier, logLoss, intervals } = await computeCalibration({
    ...rows,
    bootstrap: { resamples: 1000, seed: 1 },
  });
  const squares = rows.probabilities.map((p, i) => (p - rows.positives[i]!) ** 2);
  const mean = squares.reduce((a, b) => a + b, 0) / squares.length;
  const half =
    (1.96 * Math.sqrt(squares.reduce((sum, value) => sum + (value - mean) ** 2, 0))) / squares.length;
  expect(brier).toBeCloseTo(mean, 12);
  expect(intervals!.brier.low / (mean - half)).toBeCloseTo(1, 2);
  expect(intervals!.brier.high / (mean + half)).toBeCloseTo(1, 2);
  expect(intervals!.logLoss.low).toBeLessThan(logLoss!);
  expect(intervals!.logLoss.high).toBeGreaterThan(logLoss!);
});

test("groups of four equal rows double the widths, also where groups are put into blocks", async () => {
  const width = async (count: number, repeat: number, grouped: boolean) => {
    const once = drawn(count, 0.1, 3);
    const length = count * repeat;
    const groups = Uint32Array.from({ length }, (_, i) => Math.floor(i / repeat));
    const { intervals } = await computeCalibration({
      probabilities: Float64Array.from({ length }, (_, i) => once.probabilities[Math.floor(i / repeat)]!),
      positives: Uint8Array.from({ length }, (_, i) => once.positives[Math.floor(i / repeat)]!),
      groups: grouped ? groups : undefined,
      bootstrap: { resamples: 400, seed: 1 },
    });
    return intervals!.brier.high - intervals!.brier.low;
  };
  expect((await width(2000, 4, true)) / (await width(2000, 1, true))).toBeCloseTo(1, 6);
  // 8,000 rows and 20,000 groups are more than the blocks.
  expect((await width(2000, 4, true)) / (await width(2000, 4, false))).toBeCloseTo(2, 0);
  const many = (await width(20_000, 1, true)) / (await width(2000, 1, true));
  expect(many * Math.sqrt(10)).toBeGreaterThan(0.85);
  expect(many * Math.sqrt(10)).toBeLessThan(1.15);
});

test.each(oracle.cases)(
  "rows in order give the same statistics of a draw as rows as they come ($name)",
  (known) => {
    const scores = Float64Array.from(known.scores);
    const truth = Uint8Array.from(known.truth);
    const count = 50;
    const index = Uint32Array.from(scores, (_, i) => (i * 7) % count);
    const base = rankScores(scores, truth);
    const [plain, ordered] = [resampler, orderedResampler].map((resamplerOf) =>
      resamplerOf(base, scores, truth, { index, count }),
    );
    const draws = new Draws(1);
    for (let r = 0; r < 5; r++) {
      const times = Uint32Array.from({ length: count }, () => draws.integer(0, 3));
      const [a, b] = [plain!(times), ordered!(times)];
      expect([b.positives, b.negatives]).toEqual([a.positives, a.negatives]);
      for (const statistic of [
        auroc,
        averagePrecision,
        (ranked: typeof a) => recallBeforeFalsePositive(ranked, 1),
        (ranked: typeof a) => recallBeforeFalsePositive(ranked, 10),
        (ranked: typeof a) => recallAtFpr(ranked, 0.01),
      ])
        expect(statistic(b)).toBeCloseTo(statistic(a), 12);
    }
  },
);
