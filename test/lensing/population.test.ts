import { expect, test } from "vitest";
import {
  checkBands,
  LOOK_ALIKES,
  type Population,
  sceneOf,
} from "../../src/lensing/populations/population.ts";
import type { Scene } from "../../src/lensing/scene.ts";
import { surveyNamed, surveys } from "../../src/sky/surveys/registry.ts";

const survey = surveyNamed("cfhtls");
const population: Population = { survey, size: 48, prevalence: 0.3, seed: 21 };
const COUNT = 4000;
const all: Scene[] = Array.from({ length: COUNT }, (_, index) => sceneOf(population, index));
const lenses = all.filter((scene) => scene.kind === "lens");

/** Five standard deviations of a share among COUNT draws. */
const binomial = (share: number, count = COUNT) => 5 * Math.sqrt((share * (1 - share)) / count);

test("an object is the same whenever it is drawn, and in any order", () => {
  for (const index of [3999, 0, 17]) expect(sceneOf(population, index)).toEqual(all[index]);
  expect(sceneOf({ ...population, seed: 22 }, 17)).not.toEqual(all[17]);
  expect(new Set(all.map((scene) => JSON.stringify(scene))).size).toBe(COUNT);
});

test("the prevalence is respected, 0 and 1 included", () => {
  expect(Math.abs(lenses.length / COUNT - 0.3)).toBeLessThan(binomial(0.3));
  const kinds = (prevalence: number) =>
    new Set(Array.from({ length: 200 }, (_, i) => sceneOf({ ...population, prevalence }, i).kind));
  expect(kinds(0).has("lens")).toBe(false);
  expect([...kinds(1)]).toEqual(["lens"]);
});

test("every kind of look-alike has its share", () => {
  expect(Object.keys(LOOK_ALIKES).length).toBeGreaterThanOrEqual(5);
  const whole = Object.values(LOOK_ALIKES).reduce((sum, { share }) => sum + share, 0);
  const others = COUNT - lenses.length;
  for (const [kind, { share }] of Object.entries(LOOK_ALIKES)) {
    const fraction = all.filter((scene) => scene.kind === kind).length / others;
    expect(Math.abs(fraction - share / whole), kind).toBeLessThan(binomial(share / whole, others));
  }
});

test("lenses alone have mass, lensed light and a signal-to-noise", () => {
  for (const scene of all) {
    const isLens = scene.kind === "lens";
    expect(scene.mass !== null).toBe(isLens);
    expect(scene.arcSnr !== null).toBe(isLens);
    expect(scene.lights.some((light) => light.lensed)).toBe(isLens);
  }
});

test("Einstein radii are resolved from the ground and fit into the cutout", () => {
  const halfWidth = (48 * survey.pixelScale) / 2;
  for (const { mass } of lenses) {
    expect(mass!.thetaE).toBeGreaterThanOrEqual(0.6);
    expect(mass!.thetaE).toBeLessThanOrEqual(Math.min(4.5, 0.75 * halfWidth));
    expect(mass!.q).toBeGreaterThanOrEqual(0.5);
    expect(mass!.q).toBeLessThanOrEqual(0.97);
  }
  const wide = Array.from({ length: 500 }, (_, i) => sceneOf({ ...population, size: 96, prevalence: 1 }, i));
  expect(Math.max(...wide.map(({ mass }) => mass!.thetaE))).toBeLessThanOrEqual(4.5);
});

test("a lens's source is strongly lensed: within 0.6 Einstein radii of the axis", () => {
  for (const { mass, lights } of lenses) {
    const source = lights.find((light) => light.lensed)!;
    const offset = Math.hypot(source.x - mass!.x, source.y - mass!.y);
    expect(offset).toBeLessThanOrEqual(0.6 * mass!.thetaE + 1e-9);
  }
});

test("the deflector's i magnitude is within its bounds, and every component can be drawn", () => {
  const i = survey.bands.findIndex((band) => band.name === "i");
  for (const { lights, kind } of all) {
    if (kind === "lens" && lights[0]!.part === "elliptical") {
      expect(lights[0]!.magnitudes[i]).toBeGreaterThanOrEqual(17);
      expect(lights[0]!.magnitudes[i]).toBeLessThanOrEqual(22);
    }
    for (const light of lights) {
      const { magnitudes, n, q } = light;
      const R = light.point ? 1 : light.R; // a point has no size
      const fine =
        magnitudes.length === survey.bands.length && magnitudes.every((m) => m > 12 && m < 32) && R > 0;
      if (!fine || n < 0.5 || n >= 10 || q <= 0 || q > 1) expect.fail(JSON.stringify(light));
    }
  }
});

test("stars are points, and nothing else is", () => {
  const lights = all.flatMap((scene) => scene.lights);
  expect(lights.filter(({ part }) => part === "star").length).toBeGreaterThan(50);
  for (const { part, point = false } of lights) expect(point).toBe(part === "star");
});

test("seeing and sky noise scatter about the survey's", () => {
  const mean = (value: (scene: Scene) => number) => all.reduce((sum, scene) => sum + value(scene), 0) / COUNT;
  survey.bands.forEach((band, i) => {
    expect(mean((scene) => scene.seeing[i]!) / band.seeing).toBeCloseTo(1, 1);
    expect(mean((scene) => scene.skySigma[i]!) / band.skySigma).toBeCloseTo(1, 1);
    const spread = Math.sqrt(mean((scene) => (scene.seeing[i]! / band.seeing - 1) ** 2));
    expect(spread / band.seeingScatter).toBeCloseTo(1, 1); // 0.8² + 0.6² = 1
  });
});

test("colourShift and sourceSize change only what they name", () => {
  const g = survey.bands.findIndex((band) => band.name === "g");
  const index = all.findIndex((scene) => scene.kind === "lens");
  const moved = sceneOf({ ...population, colourShift: 0.2, sourceSize: 1.5 }, index);
  all[index]!.lights.forEach((light, k) => {
    const changed = moved.lights[k]!;
    light.magnitudes.forEach((m, band) => {
      expect(changed.magnitudes[band]).toBeCloseTo(band === g ? m + 0.2 : m, 12);
    });
    expect(changed.R).toBeCloseTo(light.lensed ? 1.5 * light.R : light.R, 12);
  });
});

test("a survey is refused if the recipe has no colours for one of its bands", () => {
  for (const known of surveys.list) expect(() => checkBands(known)).not.toThrow();
  const wrong = { ...survey, bands: [...survey.bands, { ...survey.bands[0]!, name: "Ks" }] };
  expect(() => checkBands(wrong)).toThrow(/cfhtls: band must be one of u, g, r, i.*got "?Ks/);
});
