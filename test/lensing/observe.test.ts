import { expect, test } from "vitest";
import { observe, observeMasked } from "../../src/lensing/observe.ts";
import type { Scene } from "../../src/lensing/scene.ts";
import { type Defects, photonsPerUnit, type Survey } from "../../src/sky/survey.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { full, stack, tensor, zeros } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

const survey = surveyNamed("cfhtls");
const blank = (changes: Partial<Scene> = {}): Scene => ({
  kind: "blank",
  mass: null,
  lights: [],
  seeing: [0.8, 0.8, 0.8],
  skySigma: survey.bands.map((band) => band.skySigma),
  pedestal: [0, 0, 0],
  arcSnr: null,
  ...changes,
});
const SIZE = 128;

/** Mean and standard deviation of every band, for a scene of constant flux. */
function statistics(flux: number, scene: Scene, seed = 5) {
  return tidy(() => {
    const observed = observe(full([1, 3, SIZE, SIZE], flux), [scene], [seed], survey).reshape([3, -1]);
    return { mean: observed.mean(1).numbers(), sigma: observed.var(1).sqrt().numbers() };
  });
}

test("blank sky has the survey's sigma, within 5 %, and mean 0", () => {
  const { mean, sigma } = statistics(0, blank());
  survey.bands.forEach((band, i) => {
    expect(Math.abs(sigma[i]! / band.skySigma - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean[i]!)).toBeLessThan((5 * band.skySigma) / SIZE);
  });
});

test("noise and left-over sky follow the scene's own sigma and pedestal", () => {
  const { mean, sigma } = statistics(0, blank({ skySigma: [2, 4, 8], pedestal: [1, -0.5, 0] }));
  [2, 4, 8].forEach((value, i) => {
    expect(Math.abs(sigma[i]! / value - 1)).toBeLessThan(0.05);
  });
  expect(Math.abs(mean[0]! - 2)).toBeLessThan(0.1);
  expect(Math.abs(mean[1]! + 2)).toBeLessThan(0.2);
});

test("the objects' Poisson noise grows with their flux, by the photons per unit", () => {
  for (const flux of [50, 2000]) {
    const { mean, sigma } = statistics(flux, blank());
    survey.bands.forEach((band, i) => {
      const want = Math.sqrt(band.skySigma ** 2 + flux / photonsPerUnit(survey, band));
      expect(Math.abs(sigma[i]! / want - 1), `${band.name} ${flux}`).toBeLessThan(0.03);
      expect(Math.abs(mean[i]! - flux)).toBeLessThan((5 * want) / SIZE);
    });
  }
  // at 2000 units the objects' own noise is far above the sky's, so the test above is about the photons
  const bright = statistics(2000, blank());
  expect(bright.sigma[0]! / survey.bands[0]!.skySigma).toBeGreaterThan(1.5);
});

test("noise depends on the seed and the object alone, to the last bit", () => {
  const scenes = [1, 2, 3, 4, 5, 6, 7].map((k) => blank({ skySigma: [k, k / 2, 2 * k] }));
  const [together, apart] = tidy(() => {
    const flux = stack(scenes.map((_, k) => full([3, 33, 33], 10 * k)));
    return [
      observe(flux, scenes, [11, 12, 13, 14, 15, 16, 17], survey).data() as Float32Array,
      scenes.map(
        (scene, k) => observe(flux.narrow(0, k, 1), [scene], [11 + k], survey).data() as Float32Array,
      ),
    ] as const;
  });
  apart.forEach((single, k) => {
    expect(single).toEqual(together.slice(k * single.length, (k + 1) * single.length));
  });
  const [same, other] = tidy(() => {
    const flux = zeros([2, 3, 8, 8]);
    return [
      observe(flux, [blank(), blank()], [3, 3], survey).data() as Float32Array,
      observe(flux, [blank(), blank()], [3, 4], survey).data() as Float32Array,
    ];
  });
  expect(same!.slice(0, 192)).toEqual(same!.slice(192));
  expect(other!.slice(0, 192)).not.toEqual(other!.slice(192));
});

