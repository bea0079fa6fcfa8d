import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { background, detect, type Plane, SOURCE_FLAGS, sumCircles } from "../../src/sky/detect.ts";

const [WIDTH, HEIGHT] = [160, 120];
/** Gaussians of (x, y, flux, sigma along, sigma across, angle) on noise of sigma 2 about 50. */
function field(
  sources: readonly (readonly [number, number, number, number, number, number])[],
  sky = 50,
): Plane {
  const d = new Draws(5);
  const data = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [px, py] = [i % WIDTH, Math.floor(i / WIDTH)];
    let value = sky + d.normal(0, 2);
    for (const [x, y, flux, a, b, angle] of sources) {
      const u = (px - x) * Math.cos(angle) + (py - y) * Math.sin(angle);
      const v = -(px - x) * Math.sin(angle) + (py - y) * Math.cos(angle);
      value += (flux / (2 * Math.PI * a * b)) * Math.exp(-0.5 * ((u / a) ** 2 + (v / b) ** 2));
    }
    return value;
  });
  return { data, width: WIDTH, height: HEIGHT };
}
const less = (plane: Plane, level: number): Plane => ({
  ...plane,
  data: plane.data.map((value) => value - level),
});

test("the sky's level and noise, in spite of a source; NaN pixels are left out", () => {
  const plane = field([[40, 50, 9000, 2, 2, 0]]);
  for (let x = 0; x < WIDTH; x++) plane.data[x] = NaN;
  const sky = background(plane, 32);
  expect(Math.abs(sky.level - 50)).toBeLessThan(0.2);
  expect(Math.abs(sky.sigma - 2)).toBeLessThan(0.1);
  expect(sky.levels).toHaveLength(WIDTH * HEIGHT);
  expect(Math.abs(sky.levels[30 * WIDTH + 100]! - 50)).toBeLessThan(0.5);
});

test("sources: their positions, widths and angles, and their pixels", () => {
  const plane = less(
    field([
      [40.3, 50.6, 9000, 2, 2, 0],
      [110, 70, 20000, 4, 2, 0.5],
    ]),
    50,
  );
  const sources = detect(plane, { noise: 2, threshold: 3 });
  expect(sources.count).toBe(2);
  const order = sources.x[0]! < 80 ? [0, 1] : [1, 0];
  const [round, long] = order as [number, number];
  expect(sources.x[round]).toBeCloseTo(40.3, 1);
  expect(sources.y[round]).toBeCloseTo(50.6, 1);
  expect(sources.b[round]! / sources.a[round]!).toBeGreaterThan(0.9);
  expect(sources.a[long]! / sources.b[long]!).toBeCloseTo(2, 0);
  expect(sources.theta[long]).toBeCloseTo(0.5, 1);
  expect(sources.flags[long]).toBe(0);
  expect(sources.segments[70 * WIDTH + 110]).toBe(long + 1);
  expect(sources.segments[0]).toBe(0);
});

test("masked pixels hold no source; a source at the edge is flagged as truncated", () => {
  const plane = less(
    field([
      [40, 50, 9000, 2, 2, 0],
      [159, 60, 9000, 2, 2, 0],
    ]),
    50,
  );
  const mask = new Uint8Array(WIDTH * HEIGHT).map((_, i) => (i % WIDTH < 80 ? 1 : 0));
  const sources = detect({ ...plane, mask }, { noise: 2, threshold: 3 });
  expect(sources.count).toBe(1);
  expect(sources.flags[0]! & SOURCE_FLAGS.truncated).toBe(SOURCE_FLAGS.truncated);
});

test("two touching sources are two, unless the contrast is too high", () => {
  const plane = less(
    field([
      [60, 60, 9000, 2, 2, 0],
      [67, 60, 9000, 2, 2, 0],
    ]),
    50,
  );
  expect(detect(plane, { noise: 2, threshold: 3 }).count).toBe(2);
  expect(detect(plane, { noise: 2, threshold: 3, contrast: 1 }).count).toBe(1);
});

test("apertures: a Gaussian's light within two sigma, its error, and flags of those cut off", () => {
  const plane = less(field([[80, 60, 9000, 3, 3, 0]]), 50);
  const at = (...values: number[]) => Float64Array.from(values);
  const { sum, error, flags } = sumCircles(plane, at(80, 0, 500), at(60, 60, 60), at(6, 6, 6), 2);
  const sigma = 2 * Math.sqrt(Math.PI * 36);
  expect(Math.abs(sum[0]! - 9000 * (1 - Math.exp(-2)))).toBeLessThan(4 * sigma);
  expect(error[0]).toBeCloseTo(sigma, 6);
  expect(flags[0]).toBe(0);
  expect(flags[1]! & 16).toBe(16);
  expect(flags[2]).not.toBe(0);
});

test("arrays that don't fit are refused", () => {
  const plane = { data: new Float32Array(10), width: 3, height: 3, name: "f.fits" };
  expect(() => background(plane)).toThrow("f.fits: data must hold width × height values");
  expect(() => detect({ ...plane, data: new Float32Array(9) }, { noise: 0 })).toThrow(
    "f.fits: noise must be > 0",
  );
});
