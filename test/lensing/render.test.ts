import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { sceneOf } from "../../src/lensing/populations/population.ts";
import { type RenderOptions, render } from "../../src/lensing/render.ts";
import { blurred } from "../../src/lensing/rendering/blur.ts";
import { imagesOfPoint } from "../../src/lensing/rendering/solve.ts";
import type { Light, Mass, Scene } from "../../src/lensing/scene.ts";
import { composite } from "../../src/sky/stretch.ts";
import { fluxOf, type Survey } from "../../src/sky/survey.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { machine, setThreads } from "../../src/torch/machine.ts";
import { tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";
import { bare, scenes } from "./oracle.ts";

slow("renders scenes with many rays a pixel");

noTensorIsLeft();

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
  test(`our image agrees with lenstronomy's: ${name}`, () => {
    // lenstronomy truncates the Gaussian at 5 sigma and repeats the edge pixels beyond the image
    const options = { supersampling, dtype: "float64", truncate: 5 } as const;
    const { images } = render([scene], survey, 64, options);
    const got = images.data() as Float64Array;
    images.dispose();
    const peak = Math.max(...image);
    let worst = 0;
    got.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - image[i]!) / peak);
    });
    expect(worst).toBeLessThan(2e-7); // the oracle's values are rounded to float32
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

