import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { einsteinRadius } from "../../src/lensing/cosmology.ts";
import { contrastOf } from "../../src/lensing/populations/contrast.ts";
import type { Setting } from "../../src/lensing/populations/galaxies.ts";
import { strengthOf } from "../../src/lensing/populations/strength.ts";
import { recipeNamed } from "../../src/lensing/recipes/recipe-file.ts";
import type { Light, Mass } from "../../src/lensing/scene.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";

const recipe = recipeNamed("default");
const survey = surveyNamed("cfhtls");

test("redshifts for an Einstein radius are as frequent as the dispersions that it then needs", () => {
  // A source at redshift 1 or 3, as often as not, behind a lens at 0.5: 1.2" need one of two dispersions
  const redshifts = { lens: 0.5, source: { choice: { "1": 1, "3": 1 } } };
  const lens = { ...recipe.lens, strength: { thetaE: 1.2 }, redshifts };
  const setting: Setting = { bands: [], halfWidth: 9, seeing: 0.7, recipe: { ...recipe, lens } };
  const all = Array.from({ length: 2000 }, (_, i) => strengthOf(new Draws(5, i), setting)!);
  for (const { sigma, sourceRedshift } of all.slice(0, 50))
    expect(einsteinRadius(recipe.cosmology, sigma!, 0.5, sourceRedshift!)).toBeCloseTo(1.2, 10);
  // dN/dσ ∝ σ^(2.32 − 1) exp(−(σ / 161)^2.67) of Choi et al. (2007), times dσ/dθ_E ∝ σ
  const weight = (source: number) => {
    const x = Math.sqrt(1.2 / einsteinRadius(recipe.cosmology, 1, 0.5, source)) / 161;
    return x ** 2.32 * Math.exp(-(x ** 2.67));
  };
  const near = all.filter(({ sourceRedshift }) => sourceRedshift === 1).length / all.length;
  const expected = weight(1) / (weight(1) + weight(3));
  expect(expected).toBeLessThan(0.2); // the nearer source needs a galaxy that is much rarer
  expect(Math.abs(near - expected)).toBeLessThan(0.04);
});

test("no dispersion within the range gives no lens", () => {
  const dispersions = { alpha: 2.32, beta: 2.67, scale: 161, within: [10, 11] as [number, number] };
  const setting: Setting = {
    bands: [],
    halfWidth: 9,
    seeing: 0.7,
    recipe: { ...recipe, lens: { ...recipe.lens, dispersions } },
  };
  expect(strengthOf(new Draws(5, 1), setting)).toBeNull();
});

test("contrast is the arcs' mean surface brightness over the deflector's at the brightest image, by hand", () => {
  const light = (changes: Partial<Light>): Light => ({
    part: "elliptical",
    lensed: false,
    magnitudes: survey.bands.map(() => 20),
    R: 0.4,
    n: 1,
    q: 1,
    angle: 0,
    x: 0,
    y: 0,
    ...changes,
  });
  const mass: Mass = { thetaE: 0.3, q: 1, angle: 0, x: 0, y: 0, gamma1: 0, gamma2: 0 };
  const estimate = { magnification: 4, sharpness: () => 0.5 };
  const observation = { survey, seeing: survey.bands.map(() => 0.6), skySigma: survey.bands.map(() => 1) };
  const contrast = (magnitude: number) =>
    contrastOf(
      {
        mass,
        thetaE: 0.3,
        lights: [light({ lensed: true, magnitudes: survey.bands.map(() => magnitude), x: 0, y: 0.2 })],
        inFront: [light({})],
        arcSnr: null,
      },
      estimate,
      observation,
    );
  // The image is 0.5" off, at √(0.4² + 0.3²) of the deflector, whose exponential disc has 1 / (2π R² e^b / b²) of its flux
  // there, b = 1.6721: 0.33436 per arcsec². The arcs have 0.5² / 4 of the source's.
  expect(contrast(20)).toBeCloseTo(0.0625 / 0.33436, 4);
  expect(contrast(17.5)).toBeCloseTo((10 * 0.0625) / 0.33436, 3);
});
