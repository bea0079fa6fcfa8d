import { expect, test } from "vitest";
import { luminosityDistance, PLANCK15 } from "../../src/lensing/cosmology.ts";
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
const lenses = all.filter((scene) => scene.label === "lens");

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
  const lensKinds = ["group lens", "lens", "lensed quasar"];
  for (const kind of lensKinds) expect(kinds(0).has(kind)).toBe(false);
  expect([...kinds(1)].sort()).toEqual(lensKinds);
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
    const isLens = scene.label === "lens";
    expect(scene.mass !== null).toBe(isLens);
    expect(scene.arcSnr !== null).toBe(isLens);
    expect(scene.lights.some((light) => light.lensed)).toBe(isLens);
  }
});

test("Einstein radii are resolved from the ground and fit into the cutout", () => {
  const halfWidth = (48 * survey.pixelScale) / 2;
  for (const { mass, truth, kind } of lenses) {
    expect(truth!.thetaE).toBeGreaterThanOrEqual(kind === "group lens" ? 1.8 : 0.7);
    expect(truth!.thetaE).toBeLessThanOrEqual(Math.min(kind === "group lens" ? 8 : 3.2, 0.75 * halfWidth));
    expect(mass!.q).toBeGreaterThanOrEqual(0.5);
    expect(mass!.q).toBeLessThanOrEqual(0.97);
  }
  const wide = Array.from({ length: 500 }, (_, i) => sceneOf({ ...population, size: 96, prevalence: 1 }, i));
  const widest = Math.max(...wide.map(({ truth }) => truth!.thetaE));
  expect(widest).toBeGreaterThan(6); // as wide as the cutout can show
  expect(widest).toBeLessThanOrEqual(0.75 * 9);
});

test("a lens's source is strongly lensed: within 0.75 Einstein radii of the axis, 0.6 of a group", () => {
  for (const { mass, lights, truth, kind } of lenses) {
    const source = lights.find((light) => light.lensed)!;
    const offset = Math.hypot(source.x - mass!.x, source.y - mass!.y);
    expect(offset).toBeLessThanOrEqual((kind === "group lens" ? 0.6 : 0.75) * truth!.thetaE + 1e-9);
  }
});

test("the deflector's i magnitude is within its bounds, and every component can be drawn", () => {
  const i = survey.bands.findIndex((band) => band.name === "i");
  for (const { lights, label } of all) {
    if (label === "lens" && lights[0]!.part === "elliptical") {
      expect(lights[0]!.magnitudes[i]).toBeGreaterThanOrEqual(15.5);
      expect(lights[0]!.magnitudes[i]).toBeLessThanOrEqual(22.5);
    }
    for (const light of lights) {
      const { magnitudes, R, n, q } = light;
      const fine =
        magnitudes.length === survey.bands.length && magnitudes.every((m) => m > 12 && m < 32) && R > 0;
      if (!fine || n < 0.5 || n >= 10 || q <= 0 || q > 1) expect.fail(JSON.stringify(light));
    }
  }
});

test("stars and quasars are points, and nothing else is", () => {
  const lights = all.flatMap((scene) => scene.lights);
  expect(lights.filter(({ part }) => part === "star").length).toBeGreaterThan(50);
  for (const { part, point = false } of lights) expect(point).toBe(part === "star" || part === "quasar");
});

test("deflectors are as bright as their mass makes them, and brighter the nearer they are", () => {
  const i = survey.bands.findIndex((band) => band.name === "i");
  const galaxies = lenses.filter(({ kind, lights }) => kind === "lens" && lights[0]!.part === "elliptical");
  // L ∝ σ^3.91 through M_i = −21.15 at 160 km/s (Bernardi et al. 2003), scatter 0.5: what is too bright for its arcs to
  // show is drawn again, so that the mean is on the faint side
  const off = galaxies.map(({ lights, truth }) => {
    const modulus = 5 * Math.log10(luminosityDistance(PLANCK15, truth!.lensRedshift!)) + 25;
    return lights[0]!.magnitudes[i]! - modulus - (-21.15 - 9.78 * Math.log10(truth!.sigmaV! / 160));
  });
  const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
  expect(mean).toBeGreaterThan(0);
  expect(mean).toBeLessThan(0.5);
  for (const value of off) expect(Math.abs(value)).toBeLessThan(3);
  const near = galaxies.filter(({ truth }) => truth!.lensRedshift! < 0.3);
  expect(near.length).toBeGreaterThan(20);
  const medianI = (of: Scene[]) =>
    of.map(({ lights }) => lights[0]!.magnitudes[i]!).sort((a, b) => a - b)[of.length >> 1]!;
  expect(medianI(galaxies) - medianI(near)).toBeGreaterThan(1);
});

test("no lens is at a limit of its Einstein radius, magnitude, redshift or size", () => {
  const i = survey.bands.findIndex((band) => band.name === "i");
  const values = (value: (scene: Scene) => number) => lenses.map(value).sort((a, b) => a - b);
  for (const sorted of [
    values(({ truth }) => truth!.thetaE),
    values(({ lights }) => lights[0]!.magnitudes[i]!),
    values(({ truth }) => truth!.lensRedshift!),
    values(({ truth }) => truth!.sourceRedshift!),
    values(({ lights }) => lights[0]!.R),
  ])
    expect(new Set(sorted).size).toBe(sorted.length);
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