test("a galaxy's image has its flux: plain, spiral and ring", () => {
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

test("x points right, y up, with the origin between the middle pixels", () => {
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

test("the lensed light has the scene's signal-to-noise", () => {
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

/** The population's scenes with every kind of mass and light added, in different numbers. */
function everyKind(count: number): Scene[] {
  const pixels = Float32Array.from({ length: 63 }, (_, i) => (i * 37) % 11);
  const image = { pixels, width: 9, height: 7, scale: 0.15, interpolation: "cubic" as const };
  return many(count).map((scene, i) => {
    if (scene.mass === null || i % 7 === 0) return scene;
    const { x, y, magnitudes } = scene.lights.find((light) => light.lensed)!;
    const clumps = Array.from({ length: i % 5 }, (_, k) => {
      return { profile: "truncatedSis" as const, a: 0.2, b: 0.02 + 0.01 * k, x: 0.4 * k - 1, y: 0.9 };
    });
    const mass: Mass = {
      ...scene.mass,
      slope: i % 2 === 0 ? 2 : 1.95,
      also: [
        ...clumps,
        { profile: "vortex", length: 1, thetaE: 0.1 + 0.01 * i, angle: 0.3, x: 0.2, y: 0 },
        ...(i % 4 === 0 ? [{ profile: "sheet" as const, kappa: 0.02 }] : []),
      ],
    };
    const quasar: Light = { ...galaxy, magnitudes, x, y, lensed: true, point: true };
    const pixelated: Light = { ...galaxy, magnitudes, x, y, lensed: true, image };
    const star: Light = { ...galaxy, magnitudes, x: 1.3, y: -0.7, point: true };
    return { ...scene, mass, lights: [...scene.lights, quasar, pixelated, star] };
  });
}

for (const [what, options] of [
  ["adaptive", {}],
  ["fixed", { supersampling: 2 }],
] as [string, RenderOptions][])
  test(`an object's pixels are the same to the last bit, whatever its batch and threads: ${what}`, () => {
    // An odd size, so that no array is a multiple of the CPU's vector length.
    const size = 33;
    const list = everyKind(28);
    const parts = list.flatMap(({ lights }) => lights);
    expect(list.filter(({ mass }) => mass?.also).length).toBeGreaterThan(5);
    for (const kind of ["ring", "arms", "image", "point"] as const)
      expect(
        parts.some((light) => light[kind]),
        kind,
      ).toBe(true);
    const drawn = (batch: readonly Scene[]) => {
      const { images, arcScale } = render(batch, cfhtls, size, options);
      const pixels = images.data() as Float32Array;
      images.dispose();
      return { pixels, arcScale };
    };
    const { threads } = machine();
    try {
      setThreads(1);
      const whole = drawn(list);
      expect(whole.pixels.every(Number.isFinite)).toBe(true);
      const each = whole.pixels.length / list.length;
      const bytes = (pixels: Float32Array) => Buffer.from(pixels.slice().buffer);
      const expectSame = (first: number, count: number) => {
        const { pixels, arcScale } = drawn(list.slice(first, first + count));
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

test("adaptive sampling is closer to 27 rays per side than three everywhere", () => {
  const pixelsFor = (options: RenderOptions) =>
    scenes().map(({ scene, survey }) => {
      const { images } = render([scene], survey, 64, { dtype: "float64", ...options });
      const pixels = images.data() as Float64Array;
      images.dispose();
      return pixels;
    });
  const exact = pixelsFor({ supersampling: 27 });
  const errors = (options: RenderOptions) =>
    pixelsFor(options).map((pixels, i) => {
      const peak = Math.max(...exact[i]!);
      return Math.max(...pixels.map((value, k) => Math.abs(value - exact[i]![k]!) / peak));
    });
  const [adaptive, three] = [errors({}), errors({ supersampling: 3 })];
  expect(Math.max(...adaptive)).toBeLessThan(5e-3);
  const mean = (list: number[]) => list.reduce((total, value) => total + value, 0) / list.length;
  expect(mean(adaptive)).toBeLessThan(mean(three) / 2.5);
  // and the error follows the tolerance
  expect(mean(errors({ tolerance: 1e-3 }))).toBeLessThan(mean(adaptive) / 4);
});

test("further mass adds its deflection, and a halo alone lenses like its profile", () => {
  const nothing = { thetaE: 0, q: 1, angle: 0, x: 0, y: 0, gamma1: 0, gamma2: 0 };
  const source = { ...galaxy, lensed: true, x: 0.2, y: 0.1 };
  const round = { ...nothing, thetaE: 1.2 };
  const other: Mass = { ...nothing, also: [{ profile: "sis", thetaE: 1.2, x: 0, y: 0 }] };
  const [main, added] = [round, other].map((mass) => imageOf(alone([source], { mass })));
  const peak = Math.max(...main!);
  main!.forEach((value, i) => {
    expect(Math.abs(value - added![i]!)).toBeLessThan(1e-6 * peak);
  });
  const bent: Mass = {
    ...other,
    also: [...other.also!, { profile: "truncatedSis", a: 0.4, b: 0.1, x: 1, y: 0.6 }],
  };
  const three = imageOf(alone([source], { mass: bent }));
  expect(Math.max(...three.map((value, i) => Math.abs(value - added![i]!)))).toBeGreaterThan(0.01 * peak);
});

test("the images of a point behind an isothermal sphere follow the formulas", () => {
  const mass = { thetaE: 1.4, q: 1, angle: 0, x: 0, y: 0, gamma1: 0, gamma2: 0 };
  const also = [{ profile: "sis" as const, thetaE: 1.4, x: 0, y: 0 }];
  // β = 0.5 at an angle of 0.6: images at θ_E ± β, magnified by θ_E / β ± 1
  const source = { x: 0.5 * Math.cos(0.6), y: 0.5 * Math.sin(0.6) };
  const images = imagesOfPoint({ ...mass, thetaE: 0, also }, source, 4).sort(
    (a, b) => b.magnification - a.magnification,
  );
  expect(images).toHaveLength(2);
  expect(images[0]!.magnification).toBeCloseTo(1.4 / 0.5 + 1, 8);
  expect(images[1]!.magnification).toBeCloseTo(-(1.4 / 0.5 - 1), 8);
  expect(images[0]!.x).toBeCloseTo(1.9 * Math.cos(0.6), 9);
  expect(images[1]!.y).toBeCloseTo(-0.9 * Math.sin(0.6), 9);
});

test("a source inside the caustic of an ellipsoid has four images, two of them mirrored", () => {
  const mass = { thetaE: 1.4, q: 0.6, angle: 0.3, x: 0.05, y: -0.02, gamma1: 0.03, gamma2: 0.02 };
  const source = { x: 0.07, y: 0.01 };
  const images = imagesOfPoint(mass, source, 4);
  expect(images).toHaveLength(4);
  expect(images.filter(({ magnification }) => magnification < 0)).toHaveLength(2);
  expect(imagesOfPoint(mass, { x: 3, y: 0.5 }, 6)).toHaveLength(1);
});

test("a point is the PSF itself, anywhere between pixels, with its whole flux", () => {
  const flux = fluxOf(20, 27);
  const at = { x: 0.2 * 3.3, y: -0.2 * 2.25 };
  const point = { ...galaxy, point: true, ...at };
  const pixels = imageOf(alone([point]));
  expect(sum(pixels) / flux).toBeCloseTo(1, 6);
  const sigma = 0.7 / (2 * Math.sqrt(2 * Math.log(2))) / 0.2;
  for (const [column, row] of [
    [34, 29],
    [36, 31],
  ] as const) {
    const r2 = (column - 31.5 - 3.3) ** 2 + (row - 31.5 + 2.25) ** 2;
    const want = (flux / (2 * Math.PI * sigma ** 2)) * Math.exp(-r2 / (2 * sigma ** 2));
    expect(pixels[row * 64 + column]! / want).toBeCloseTo(1, 9);
  }
  // Moffat's has the same flux, except what is outside, (1 + R² / γ²)^(1 − β)
  const { images } = render([alone([point])], { ...survey, moffatBeta: 3.5 }, 64, { dtype: "float64" });
  expect(sum(images.data() as Float64Array) / flux).toBeCloseTo(1, 3);
  images.dispose();
});

/** A round Gaussian galaxy of standard deviation `sigma`, arcsec: exp(−b r² / R²) at n = ½, b = 0.6725. */
const gaussianGalaxy = (sigma: number): Light => ({
  ...galaxy,
  n: 0.5,
  q: 1,
  R: sigma * Math.sqrt(2 * (1.9992 * 0.5 - 0.3271)),
});

for (const name of ["euclid", "hst", "cfhtls"])
  for (const supersampling of ["adaptive", 9] as const)
    test(`${name}'s galaxies are blurred by the pixel once, as its stars are: ${supersampling}`, () => {
      // Gaussian on Gaussian: the variances add up, and the PSF holds the pixel already
      const known = surveyNamed(name);
      const { pixelScale, zeroPoint } = known;
      const seen = { ...known, moffatBeta: null, bands: known.bands.slice(0, 1) };
      const { seeing } = seen.bands[0]!;
      const sigma = 1.1 * pixelScale;
      const at = { x: 0.3 * pixelScale, y: -0.2 * pixelScale };
      const scene = alone([{ ...gaussianGalaxy(sigma), ...at }], { seeing: [seeing] });
      const { images } = render([scene], seen, 64, { dtype: "float64", supersampling });
      const pixels = images.data() as Float64Array;
      images.dispose();
      const variance = (sigma ** 2 + (seeing / 2.3548200450309493) ** 2) / pixelScale ** 2;
      const peak = fluxOf(20, zeroPoint) / (2 * Math.PI * variance);
      let [xx, total] = [0, 0];
      pixels.forEach((value, i) => {
        const [dx, dy] = [(i % 64) - 31.8, Math.floor(i / 64) - 31.3];
        const want = peak * Math.exp(-(dx * dx + dy * dy) / (2 * variance));
        expect(Math.abs(value - want)).toBeLessThan(4e-3 * peak);
        xx += value * dx * dx;
        total += value;
      });
      expect(Math.abs(Math.sqrt(xx / total / variance) - 1)).toBeLessThan(2e-3);
    });

test("a survey whose PSF does not include the pixel has stars averaged over it, whole anywhere", () => {
  // half a pixel wide: its values at the pixels' middles add up to anything from 0.1 to 2.3 times its flux
  const narrow = { ...bare(0.2, 27, 0.1), psfPixel: 0 };
  for (const [x, y] of [
    [0.1, 0.1],
    [0, 0.02],
    [0.17, -0.06],
  ] as const) {
    const star = { ...galaxy, point: true, x, y };
    const { images } = render([alone([star], { seeing: [0.1] })], narrow, 32, { dtype: "float64" });
    const pixels = images.data() as Float64Array;
    images.dispose();
    expect(sum(pixels) / fluxOf(20, 27)).toBeCloseTo(1, 6);
    const mean = pixels.reduce((all, value, i) => all + value * ((i % 32) - 15.5), 0) / sum(pixels);
    expect(Math.abs(mean * 0.2 - x)).toBeLessThan(0.05); // in the right pixels
  }
  // wider: the variance of the profile and of the square add up
  const star = { ...galaxy, point: true, x: 0.03, y: 0.05 };
  const { images } = render([alone([star])], { ...survey, psfPixel: 0 }, 64, { dtype: "float64" });
  const pixels = images.data() as Float64Array;
  images.dispose();
  const xx = pixels.reduce((all, value, i) => all + value * ((i % 64) - 31.5 - 0.15) ** 2, 0) / sum(pixels);
  expect(xx).toBeCloseTo((0.7 / 2.35482 / 0.2) ** 2 + 1 / 12, 2);
});

test("a lensed point's flux is the sum of its images', and belongs to the arcs", () => {
  const mass = { thetaE: 1.4, q: 0.6, angle: 0.3, x: 0.05, y: -0.02, gamma1: 0.03, gamma2: 0.02 };
  const quasar = { ...galaxy, lensed: true, point: true, x: 0.07, y: 0.01 };
  const total = imagesOfPoint(mass, quasar, 7).reduce((all, image) => all + Math.abs(image.magnification), 0);
  expect(sum(imageOf(alone([quasar], { mass }))) / fluxOf(20, 27) / total).toBeCloseTo(1, 5);
  const scaled = render([alone([quasar], { mass, arcSnr: 50 })], survey, 64, { dtype: "float64" });
  const squares = (scaled.images.data() as Float64Array).reduce((all, value) => all + value ** 2, 0);
  scaled.images.dispose();
  expect(Math.sqrt(squares)).toBeCloseTo(50, 6);
});

test("an image as a source is lensed like the profile that it shows", () => {
  const mass = { thetaE: 1.5, q: 0.8, angle: 0.4, x: 0, y: 0, gamma1: 0.02, gamma2: 0 };
  const shape = { ...galaxy, lensed: true, n: 0.5, R: 0.3, x: 0.1, y: 0.05 };
  const [side, scale] = [121, 0.025];
  const b = 1.9992 * 0.5 - 0.3271;
  const pixels = Float64Array.from({ length: side * side }, (_, i) => {
    const [u, v] = [((i % side) - 60) * scale, (Math.floor(i / side) - 60) * scale];
    return Math.exp((-b * (0.8 * u * u + (v * v) / 0.8)) / 0.09);
  });
  const image = { pixels, width: side, height: side, scale, interpolation: "cubic" as const };
  const [want, got] = [shape, { ...shape, image }].map((light) => imageOf(alone([light], { mass })));
  const peak = Math.max(...want!);
  want!.forEach((value, i) => {
    expect(Math.abs(got![i]! - value)).toBeLessThan(2e-3 * peak);
  });
});

test("adaptive sampling keeps a compact galaxy's flux, neither always less nor always more", () => {
  const d = new Draws(1234, 0);
  const errors: number[] = [];
  for (const n of [1, 2])
    for (const R of [0.2, 0.3, 0.4]) {
      const list = Array.from({ length: 24 }, () => {
        const shape = { q: d.uniform(0.5, 1), angle: d.uniform(0, 3) };
        const at = { x: d.uniform(-0.187, 0.187), y: d.uniform(-0.187, 0.187) };
        return alone([{ ...galaxy, R, n, ...shape, ...at }]);
      });
      const { images } = render(list, bare(0.187, 27, 0.7), 128, { dtype: "float64" });
      const pixels = images.data() as Float64Array;
      images.dispose();
      const each = list.map(
        (_, i) => sum(pixels.subarray(i * 128 ** 2, (i + 1) * 128 ** 2)) / fluxOf(20, 27) - 1,
      );
      const mean = each.reduce((all, error) => all + error, 0) / each.length;
      expect(Math.abs(mean), `n ${n}, R ${R}: ${mean}`).toBeLessThan(5e-4);
      errors.push(...each);
    }
  const less = errors.filter((error) => error < 0).length / errors.length;
  expect(less).toBeGreaterThan(0.2);
  expect(less).toBeLessThan(0.8);
});

test("the far edge of a small cutout gets no light across the transform's grid", () => {
  // 16 pixels and a PSF of 7: the edge is repeated for 14 pixels. Everything by the direct sum, a PSF of 36 pixels' reach
  const [size, margin, reach] = [16, 14, 36];
  const wide: Survey = { ...bare(0.2, 27, 1.4), moffatBeta: 2.5, psfPixel: 0 };
  const random = new Draws(5, 0);
  const image = Float64Array.from({ length: size * size }, () => random.uniform());
  const gamma2 = (0.5 * 7) ** 2 / (2 ** (1 / 2.5) - 1);
  const moffat = (dx: number, dy: number) => (1 + (dx * dx + dy * dy) / gamma2) ** -2.5;
  let whole = 0;
  for (let y = -reach; y < reach; y++) for (let x = -reach; x < reach; x++) whole += moffat(x, y);
  const got = tidy(
    () =>
      blurred(
        tensor(image, [1, 1, size, size]),
        [alone([], { seeing: [1.4] })],
        wide,
        5,
      ).data() as Float64Array,
  );
  const inside = (k: number) => Math.min(size - 1, Math.max(0, k));
  for (const [x, y] of [
    [15, 8],
    [0, 0],
    [7, 15],
  ] as const) {
    let want = 0;
    for (let v = -margin; v < size + margin; v++)
      for (let u = -margin; u < size + margin; u++)
        want += (image[inside(v) * size + inside(u)]! * moffat(x - u, y - v)) / whole;
    expect(Math.abs(got[y * size + x]! / want - 1), `${x} ${y}`).toBeLessThan(1e-9);
  }
});

test("a Gaussian PSF applied axis by axis agrees with the Fourier transform", () => {
  const list = [alone([galaxy]), alone([{ ...galaxy, x: 5.5, n: 3 }])];
  const [quick, whole] = [{}, { psf: [{ e1: 1e-12, e2: 0, image: 0 }] }].map((changes) => {
    const { images } = render(
      list.map((scene) => ({ ...scene, ...changes })),
      survey,
      64,
      { dtype: "float64" },
    );
    const pixels = images.data() as Float64Array;
    images.dispose();
    return pixels;
  });
  const peak = Math.max(...whole!);
  whole!.forEach((value, i) => {
    expect(Math.abs(quick![i]! - value)).toBeLessThan(1e-7 * peak);
  });
});

test("light does not leak from one scene to another", () => {
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

test("in a batch of the demo's images none is blank, and every pixel is finite", () => {
  const { images } = render(many(16), cfhtls, 48);
  const shown = composite(images, cfhtls);
  const [flux, bytes] = [images.data() as Float32Array, shown.data() as Uint8Array];
  for (const tensor of [images, shown]) tensor.dispose();
  expect(flux.every(Number.isFinite)).toBe(true);
  for (let i = 0; i < 16; i++)
    expect(
      Math.max(...bytes.subarray((i * bytes.length) / 16, ((i + 1) * bytes.length) / 16)),
    ).toBeGreaterThan(5);
});
