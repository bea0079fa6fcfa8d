import { afterEach, beforeEach, expect, test } from "vitest";
import { observe, type Scene } from "../../src/lensing/index.ts";
import { photonsPerUnit, surveyNamed } from "../../src/sky/index.ts";
import { full, liveTensors, stack, tensor, tidy, zeros } from "../../src/torch/index.ts";

let before = 0;
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(before);
});

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

/** Mean and standard deviation of every band of one scene of constant flux. */
function statistics(flux: number, scene: Scene, seed = 5) {
  return tidy(() => {
    const seen = observe(full([1, 3, SIZE, SIZE], flux), [scene], [seed], survey).reshape([3, -1]);
    return { mean: seen.mean(1).numbers(), sigma: seen.var(1).sqrt().numbers() };
  });
}

test("blank sky has the survey's sigma, within 5 %, and no mean", () => {
  const { mean, sigma } = statistics(0, blank());
  survey.bands.forEach((band, i) => {
    expect(Math.abs(sigma[i]! / band.skySigma - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean[i]!)).toBeLessThan((5 * band.skySigma) / SIZE);
  });
});

test("a scene's own sigma and left-over sky are the scene's", () => {
  const { mean, sigma } = statistics(0, blank({ skySigma: [2, 4, 8], pedestal: [1, -0.5, 0] }));
  [2, 4, 8].forEach((value, i) => {
    expect(Math.abs(sigma[i]! / value - 1)).toBeLessThan(0.05);
  });
  expect(Math.abs(mean[0]! - 2)).toBeLessThan(0.1);
  expect(Math.abs(mean[1]! + 2)).toBeLessThan(0.2);
});

test("the objects' Poisson noise grows with their flux as the photons say", () => {
  for (const flux of [50, 2000]) {
    const { mean, sigma } = statistics(flux, blank());
    survey.bands.forEach((band, i) => {
      const want = Math.sqrt(band.skySigma ** 2 + flux / photonsPerUnit(survey, band));
      expect(Math.abs(sigma[i]! / want - 1), `${band.name} ${flux}`).toBeLessThan(0.03);
      expect(Math.abs(mean[i]! - flux)).toBeLessThan((5 * want) / SIZE);
    });
  }
  // at 2000 units the objects' own noise is far above the sky's: the test above is of the photons
  const bright = statistics(2000, blank());
  expect(bright.sigma[0]! / survey.bands[0]!.skySigma).toBeGreaterThan(1.5);
});

test("noise is the seed's and the object's alone, to the last bit", () => {
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
  apart.forEach((one, k) => {
    expect(one).toEqual(together.slice(k * one.length, (k + 1) * one.length));
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

test("negative flux makes no noise of its own, and bands are independent", () => {
  const { sigma } = statistics(-1000, blank());
  expect(Math.abs(sigma[0]! / survey.bands[0]!.skySigma - 1)).toBeLessThan(0.05);
  const product = tidy(() => {
    const seen = observe(zeros([1, 3, SIZE, SIZE]), [blank()], [9], survey).reshape([3, -1]);
    const sigmas = tensor(
      Float32Array.from(survey.bands, (band) => band.skySigma),
      [3, 1],
    );
    const unit = seen.div(sigmas);
    return unit.select(0, 0).mul(unit.select(0, 1)).mean().item();
  });
  expect(Math.abs(product)).toBeLessThan(5 / SIZE);
});
