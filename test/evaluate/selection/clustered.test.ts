/** Shares of rows that belong together: worth fewer rows the more alike those of a group are. */
import { expect, test } from "vitest";
import { wilson } from "../../../src/evaluate/intervals.ts";
import { clusteredRows, shareFound } from "../../../src/evaluate/selection/clustered.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { slow } from "../../slow.ts";

slow("counts two hundred simulated surveys");

const ones = (count: number) => new Float64Array(count).fill(1);

test("rows of their own groups have Wilson's interval", () => {
  const rows = clusteredRows(Uint8Array.from([1, 1, 1, 0]), ones(4), ["a", "b", "c", "d"]);
  expect(rows.correlation).toBe(0);
  expect(shareFound(rows)).toEqual({ value: 0.75, ...wilson(3, 4), effective: 4 });
  expect(shareFound(rows, [0, 1])).toEqual({ value: 1, ...wilson(2, 2), effective: 2 });
  expect(shareFound(rows, [])).toEqual({ value: null, low: null, high: null, effective: 0 });
});

test("rows that are always found together are worth as many as there are groups", () => {
  const found = Uint8Array.from([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0]);
  const rows = clusteredRows(found, ones(12), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  expect(rows.correlation).toBeCloseTo(1, 12);
  const { value, low, high, effective } = shareFound(rows);
  expect(value).toBe(0.5);
  expect(effective).toBeCloseTo(4, 10);
  expect([low, high]).toEqual([expect.closeTo(wilson(2, 4).low, 10), expect.closeTo(wilson(2, 4).high, 10)]);
});

test("the correlation of pairs, by hand", () => {
  // p = 1/2. The products of residuals are 1/4 in two pairs and −1/4 in two, so that ρ is 0 before the share's own error.
  // 8 rows are worth 8 / (1 + ρ), so ρ = (1 + ρ) / 8: 1/7.
  const found = Uint8Array.from([1, 1, 0, 0, 1, 1, 0, 0]);
  found.set([1, 0], 0);
  found.set([1, 0], 6);
  const rows = clusteredRows(found, ones(8), [1, 1, 2, 2, 3, 3, 4, 4]);
  expect(rows.correlation).toBeCloseTo(1 / 7, 10);
  expect(shareFound(rows).effective).toBeCloseTo(7, 10);
});

test("weights count, and are worth as many rows as Kish says", () => {
  const rows = clusteredRows(Uint8Array.from([1, 0, 0]), Float64Array.of(2, 1, 1), ["a", "b", "c"]);
  const { value, effective, low } = shareFound(rows);
  expect(value).toBe(0.5);
  expect(effective).toBeCloseTo(16 / 6, 12);
  expect(low).toBeCloseTo(wilson(8 / 6, 16 / 6).low, 12);
});

test("of one group nothing follows for others", () => {
  const rows = clusteredRows(Uint8Array.from([1, 0, 1]), ones(3), ["a", "a", "a"]);
  expect(shareFound(rows)).toEqual({ value: 2 / 3, low: null, high: null, effective: 1 });
});

// Of 200 intervals 190 are expected to hold.
test("intervals cover where hosts differ, and those without groups would not", () => {
  let [held, plain] = [0, 0];
  for (let survey = 0; survey < 200; survey++) {
    const draws = new Draws(5, survey);
    const found: number[] = [];
    const groups: number[] = [];
    for (let host = 0; host < 40; host++) {
      // Half of the hosts are easy: p is 0.5 over all.
      const p = draws.chance(0.5) ? 0.8 : 0.2;
      for (let arc = draws.integer(2, 20); arc > 0; arc--) {
        found.push(Number(draws.chance(p)));
        groups.push(host);
      }
    }
    const rows = clusteredRows(Uint8Array.from(found), ones(found.length), groups);
    const { low, high } = shareFound(rows);
    if (low! <= 0.5 && high! >= 0.5) held++;
    const naive = wilson(
      found.reduce((sum, one) => sum + one, 0),
      found.length,
    );
    if (naive.low <= 0.5 && naive.high >= 0.5) plain++;
  }
  expect(held).toBeGreaterThanOrEqual(181);
  expect(held).toBeLessThanOrEqual(199);
  expect(plain).toBeLessThan(150);
});
