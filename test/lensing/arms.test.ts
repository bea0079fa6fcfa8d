import { describe, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { armsOf, knotsAlong, partsOf } from "../../src/lensing/populations/arms.ts";
import type { Setting } from "../../src/lensing/populations/galaxies.ts";
import { sceneOf } from "../../src/lensing/populations/population.ts";
import { spiral } from "../../src/lensing/populations/spiral.ts";
import { recipeNamed } from "../../src/lensing/recipes/recipe-file.ts";
import type { Light } from "../../src/lensing/scene.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";

const recipe = recipeNamed("default");
const setting: Setting = { bands: ["g", "r", "i"], halfWidth: 9, seeing: 0.7, recipe };
const { grandDesign, knots } = recipe.galaxies.spiral;
const g = (light: Light) => light.magnitudes[0]! - light.magnitudes[1]!;

describe("arms of a recipe", () => {
  test("knots lie along the arms, within their width, in the plane of the disc", () => {
    const d = new Draws(4);
    const arms = { ...armsOf(d, grandDesign, 1), pitch: 0.4, count: 2, sharpness: 25, core: 0, phase: 0.3 };
    const disc = { R: 1, n: 0.7, q: 0.5, angle: 0.9, x: 0.2, y: -0.4 };
    const light = { part: "arms", lensed: false, magnitudes: [20, 20, 20], ...disc, arms };
    const many = knotsAlong(d, { ...knots, count: 400 }, light, 19, { gr: 0.6, ri: 0.4 }, setting);
    expect(many).toHaveLength(400);
    const off = many.map(({ x, y }) => {
      const [dx, dy] = [x - 0.2, y + 0.4];
      const u = dx * Math.cos(0.9) + dy * Math.sin(0.9);
      const v = (dy * Math.cos(0.9) - dx * Math.sin(0.9)) / 0.5;
      const psi = Math.atan2(v, u) - 0.3 - Math.log(Math.hypot(u, v)) / Math.tan(0.4);
      return Math.abs(Math.sin(psi)); // 0 on either of the two arms
    });
    // normal with a standard deviation of 0.5 / (2 · 5) = 0.05 radians
    expect(Math.max(...off)).toBeLessThan(0.05 * 5);
    const rms = Math.sqrt(off.reduce((sum, value) => sum + value * value, 0) / 400);
    expect(Math.abs(rms / 0.05 - 1)).toBeLessThan(5 / Math.sqrt(2 * 400));
  });

  test("knots on a ring are at its radius, and none is redder than the arms", () => {
    const d = new Draws(5);
    const ring = { R: 0.2, n: 0.5, q: 0.7, angle: 0.4, x: 0, y: 0, ring: 1.6 };
    const parts = { ...recipe.lookAlikes.ring.parts };
    const light = {
      part: "ring",
      lensed: false,
      magnitudes: [20, 20, 20],
      ...ring,
      arms: partsOf(d, parts, 1.6),
    };
    const many = knotsAlong(d, { ...knots, count: 300 }, light, 19, { gr: 0.6, ri: 0.4 }, setting);
    const radii = many.map(({ x, y }) => {
      const u = x * Math.cos(0.4) + y * Math.sin(0.4);
      const v = y * Math.cos(0.4) - x * Math.sin(0.4);
      return Math.sqrt(0.7 * u * u + (v * v) / 0.7);
    });
    // half of a half width of scatter: 0.1 arcsec
    const mean = radii.reduce((sum, r) => sum + r, 0) / 300;
    expect(Math.abs(mean - 1.6)).toBeLessThan((5 * 0.1) / Math.sqrt(300));
    for (const knot of many) expect(g(knot)).toBeLessThanOrEqual(0.6 + 1e-12);
  });

  test("arms wind in either direction, parts of a ring in none", () => {
    const signs = Array.from({ length: 60 }, (_, k) => Math.sign(armsOf(new Draws(k), grandDesign, 1).pitch));
    expect(new Set(signs)).toEqual(new Set([-1, 1]));
    expect(partsOf(new Draws(1), recipe.lookAlikes.ring.parts, 1).pitch).toBe(Math.PI / 2);
  });
});

describe("spirals", () => {
  const drawn = Array.from({ length: 300 }, (_, k) =>
    spiral(new Draws(9, k), 19, { x: 0, y: 0 }, setting, 0.8, 0.5),
  );

  test("bulge, disc, bar and arms share the galaxy's light, and knots add to it", () => {
    for (const lights of drawn) {
      const flux = (parts: readonly Light[]) =>
        parts.reduce((sum, { magnitudes }) => sum + 10 ** (-0.4 * (magnitudes[2]! - 19)), 0);
      expect(flux(lights.filter(({ part }) => part !== "knot"))).toBeCloseTo(1, 10);
    }
  });

  test("arms are bluer than the disc, whose own arms wind alike and are weaker or as strong", () => {
    for (const lights of drawn) {
      const arms = lights.find(({ part }) => part === "arms")!;
      const disc = lights.find(({ part }) => part === "disc")!;
      expect(g(arms)).toBeLessThan(g(disc));
      expect(disc.arms!.pitch).toBe(arms.arms!.pitch);
      expect(disc.arms!.amplitude).toBeLessThanOrEqual(0.5);
      expect(disc.arms!.knots).toBeUndefined();
    }
  });

  test("without young stars there are no arms", () => {
    const smooth = spiral(new Draws(2), 19, { x: 0, y: 0 }, setting, 0.8, 0);
    expect(smooth.some(({ arms }) => arms !== undefined)).toBe(false);
  });
});

describe("colours follow magnitudes", () => {
  const survey = surveyNamed("cfhtls");
  // All red galaxies by their magnitude, none as deflectors are.
  const plain = { ...recipe, lookAlikes: { ...recipe.lookAlikes, deflectorShare: 0 } };
  const scenes = Array.from({ length: 3000 }, (_, k) =>
    sceneOf({ survey, size: 48, prevalence: 0, seed: 8, recipe: plain }, k),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const at = (part: RegExp, low: number, high: number) =>
    scenes
      .filter(({ kind }) => kind !== "group") // its members have the redshift of the first
      .flatMap((scene) => scene.lights)
      .filter(
        ({ part: name, magnitudes }) => part.test(name) && magnitudes[2]! >= low && magnitudes[2]! < high,
      )
      .map(g);

  test("bright early types are bluer, being near: g − r of the track at redshifts 0.20 and 0.55", () => {
    // at i = 17.5 z is 0.35 − 0.1 · 1.5 = 0.20, at i = 21 it is 0.55, with a scatter of 0.1: the track's mean over five
    // redshifts 0.1 apart, weighted by the normal distribution's 0.054, 0.242, 0.399, 0.242, 0.054
    expect(mean(at(/^elliptical$/, 17.2, 17.8))).toBeCloseTo(1.21, 1);
    expect(mean(at(/^elliptical$/, 20.7, 21.3))).toBeCloseTo(1.72, 1);
  });

  test("faint star-forming galaxies are bluer", () => {
    expect(mean(at(/^neighbour$/, 19, 21)) - mean(at(/^neighbour$/, 23, 25))).toBeGreaterThan(0.25);
  });

  test("a group's members have one colour", () => {
    const groups = scenes.filter(({ kind }) => kind === "group");
    expect(groups.length).toBeGreaterThan(20);
    for (const { lights: members, central } of groups) {
      expect(central).toBe(1);
      // the first three: the track's scatter is 0.07
      const [a, b, c] = members.slice(0, 3).map(g);
      expect(Math.max(a!, b!, c!) - Math.min(a!, b!, c!)).toBeLessThan(0.07 * 2 * 5);
    }
  });
});

test("no two fields of a recipe are the same object, so that an error names the right one", () => {
  const seen = new Set<object>();
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    expect(seen.has(value), JSON.stringify(value)).toBe(false);
    seen.add(value);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(recipe);
});
