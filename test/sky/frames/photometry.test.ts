import { expect, test } from "vitest";
import { Draws } from "../../../src/foundation/random.ts";
import { detect, type Plane } from "../../../src/sky/detect.ts";
import { ellipsesOf, halfLightRadii, kronScales, sumEllipses } from "../../../src/sky/photometry.ts";

const [WIDTH, HEIGHT, NOISE] = [160, 120, 0.5];

/** Gaussians (x, y, flux, sigma along, across, angle) on noise about 0. */
function plane(sources: readonly (readonly [number, number, number, number, number, number])[]): Plane {
  const d = new Draws(8);
  const data = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    let value = d.normal(0, NOISE);
    for (const [x, y, flux, a, b, angle] of sources) {
      const [dx, dy] = [(i % WIDTH) - x, Math.floor(i / WIDTH) - y];
      const u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / a;
      const v = (dy * Math.cos(angle) - dx * Math.sin(angle)) / b;
      value += (flux / (2 * Math.PI * a * b)) * Math.exp(-0.5 * (u * u + v * v));
    }
    return value;
  });
  return { data, width: WIDTH, height: HEIGHT };
}

function measured(image: Plane, gain = 0) {
  const sources = detect(image, { noise: NOISE });
  const all = Array.from({ length: sources.count }, (_, k) => k).sort(
    (a, b) => sources.x[a]! - sources.x[b]!,
  );
  const ellipses = ellipsesOf(sources, all);
  const { scale } = kronScales(image, ellipses, sources.segments);
  const flux = sumEllipses(image, ellipses, scale, NOISE, sources.segments, gain);
  const half = halfLightRadii(image, ellipses, flux.sum, sources.segments);
  return { ellipses, scale, flux, half };
}

test("a Kron aperture holds the light to a per cent; half of it lies within 1.177 sigma", () => {
  const { flux, half, ellipses, scale } = measured(
    plane([
      [40, 60, 20000, 2, 2, 0],
      [110, 60, 30000, 5, 2.5, 0.7],
    ]),
  );
  expect(Math.abs(flux.sum[0]! / 20000 - 1)).toBeLessThan(0.01);
  expect(Math.abs(flux.sum[1]! / 30000 - 1)).toBeLessThan(0.01);
  expect(half[0]! / (2 * Math.sqrt(2 * Math.LN2))).toBeCloseTo(1, 1);
  const area = Math.PI * ellipses.a[0]! * ellipses.b[0]! * scale[0]! ** 2;
  expect(flux.error[0]! / (NOISE * Math.sqrt(area))).toBeCloseTo(1, 2);
});

test("a gain adds the light's own noise", () => {
  const image = plane([[80, 60, 20000, 2, 2, 0]]);
  const [sky, all] = [measured(image).flux, measured(image, 4).flux];
  expect(all.error[0]! ** 2 - sky.error[0]! ** 2).toBeCloseTo(sky.sum[0]! / 4, 0);
});

test("a neighbour's light is left out of an aperture", () => {
  const { flux } = measured(
    plane([
      [70, 60, 10000, 2, 2, 0],
      [82, 60, 40000, 2, 2, 0],
    ]),
  );
  expect(Math.abs(flux.sum[0]! / 10000 - 1)).toBeLessThan(0.03);
});

test("invalid apertures give NaN and a flag, never a crash", () => {
  const image = plane([]);
  const array = (...values: number[]) => Float64Array.from(values);
  const bad = {
    ids: array(1, 1, 1, 1),
    x: array(NaN, 1e9, 50, 50),
    y: array(5, 5, 50, 50),
    a: array(2, 2, NaN, 1e9),
    b: array(2, 2, 2, 2),
    theta: array(0, 0, 0, 0),
  };
  const flux = sumEllipses(image, bad, array(2, 2, 2, 2), 1);
  expect(Array.from(flux.sum)).toEqual([NaN, NaN, NaN, NaN]);
  expect(Array.from(flux.flags)).toEqual([64, 64, 64, 64]);
  const segments = new Int32Array(WIDTH * HEIGHT);
  expect(Array.from(kronScales(image, bad, segments).flags)).toEqual([64, 64, 64, 64]);
  expect(Array.from(halfLightRadii(image, bad, array(1, 1, 1, 1), segments))).toEqual([NaN, NaN, NaN, NaN]);
  expect(() => kronScales(image, bad, new Int32Array(3))).toThrow(/segments must hold width × height values/);
});