test("negative flux adds no noise, and bands are independent", () => {
  const { sigma } = statistics(-1000, blank());
  expect(Math.abs(sigma[0]! / survey.bands[0]!.skySigma - 1)).toBeLessThan(0.05);
  const product = tidy(() => {
    const observed = observe(zeros([1, 3, SIZE, SIZE]), [blank()], [9], survey).reshape([3, -1]);
    const sigmas = tensor(
      Float32Array.from(survey.bands, (band) => band.skySigma),
      [3, 1],
    );
    const unit = observed.div(sigmas);
    return unit.select(0, 0).mul(unit.select(0, 1)).mean().item();
  });
  expect(Math.abs(product)).toBeLessThan(5 / SIZE);
});

const NONE: Defects = { cosmicRays: 0, badColumns: 0, masked: 0, fill: 0 };
const saturated = survey.bands.map((band) => ({ ...band, saturation: 100 * band.skySigma }));

/** Values and mask of objects of constant flux, band by band. */
function observedWith(changes: Partial<Survey>, { flux = 0, seeds = [5], size = SIZE } = {}) {
  return tidy(() => {
    const scenes = seeds.map(() => blank());
    const { images, mask } = observeMasked(full([seeds.length, 3, size, size], flux), scenes, seeds, {
      ...survey,
      ...changes,
    });
    return { values: images.data() as Float32Array, mask: mask.data() as Uint8Array };
  });
}
const share = (mask: Uint8Array) => mask.reduce((sum, value) => sum + value, 0) / mask.length;

test("correlated noise keeps a pixel's sigma; neighbours correlate by the kernel", () => {
  const rho = tidy(() => {
    const scenes = [blank(), blank(), blank()];
    const images = observe(zeros([3, 3, SIZE, SIZE]), scenes, [1, 2, 3], {
      ...survey,
      noiseCorrelation: "bilinear",
    });
    const sigmas = tensor(
      Float32Array.from(survey.bands, (band) => band.skySigma),
      [1, 3, 1, 1],
    );
    const unit = images.div(sigmas);
    return [0, 1, 2].map((lag) =>
      unit
        .mul(unit.roll([lag], [3]))
        .mean()
        .item(),
    );
  });
  [1, 0.25, 0].forEach((want, lag) => {
    expect(Math.abs(rho[lag]! - want), `${lag}`).toBeLessThan(0.02);
  });
});

test("no pixel is above the saturation, and those that reach it are masked", () => {
  const { values, mask } = observedWith(
    { bands: saturated },
    { flux: 100 * survey.bands[1]!.skySigma, size: 32 },
  );
  const pixelsOf = (band: number) =>
    [values, mask].map((array) => [...array.slice(band * 1024, (band + 1) * 1024)]);
  const [g, r, i] = [pixelsOf(0), pixelsOf(1), pixelsOf(2)];
  expect(Math.max(...g![0]!)).toBe(Math.fround(100 * survey.bands[0]!.skySigma));
  expect(Math.min(...g![1]!)).toBe(1); // the flux is far above g's saturation
  expect(Math.max(...i![1]!)).toBe(0);
  const half = r![1]!.reduce((sum, value) => sum + value, 0) / 1024; // as much noise above as below
  expect(Math.abs(half - 0.5)).toBeLessThan(0.08);
  r![0]!.forEach((value, k) => {
    expect(value === Math.fround(100 * survey.bands[1]!.skySigma)).toBe(r![1]![k] === 1);
  });
});

