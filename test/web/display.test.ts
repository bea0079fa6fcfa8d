/** Colours of pixels, by hand; the shader is held against them in test/inspect/browser.test.ts. */
import { expect, test } from "vitest";
import { channelsOf, colourOf, DEFAULTS, type Display } from "../../web/src/draw/display.ts";
import { levelsOf, prepare, shownOf } from "../../web/src/draw/levels.ts";

const grey = (level: number, part: Partial<Display>) =>
  colourOf([level, level, level], { ...DEFAULTS, black: 0, white: 60, ...part })[0];

test("each stretch begins at black, ends at white and clips beyond", () => {
  for (const stretch of ["lupton", "asinh", "log", "sqrt", "linear"] as const) {
    expect(grey(-5, { stretch })).toBe(0);
    expect(grey(0, { stretch })).toBe(0);
    expect(grey(60, { stretch })).toBeCloseTo(1, 12);
    expect(grey(600, { stretch })).toBeCloseTo(1, 12);
    expect(grey(15, { stretch, inverted: true })).toBeCloseTo(1 - grey(15, { stretch }), 12);
  }
  expect(grey(15, { stretch: "linear" })).toBeCloseTo(0.25, 12);
  expect(grey(15, { stretch: "sqrt" })).toBeCloseTo(0.5, 12);
  // log(1 + 1000 · 0.25) / log(1001) and asinh(5) / asinh(20)
  expect(grey(15, { stretch: "log" })).toBeCloseTo(0.79976, 4);
  expect(grey(15, { stretch: "asinh" })).toBeCloseTo(0.62679, 4);
  expect(grey(15, { stretch: "lupton" })).toBeCloseTo(0.62679, 4);
});

test("Lupton's stretch keeps a pixel's colour, also where it is brighter than white", () => {
  for (const scale of [1, 10, 1000]) {
    const [r, g, b] = colourOf([4 * scale, 2 * scale, scale], { ...DEFAULTS, black: 0 });
    expect(r / g).toBeCloseTo(2, 10);
    expect(g / b).toBeCloseTo(2, 10);
    expect(Math.max(r, g, b)).toBeLessThanOrEqual(1);
  }
});

test("channels: flux from red to blue, images for people as they are, one band alone", () => {
  expect(channelsOf(DEFAULTS, 5, "flux")).toEqual([4, 2, 0]);
  expect(channelsOf(DEFAULTS, 3, "display")).toEqual([0, 1, 2]);
  expect(channelsOf(DEFAULTS, 2, "flux")).toEqual([1, 0, 0]);
  expect(channelsOf({ ...DEFAULTS, band: 1 }, 5, "flux")).toEqual([1, 1, 1]);
  expect(channelsOf({ ...DEFAULTS, band: 7 }, 3, "display")).toEqual([0, 1, 2]);
});

test("sky and noise are robust, and what was not measured is black", () => {
  // Median 3; deviations 2, 1, 0, 1, 997: their median is 1.
  expect(levelsOf(Float32Array.of(1, 2, 3, 4, 1000))).toEqual([3, 1.4826]);
  expect(levelsOf(Float32Array.of(7, 7, 7))).toEqual([7, 1]);
  expect(levelsOf(Float32Array.of(Number.NaN))).toEqual([0, 1]);
  const image = prepare(Float32Array.of(1, 2, Number.NaN, 3, 4, 5), [1, 2, 3], "flux");
  const level = (image.values[2]! - image.sky[0]!) / image.noise[0]!;
  expect(colourOf([level, level, level], DEFAULTS)).toEqual([0, 0, 0]);
});

test("a survey's own composite has its bands and colours; one band alone has its own noise", () => {
  // Medians 3 and 30; deviations 1 and 10 times 1.4826.
  const band = [1, 2, 3, 4, 100];
  const data = Float32Array.from([...band, ...band.map((value) => 10 * value), ...band]);
  const composite = {
    channels: [2, 1, 0] as [number, number, number],
    scales: [0.5, 0.1, 2] as [number, number, number],
  };
  const image = prepare(data, [3, 1, 5], "flux", composite);
  const { channels, sky, noise } = shownOf(image, DEFAULTS);
  expect(channels).toEqual([2, 1, 0]);
  expect(sky).toEqual([3, 30, 3]);
  // Scaled noise: 0.5, 1 and 2 times 1.4826; their mean is 7/6 of that.
  for (const [k, expected] of [7 / 3, 35 / 3, 7 / 12].entries())
    expect(noise[k]).toBeCloseTo(expected * 1.4826, 5);
  expect(shownOf(image, { ...DEFAULTS, band: 1 }).noise[0]).toBeCloseTo(14.826, 5);
});
