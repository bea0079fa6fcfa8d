import { expect, test } from "vitest";
import { imageStatistics } from "../../../src/evaluate/realism/statistics.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { tensor } from "../../../src/torch/create.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";

const SIDE = 48;

/** Images of one band, from a function of x and y. */
function images(...values: ((x: number, y: number) => number)[]) {
  const data = values.flatMap((value) =>
    Array.from({ length: SIDE * SIDE }, (_, i) => value(i % SIDE, Math.floor(i / SIDE))),
  );
  return tensor(Float32Array.from(data), [values.length, 1, SIDE, SIDE]);
}

const measured = (...values: ((x: number, y: number) => number)[]) =>
  tidy(() => imageStatistics(images(...values), ["r"]));

const blob = (x: number, y: number, at = 23.5, sigma = 2) =>
  Math.exp(-((x - at) ** 2 + (y - 23.5) ** 2) / (2 * sigma ** 2));

test("sky level and sigma are those of the noise that was drawn", () => {
  const d = new Draws(3);
  const statistics = measured(() => d.normal(5, 0.4));
  expect(statistics.get("sky level, r")![0]).toBeCloseTo(5, 1);
  expect(statistics.get("sky sigma, r")![0]! / 0.4).toBeCloseTo(1, 0.7);
});

test("noise averaged over two pixels of a row is correlated by a half along rows, not along columns or corners", () => {
  const d = new Draws(4);
  const white = Array.from({ length: (SIDE + 1) * SIDE }, () => d.normal());
  const statistics = measured((x, y) => white[y * (SIDE + 1) + x]! + white[y * (SIDE + 1) + x + 1]!);
  expect(Math.abs(statistics.get("noise of neighbours, r")![0]! - 0.25)).toBeLessThan(0.06); // the mean of 1/2 and 0
  expect(Math.abs(statistics.get("noise across corners, r")![0]!)).toBeLessThan(0.1);
});

test("light, peak and concentration are those of a Gaussian", () => {
  const statistics = measured((x, y) => 100 * blob(x, y));
  expect(statistics.get("light, r")![0]! / (100 * 2 * Math.PI * 4)).toBeCloseTo(1, 2);
  expect(statistics.get("peak, r")![0]).toBeCloseTo(100 * blob(24, 24), 2);
  // Within 4 pixels of 2-sigma-pixel light, counted on the grid
  let inside = 0;
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) if ((x - 23.5) ** 2 + (y - 23.5) ** 2 <= 16) inside += blob(x, y);
  expect(statistics.get("concentration, r")![0]).toBeCloseTo(inside / (2 * Math.PI * 4), 3);
});

test("asymmetry is 0 for what looks the same turned by half, and 2 for what does not overlap its turn", () => {
  const statistics = measured(
    (x, y) => blob(x, y),
    (x, y) => blob(x, y, 32, 1),
  );
  expect(statistics.get("asymmetry, r")![0]).toBeCloseTo(0, 5);
  expect(statistics.get("asymmetry, r")![1]).toBeCloseTo(2, 1);
});

test("crowding counts what is off the middle, by its peaks", () => {
  const d = new Draws(5);
  const at = [
    [6, 6],
    [40, 10],
    [12, 41],
  ];
  const statistics = measured((x, y) =>
    at.reduce(
      (sum, [u, v]) => sum + 60 * Math.exp(-((x - u!) ** 2 + (y - v!) ** 2) / 4.5),
      d.normal(0, 0.5) + 80 * blob(x, y),
    ),
  );
  expect(statistics.get("crowding, r")![0]).toBe(3);
});

test("smooth light is less sharp than the same light narrow", () => {
  const statistics = measured(
    (x, y) => blob(x, y, 23.5, 4),
    (x, y) => blob(x, y, 23.5, 1),
  );
  const [smooth, narrow] = statistics.get("sharpness, r")! as unknown as [number, number];
  expect(smooth).toBeLessThan(0.5 * narrow);
});

test("an empty image gives finite numbers, and no tensor is left", () => {
  const before = liveTensors();
  const statistics = measured(() => 0);
  for (const [name, [value]] of statistics) expect(Number.isFinite(value!), name).toBe(true);
  expect(liveTensors()).toBe(before);
});
