import { afterEach, beforeEach, expect, test } from "vitest";
import { type Light, render, type Scene, sceneOf } from "../../src/lensing/index.ts";
import { composite, fluxOf, surveyNamed } from "../../src/sky/index.ts";
import { liveTensors, machine, setThreads } from "../../src/torch/index.ts";
import { bare, scenes } from "./oracle.ts";

let before = 0;
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(before);
});

const cfhtls = surveyNamed("cfhtls");
const population = { survey: cfhtls, size: 48, prevalence: 0.5, seed: 11 };
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, k) => sceneOf(population, from + k));
const draw = (list: readonly Scene[], size = 48) => {
  const { images, arcScale } = render(list, cfhtls, size);
  const pixels = images.data() as Float32Array;
  images.dispose();
  return { pixels, arcScale };
};

const galaxy: Light = {
  part: "galaxy",
  lensed: false,
  magnitudes: [20],
  R: 0.6,
  n: 1,
  q: 0.8,
  angle: 0.4,
  x: 0,
  y: 0,
};
const alone = (lights: Light[], changes: Partial<Scene> = {}): Scene => ({
  kind: "galaxy",
  mass: null,
  lights,
  seeing: [0.7],
  skySigma: [1],
  pedestal: [0],
  arcSnr: null,
  ...changes,
});
const survey = bare(0.2, 27, 0.7);
const imageOf = (scene: Scene, size = 64, supersampling = 3): Float64Array => {
  const { images } = render([scene], survey, size, { supersampling, dtype: "float64" });
  const pixels = images.data() as Float64Array;
  images.dispose();
  return pixels;
};
const sum = (pixels: ArrayLike<number>) => Array.from(pixels).reduce((total, value) => total + value, 0);

for (const { name, scene, survey, supersampling, image } of scenes()) {
  test(`lenstronomy's image is ours: ${name}`, () => {
    // lenstronomy cuts the Gaussian at 5 sigma and lets the edge pixels go on beyond the image
    const options = { supersampling, dtype: "float64", truncate: 5 } as const;
    const { images } = render([scene], survey, 64, options);
    const got = images.data() as Float64Array;
    images.dispose();
    const peak = Math.max(...image);
    let worst = 0;
    got.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - image[i]!) / peak);
    });
    expect(worst).toBeLessThan(2e-7); // the oracle's are rounded to float32
  });
}

test("float32 agrees with float64 to 1e-5 of an image's peak", () => {
  const list = many(12);
  const { images } = render(list, cfhtls, 48, { dtype: "float64" });
  const exact = images.data() as Float64Array;
  images.dispose();
  const { pixels } = draw(list);
  const each = pixels.length / list.length;
  list.forEach((_, i) => {
    const part = exact.subarray(i * each, (i + 1) * each);
    const peak = part.reduce((most, value) => Math.max(most, value), 0);
    part.forEach((value, k) => {
      if (Math.abs(pixels[i * each + k]! - value) > 1e-5 * peak)
        expect.fail(`scene ${i}: pixel ${k} is ${pixels[i * each + k]}, in float64 ${value}, peak ${peak}`);
    });
  });
});

test("a galaxy's image holds its flux, for plain, spiral and ring alike", () => {
  const flux = fluxOf(20, 27);
  const arms = { amplitude: 0.6, count: 2, pitch: 0.4 };
  const kinds = {
    plain: galaxy,
    spiral: { ...galaxy, arms },
    ring: { ...galaxy, n: 0.5, R: 0.3, ring: 1.2 },
  };
  for (const [kind, light] of Object.entries(kinds))
    expect(sum(imageOf(alone([light]), 96)) / flux, kind).toBeCloseTo(1, 2);
});

test("x is to the right, y upwards, the origin between the middle pixels", () => {
  const star = { ...galaxy, R: 0.1, n: 0.5, q: 1 };
  const pixels = imageOf(alone([{ ...star, x: 0.7, y: -1.1 }]), 32);
  // x = 0.7" is 3.5 pixels right of 15.5: column 19; y = −1.1" is 5.5 below: row 10
  expect(pixels.indexOf(Math.max(...pixels))).toBe(10 * 32 + 19);
  const centred = imageOf(alone([star]), 32);
  const middle = [15 * 32 + 15, 15 * 32 + 16, 16 * 32 + 15, 16 * 32 + 16].map((i) => centred[i]!);
  for (const value of middle) expect(value).toBeCloseTo(Math.max(...centred), 9);
});