test("cosmic rays are as many as stated, brighter than the sky, not masked", () => {
  const pixelsOf = (rate: number) => {
    const { values, mask } = observedWith(
      { defects: { ...NONE, cosmicRays: rate } },
      { seeds: [1, 2, 3, 4, 5, 6] },
    );
    expect(share(mask)).toBe(0);
    return values.filter((value, k) => value > 8 * survey.bands[Math.floor(k / SIZE ** 2) % 3]!.skySigma)
      .length;
  };
  expect(pixelsOf(0)).toBe(0);
  // 18 bands of 0.159 arcmin² at 40 hits per arcmin²: 114.6 hits of about nine pixels, most of them above 8 sigma
  const hit = pixelsOf(40);
  expect(hit).toBeGreaterThan(114.6 * 5);
  expect(hit).toBeLessThan(114.6 * 14);
});

test("bad columns are whole columns, as many as stated, and hold the fill", () => {
  const { values, mask } = observedWith(
    { defects: { ...NONE, badColumns: 0.1, fill: -99 } },
    { seeds: [1, 2, 3, 4] },
  );
  expect(Math.abs(share(mask) - 0.1)).toBeLessThan(0.03);
  const first = (k: number) => k - (k % SIZE ** 2) + (k % SIZE); // the column's first pixel
  expect(mask.findIndex((value, k) => value !== mask[first(k)])).toBe(-1);
  expect(values.findIndex((value, k) => (value === -99) !== (mask[k] === 1))).toBe(-1);
});

test("masks cover the stated fraction, and may keep the observed values under them", () => {
  const seeds = Array.from({ length: 24 }, (_, k) => k);
  const options = { seeds, size: 48 };
  const { values, mask } = observedWith({ defects: { ...NONE, masked: 0.08, fill: "observed" } }, options);
  expect(Math.abs(share(mask) - 0.08)).toBeLessThan(0.02);
  expect(values).toEqual(observedWith({}, options).values);
});

test("interpolated masks hold the mean of the known neighbours, from the edge inwards", () => {
  const flux = 2000;
  const defects: Defects = { ...NONE, masked: 0.1, fill: "interpolated" };
  const { values, mask } = observedWith({ defects }, { flux, seeds: [2], size: 64 });
  const plain = observedWith({}, { flux, seeds: [2], size: 64 }).values;
  let checked = 0;
  for (let k = 0; k < mask.length; k++) {
    if (mask[k] === 0) {
      expect(values[k]).toBe(plain[k]);
      continue;
    }
    expect(Math.abs(values[k]! - flux)).toBeLessThan(flux / 10);
    const [x, y, first] = [k % 64, Math.floor(k / 64) % 64, k - (k % 4096)];
    const known: number[] = [];
    for (let v = Math.max(0, y - 1); v <= Math.min(63, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(63, x + 1); u++)
        if (mask[first + v * 64 + u] === 0) known.push(plain[first + v * 64 + u]!);
    if (known.length === 0) continue;
    checked++;
    expect(values[k]!).toBeCloseTo(known.reduce((sum, value) => sum + value, 0) / known.length, 1);
  }
  expect(checked).toBeGreaterThan(50);
});

test("interpolating a wholly masked image gives zeros, and ends", () => {
  const { values } = observedWith(
    { defects: { ...NONE, badColumns: 1, fill: "interpolated" } },
    { size: 16 },
  );
  expect(values.every((value) => value === 0)).toBe(true);
});

test("with all effects an object depends on its seed alone, to the last bit", () => {
  const changes: Partial<Survey> = {
    bands: saturated,
    noiseCorrelation: "lanczos3",
    defects: { cosmicRays: 60, badColumns: 0.03, masked: 0.1, fill: "interpolated" },
  };
  const seeds = [21, 22, 23, 24, 25];
  const together = observedWith(changes, { flux: 20, seeds, size: 33 });
  const length = 3 * 33 * 33;
  seeds.forEach((seed, k) => {
    const alone = observedWith(changes, { flux: 20, seeds: [seed], size: 33 });
    expect(alone.values).toEqual(together.values.slice(k * length, (k + 1) * length));
    expect(alone.mask).toEqual(together.mask.slice(k * length, (k + 1) * length));
  });
});
