/** The range that zscale shows, by hand. */
import { expect, test } from "vitest";
import { colourOf, DEFAULTS } from "../../web/src/draw/display.ts";
import { prepare, shownOf } from "../../web/src/draw/levels.ts";
import { zscale } from "../../web/src/draw/zscale.ts";

const ramp = (count: number, first = 0) => Array.from({ length: count }, (_, k) => first + k);

test("a few bright pixels don't widen the range", () => {
  // The sky rises by 1 per index. Its line, four times as steep, is 49.5 − 49 · 4 at the first of 100 values, which is
  // below the least of them, and 49.5 + 50 · 4 at the last.
  expect(zscale([...ramp(90), ...ramp(10, 100_000)])).toEqual([0, 249.5]);
  // The order in the image is of no account, nor is what was not measured.
  expect(zscale([...ramp(10, 100_000).reverse(), Number.NaN, ...ramp(90)])).toEqual([0, 249.5]);
  // With an odd number the median is the middle one: 50 + 50 · 4.
  expect(zscale([...ramp(91), ...ramp(10, 100_000)])).toEqual([0, 250]);
});

test("a range is never wider than the image's", () => {
  expect(zscale(ramp(100))).toEqual([0, 99]);
  expect(zscale([7, 7, 7, 7, 7, 7])).toEqual([7, 7]);
});

test("with too few values near a line, all of the range is shown", () => {
  expect(zscale([3, 1])).toEqual([1, 3]);
  expect(zscale([])).toEqual([0, 1]);
});

test("a large image is sampled evenly: every fifth of 5000 pixels", () => {
  // Of every five pixels the first is the sky's, the others are 10⁶.
  const values = ramp(5000).map((i) => (i % 5 === 0 ? i / 5 : 1e6));
  expect(zscale(values)).toEqual([0, 999]);
});

test("each band has its own range, in flux, whatever the noise", () => {
  const one = [...ramp(90), ...ramp(10, 100_000)];
  const data = Float32Array.from([...one, ...one.map((value) => 10 * value + 5)]);
  const display = { ...DEFAULTS, stretch: "zscale" as const };
  const image = prepare(data, [2, 10, 10], "flux");
  const { channels, sky, noise, range } = shownOf(image, display);
  expect(channels).toEqual([1, 0, 0]);
  const flux = (end: number, k: number) => end * noise[k]! + sky[k]!;
  expect(flux(range.low[0], 0)).toBeCloseTo(5, 2);
  expect(flux(range.high[0], 0)).toBeCloseTo(2500, 2);
  expect(flux(range.high[1], 1)).toBeCloseTo(249.5, 3);
  // Half of the range is half bright.
  const half = range.high.map((high, k) => (high + range.low[k]!) / 2) as [number, number, number];
  for (const value of colourOf(half, display, range)) expect(value).toBeCloseTo(0.5, 6);
});

test("what was not measured is not in the range", () => {
  const data = Float32Array.from([...ramp(90), ...ramp(10, 100_000)]);
  data[95] = Number.NaN;
  const [low] = prepare(data, [1, 10, 10], "flux").zscaled(0);
  expect(low).toBe(0);
});