test("a source right behind a round lens is a ring at the Einstein radius, magnified", () => {
  const mass = { thetaE: 1.5, q: 1, angle: 0, x: 0, y: 0, gamma1: 0, gamma2: 0 };
  const source = { ...galaxy, lensed: true, R: 0.1, q: 1, n: 0.5 };
  const pixels = imageOf(alone([source], { mass }));
  const along = Array.from({ length: 32 }, (_, i) => pixels[32 * 64 + 32 + i]!); // right of the centre
  const peak = along.indexOf(Math.max(...along));
  expect(Math.abs((peak + 0.5) * 0.2 - 1.5)).toBeLessThan(0.15);
  expect(along[0]).toBeLessThan(0.1 * along[peak]!);
  // A disc of radius ρ behind an SIS of θ_E ≥ ρ is magnified by 4 θ_E / (2 ρ) · …: for a Gaussian of scale s the
  // mean of 2 θ_E / β is θ_E √(2π) / s. b = 0.6725 at n = 0.5: exp(−b r² / R²), s = R / √(2 b).
  const s = 0.1 / Math.sqrt(2 * (1.9992 * 0.5 - 0.3271));
  expect(sum(pixels) / fluxOf(20, 27) / ((1.5 * Math.sqrt(2 * Math.PI)) / s)).toBeCloseTo(1, 2);
});

test("the lensed light has the signal-to-noise that the scene asks for", () => {
  const lenses = many(24).filter((scene) => scene.mass !== null);
  expect(lenses.length).toBeGreaterThan(5);
  const { pixels, arcScale } = draw(lenses);
  const without = draw(lenses.map((scene) => ({ ...scene, lights: scene.lights.filter((l) => !l.lensed) })));
  const [bands, area] = [3, 48 * 48];
  lenses.forEach((scene, i) => {
    let squares = 0;
    for (let band = 0; band < bands; band++)
      for (let k = 0; k < area; k++) {
        const at = (i * bands + band) * area + k;
        squares += ((pixels[at]! - without.pixels[at]!) / scene.skySigma[band]!) ** 2;
      }
    expect(Math.sqrt(squares) / scene.arcSnr!).toBeCloseTo(1, 3);
    expect(arcScale[i]).toBeGreaterThan(0);
    expect(without.arcScale[i]).toBe(1);
  });
});

test("an object's pixels are the same to the last bit, whatever its batch and threads", () => {
  // An odd size, so that no array is a whole number of the processor's vectors long.
  const size = 33;
  const list = many(28);
  const parts = list.flatMap(({ lights }) => lights);
  expect(list.some(({ mass }) => mass !== null)).toBe(true);
  expect(parts.some(({ ring }) => ring)).toBe(true);
  expect(parts.some(({ arms }) => arms)).toBe(true);
  const { threads } = machine();
  try {
    setThreads(1);
    const whole = draw(list, size);
    const each = whole.pixels.length / list.length;
    const bytes = (pixels: Float32Array) => Buffer.from(pixels.slice().buffer);
    const expectSame = (first: number, count: number) => {
      const { pixels, arcScale } = draw(list.slice(first, first + count), size);
      const want = whole.pixels.subarray(first * each, (first + count) * each);
      expect(bytes(pixels).equals(bytes(want)), `${count} from ${first}`).toBe(true);
      expect([...arcScale]).toEqual([...whole.arcScale.subarray(first, first + count)]);
    };
    for (let first = 0; first < list.length; first += 7) expectSame(first, 7);
    for (let first = 0; first < list.length; first++) expectSame(first, 1);
    setThreads(3);
    expectSame(0, 7);
  } finally {
    setThreads(threads);
  }
});

test("sources do not leak from one scene to another", () => {
  const list = many(9);
  const dark = list.map((scene, i) => (i === 4 ? scene : { ...scene, lights: [] }));
  const { pixels } = draw(dark);
  const each = pixels.length / list.length;
  dark.forEach((_, i) => {
    const total = sum(pixels.subarray(i * each, (i + 1) * each));
    if (i === 4) expect(total).toBeGreaterThan(0);
    else expect(total).toBe(0);
  });
});

test("a batch of the demo's images shows: none is blank, none is not a number", () => {
  const { images } = render(many(16), cfhtls, 48);
  const shown = composite(images, cfhtls);
  const [flux, bytes] = [images.data() as Float32Array, shown.data() as Uint8Array];
  for (const one of [images, shown]) one.dispose();
  expect(flux.every(Number.isFinite)).toBe(true);
  for (let i = 0; i < 16; i++)
    expect(
      Math.max(...bytes.subarray((i * bytes.length) / 16, ((i + 1) * bytes.length) / 16)),
    ).toBeGreaterThan(5);
});
