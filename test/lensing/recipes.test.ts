import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { einsteinRadius, PLANCK15 } from "../../src/lensing/cosmology.ts";
import { arcEstimate } from "../../src/lensing/populations/imaged.ts";
import { type Population, sceneOf } from "../../src/lensing/populations/population.ts";
import type { Distribution } from "../../src/lensing/recipes/distribution.ts";
import { draw, drawRedshift } from "../../src/lensing/recipes/draw.ts";
import { classesOf, type Recipe } from "../../src/lensing/recipes/recipe.ts";
import { readRecipe, recipeNamed, recipeYaml } from "../../src/lensing/recipes/recipe-file.ts";
import { recipes } from "../../src/lensing/recipes/registry.ts";
import { render } from "../../src/lensing/render.ts";
import type { Light, Mass, Scene } from "../../src/lensing/scene.ts";
import { fluxOf } from "../../src/sky/survey.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-recipe-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "mine.yaml");
const survey = surveyNamed("cfhtls");

const population = (recipe: Recipe): Population => ({ survey, size: 64, prevalence: null, seed: 5, recipe });
const scenesOf = (recipe: Recipe, count: number): Scene[] =>
  Array.from({ length: count }, (_, i) => sceneOf(population(recipe), i));
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

describe("distributions", () => {
  const COUNT = 20_000;
  // Means by hand: [distribution, mean, upper limit of its standard deviation]
  const cases: [string, Distribution, number, number][] = [
    ["a number", 3, 3, 0],
    ["uniform", { uniform: [1, 3] }, 2, 0.6],
    ["logUniform", { logUniform: [1, Math.E] }, Math.E - 1, 0.6],
    ["integers", { integers: [2, 5] }, 3.5, 1.2],
    ["normal", { normal: [4, 2] }, 4, 2],
    ["half a normal", { normal: [0, 1], within: [0, 9] }, Math.sqrt(2 / Math.PI), 0.61],
    ["lognormal", { lognormal: [2, 0.5] }, 2 * Math.exp(0.125), 1.3],
    ["powerLaw 1: a disc's radii", { powerLaw: 1, within: [0, 0.6] }, 0.4, 0.2],
    ["powerLaw -1", { powerLaw: -1, within: [1, Math.E] }, Math.E - 1, 0.6],
    [
      "counts of slope 1 / ln 10: exponential",
      { counts: Math.LOG10E, within: [20, 21] },
      20 + 1 / (Math.E - 1),
      0.4,
    ],
    [
      "schechter of beta 1: a gamma distribution",
      { schechter: { alpha: 3, beta: 1, scale: 2 }, within: [1e-3, 80] },
      6,
      4,
    ],
    ["poisson", { poisson: 1.5 }, 1.5, 1.3],
    ["half a poisson: 0 and 1 are as likely", { poisson: 1, within: [0, 1] }, 0.5, 0.5],
    ["choice", { choice: { "1": 1, "2": 3, "9": 0 } }, 1.75, 0.5],
    ["linear", { relation: "linear", on: "x", at: 1, value: 2, slope: 3, scatter: 0.5 }, 5, 0.5],
    [
      "logarithmic",
      { relation: "logarithmic", on: "x", at: 0.2, value: 2, slope: -3, scatter: 0.5 },
      -1,
      0.5,
    ],
    [
      "the upper half of a relation",
      { relation: "linear", on: "x", at: 1, value: 2, slope: 3, scatter: 1, within: [5, 99] },
      5 + Math.sqrt(2 / Math.PI),
      0.61,
    ],
    [
      "a relation without scatter, at its end",
      { relation: "linear", on: "x", at: 1, value: 2, slope: 3, within: [0, 4] },
      4,
      0,
    ],
    ["exponential", { relation: "exponential", on: "x", at: 1, value: 2, slope: 1 }, 20, 0],
  ];
  test.each(cases)("%s has the mean of its formula", (_, distribution, mean, sigma) => {
    let sum = 0;
    for (let i = 0; i < COUNT; i++) sum += draw(new Draws(3, i), distribution, { x: 2 });
    expect(Math.abs(sum / COUNT - mean)).toBeLessThanOrEqual((5 * sigma) / Math.sqrt(COUNT) + 1e-3);
  });

  test("small redshifts fill a volume: their mean is three quarters of the limit", () => {
    const near: Distribution = { volume: [0, 0.01] }; // tabulated once, as a recipe's are
    let sum = 0;
    for (let i = 0; i < COUNT; i++) sum += drawRedshift(new Draws(4, i), near, PLANCK15);
    expect(sum / COUNT).toBeCloseTo(0.0075, 4);
  });

  // ∫ z D² / E dz over ∫ D² / E dz, integrated with numpy's trapezium rule in 200,000 steps
  test.each([
    [0.3089, 1.31264],
    [0.999, 1.22877],
    [0.05, 1.43012],
  ])("a volume is the one of its cosmology: matter %s", (matter, mean) => {
    const from: Distribution = { volume: [0, 2] };
    drawRedshift(new Draws(4, 0), from, PLANCK15); // another recipe's, which must not be taken for this one's
    let sum = 0;
    for (let i = 0; i < COUNT; i++) sum += drawRedshift(new Draws(4, i), from, { H0: 50, matter });
    expect(Math.abs(sum / COUNT - mean)).toBeLessThan((5 * 0.47) / Math.sqrt(COUNT));
  });

  test("no value is held at the end of a range", () => {
    for (const from of [
      { normal: [0, 1], within: [-0.5, 0.5] },
      { lognormal: [1, 0.5], within: [0.8, 1.1] },
      { relation: "exponential", on: "x", at: 2, value: 1, slope: 0, scatter: 0.5, within: [0.8, 1.1] },
    ] as const) {
      const values = Array.from({ length: 1000 }, (_, i) => draw(new Draws(9, i), from, { x: 2 }));
      expect(values.every((value) => value > from.within[0] && value < from.within[1])).toBe(true);
      expect(draw(new Draws(9, 17), from, { x: 2 })).toBe(values[17]);
    }
  });
});

describe("a recipe's file", () => {
  const read = (text: string): Recipe => {
    writeFileSync(path, text);
    return readRecipe(path);
  };
  const refusal = (text: string): string => {
    try {
      read(text);
    } catch (error) {
      return (error as Error).message.replace(path, "FILE");
    }
    throw new Error("was read");
  };

  test.each([...recipes.names])("%s is written and read back unchanged", (name) => {
    expect(read(recipeYaml(recipeNamed(name)))).toEqual(recipeNamed(name));
  });

  test("states only what differs from its base", () => {
    const recipe = read("base: published\nname: mine\nlens: { least: { arcSnr: 30 } }\n");
    expect(recipe.lens.least).toEqual({ ...recipeNamed("published").lens.least, arcSnr: 30 });
    expect(recipe.lens.strength).toEqual(recipeNamed("published").lens.strength);
    expect(recipeNamed(path)).toEqual(recipe);
  });

  const refusals: [text: string, message: RegExp][] = [
    [
      "lens:\n  least: { arcSn: 3 }",
      /^FILE line 2: lens\.least\.arcSn is not known, did you mean lens\.least\.arcSnr\?$/,
    ],
    [
      "lens: { source: { size: { uniform: [-1, 1] } } }",
      /lens\.source\.size must be a quantity of 0\.001 to 60 arcsec everywhere, got/,
    ],
    ["lens: { source: { q: 1.2 } }", /lens\.source\.q must be a quantity of 0\.05 to 1 everywhere, got 1\.2/],
    [
      "lens: { strength: { thetaE: 0 } }",
      /lens\.strength\.thetaE must be a quantity of 0\.01 to 60 arcsec everywhere, got 0/,
    ],
    [
      "galaxies: { elliptical: { n: { uniform: [1, 11] } } }",
      /galaxies\.elliptical\.n must be a quantity of 0\.3 to 10/,
    ],
    [
      "galaxies: { elliptical: { n: { normal: [4, 1] } } }",
      /elliptical\.n must be kept in its range, 0\.3 to 10, by `within/,
    ],
    [
      "lookAlikes: { star: { magnitude: { uniform: [9, 20] } } }",
      /lookAlikes\.star\.magnitude must be a quantity of 10 to 32 mag/,
    ],
    [
      "lens: { source: { q: { unifrom: [0.2, 1] } } }",
      /lens\.source\.q must be a number or one of .*did you mean uniform\?/,
    ],
    [
      "lens: { source: { q: { uniform: [1, 0.2] } } }",
      /lens\.source\.q\.uniform must be \[low, high\] with low ≤ high/,
    ],
    [
      "lens: { source: { q: { uniform: [0.2, 1], within: [0, 1] } } }",
      /lens\.source\.q\.within must be left out/,
    ],
    ["lens: { source: { clumps: 1.5 } }", /lens\.source\.clumps must be a count/],
    [
      "galaxies: { size: { relation: linear, on: colour, at: 0, value: 1, slope: 0, within: [1, 2] } }",
      /galaxies\.size\.on must be one of magnitude/,
    ],
    [
      "galaxies: { spiral: { flocculent: { count: { choice: { 1: -1, 2: 1 } } } } }",
      /galaxies\.spiral\.flocculent\.count\.choice\.1 must be a share, at least 0, got -1/,
    ],
    [
      "galaxies: { spiral: { flocculent: { count: { choice: { 1: 0, 2: 0 } } } } }",
      /galaxies\.spiral\.flocculent\.count\.choice must be shares that are not all zero/,
    ],
    ["classes: { a: { star: 1 }, b: { lens: -1 } }", /classes\.b\.lens must be a number, at least 0, got -1/],
    ["classes: { a: { star: 0 }, b: { lens: 1 } }", /classes\.a must be kinds whose shares are not all zero/],
    [
      "classes: { a: { strar: 1 }, b: { lens: 1 } }",
      /classes\.a\.strar is not known, did you mean classes\.a\.star\?/,
    ],
    ["classes: { a: { lens: 1 }, b: { lens: 1 } }", /classes\.b\.lens must be in only one class/],
    ["classes: { a: { lens: 1 } }", /classes must be at least two/],
    ["classes: { a: { lens: 1 }, b: { lens with vortex: 1 } }", /prevalence must be 1, since every kind/],
    ["prevalence: 1.5", /^FILE line 1: prevalence must be a number, 0 to 1, got 1\.5/],
    ["lens: { strength: { sigma: 200 }, redshifts: null }", /lens\.redshifts must be given/],
    ["lens: { redshifts: null }", /lens\.redshifts must be given: masses of a group's galaxies follow/],
    ["lens: { dispersions: { within: [400, 100] } }", /lens\.dispersions\.within must be \[low, high\]/],
    ["lens: { deflector: { apparent: [22, 16] } }", /lens\.deflector\.apparent must be \[low, high\]/],
    [
      "lens: { deflector: { magnitude: { normal: [19.5, 1], within: [18, 22] } } }",
      /lens\.deflector\.magnitude must be an absolute one, below 0 \(for an apparent one also say/,
    ],
    [
      "galaxies: { spiral: { pitch: 0.3 } }",
      /galaxies\.spiral\.pitch is now pitch, in galaxies\.spiral\.grandDesign/,
    ],
    [
      "lens: { deflector: { absolute: false, magnitude: 19 } }",
      /lens\.deflector\.size must be null if lens\.deflector\.absolute is false/,
    ],
    ["lens: { strength: { sigma: 200, thetaE: 1 } }", /lens\.strength must be either thetaE or sigma/],
    [
      "lens: { source: { size: { volume: [0.1, 1] } } }",
      /lens\.source\.size must be another distribution: volume is for redshifts/,
    ],
    ["bands: { Ks: { of: J } }", /bands\.Ks/],
    ["bands: { Ks: { mean: [z, H] } }", /bands\.Ks\.mean must be from bands with a colour .*got "H"/],
    [
      "base: defualt",
      /^FILE line 1: base must be one of default, arcs, published, substructure, got "defualt", did you mean default\?/,
    ],
    ["lens: [", /^FILE line 1: not valid YAML/],
  ];
  test.each(refusals)("%s is refused", (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  test("an unknown name is refused with the nearest known one", () => {
    expect(() => recipeNamed("publishd")).toThrow(
      'recipe: name must be one of default, arcs, published, substructure, or a file that ends in .yaml, got "publishd", did you mean published?',
    );
  });
});

describe("what a recipe draws", () => {
  const COUNT = 2000;
  const drawn = Object.fromEntries(recipes.names.map((name) => [name, scenesOf(recipeNamed(name), COUNT)]));

  test.each([...recipes.names])(
    "%s: components are valid, labels are its classes, lenses meet its conditions",
    (name) => {
      const recipe = recipeNamed(name);
      const { least } = recipe.lens;
      const labels = new Set<string>();
      let lenses = 0;
      for (const { label, kind, lights, mass, truth } of drawn[name]!) {
        labels.add(label!);
        expect(Object.keys(recipe.classes[label!]!)).toContain(kind);
        for (const { magnitudes, R, n, q } of lights) {
          const fine = magnitudes.length === 3 && magnitudes.every((m) => m > 10 && m < 34) && R > 0;
          if (!fine || n < 0.3 || n > 10 || q <= 0 || q > 1) expect.fail(JSON.stringify(lights));
        }
        if (mass === null) continue;
        lenses++;
        expect(truth!.thetaEOverSeeing).toBeGreaterThanOrEqual(least.thetaEOverSeeing);
        expect(truth!.arcSnr).toBeGreaterThanOrEqual(least.arcSnr);
        expect(truth!.magnification).toBeGreaterThanOrEqual(least.magnification);
      }
      expect([...labels].sort()).toEqual(classesOf(recipe).sort());
      expect(Math.abs(lenses / COUNT - recipe.prevalence)).toBeLessThan((5 * 0.5) / Math.sqrt(COUNT));
    },
  );

  test("substructure's classes differ in what is added to the mass", () => {
    for (const { label, mass } of drawn.substructure!) {
      const also = new Set((mass!.also ?? []).map(({ profile }) => profile));
      const expected = { "no-substructure": [], cdm: ["sheet"], vortex: ["vortex"] }[label!]!;
      for (const profile of expected) expect(also).toContain(profile);
      also.delete("truncatedSis");
      expect(also.size).toBe(expected.length);
    }
  });

  test("published lenses are massive galaxies at intermediate redshifts, as in Collett (2015)", () => {
    const truths = drawn.published!.flatMap(({ truth, mass }) =>
      mass === null ? [] : [{ ...truth!, mass }],
    );
    const medianOf = (value: (truth: (typeof truths)[0]) => number) => median(truths.map(value));
    // The cross-section's sigma^4 shifts the function's median (about 130 km/s) to 161 × 2.04^(1/2.67) = 210, and what can
    // be resolved is above that
    expect(medianOf(({ sigmaV }) => sigmaV!)).toBeGreaterThan(200);
    expect(medianOf(({ sigmaV }) => sigmaV!)).toBeLessThan(290);
    expect(medianOf(({ lensRedshift }) => lensRedshift!)).toBeGreaterThan(0.25);
    expect(medianOf(({ lensRedshift }) => lensRedshift!)).toBeLessThan(0.75);
    expect(medianOf(({ mass }) => mass.thetaE)).toBeGreaterThan(0.7);
    expect(medianOf(({ mass }) => mass.thetaE)).toBeLessThan(1.6);
    const { cosmology } = recipeNamed("published");
    for (const { mass, sigmaV, lensRedshift, sourceRedshift } of truths.slice(0, 50))
      expect(einsteinRadius(cosmology, sigmaV!, lensRedshift!, sourceRedshift!)).toBeCloseTo(mass.thetaE, 10);
  });

  test("a condition that no lens meets is named", () => {
    const recipe = recipeNamed("default");
    const least = { ...recipe.lens.least, thetaEOverSeeing: 50 };
    const impossible = { ...recipe, lens: { ...recipe.lens, least } };
    expect(() => sceneOf({ ...population(impossible), prevalence: 1 }, 0)).toThrow(
      /^recipe default: lens\.least\.thetaEOverSeeing must be a value that its lenses can meet, got 50/,
    );
  });

  test("a range that a distribution does not reach is refused with its field, wherever it is", () => {
    const refused = (changes: string) => () => {
      writeFileSync(path, changes);
      sceneOf({ ...population(readRecipe(path)), prevalence: 1 }, 0);
    };
    expect(
      refused("name: mine\ngalaxies: { elliptical: { n: { normal: [1, 0.1], within: [5, 6] } } }"),
    ).toThrow(
      /^recipe mine: galaxies\.elliptical\.n must give values of 5 to 6, got none in 100000 draws; widen/,
    );
    expect(
      refused(
        "name: mine\ngalaxies:\n  size: { relation: exponential, on: magnitude, at: 19, value: 1, slope: 0, scatter: 0.1, within: [30, 60] }",
      ),
    ).toThrow(/galaxies\.size must give values of 30 to 60, got none in 100000 draws at magnitude/);
    expect(
      refused("name: mine\nlens: { deflector: { shear: { normal: [0.4, 0], within: [-0.3, 0.3] } } }"),
    ).toThrow(/lens\.deflector\.shear must give values of -0\.3 to 0\.3/);
  });

  test("few lenses of the default recipe are at the end of a range", () => {
    const lenses = drawn.default!.filter(({ mass }) => mass !== null);
    const at = lenses.filter(
      ({ mass, lights: [body] }) => mass!.q === 0.97 || body!.R === 4 || body!.q === 0.98,
    );
    expect(at).toHaveLength(0);
  });

  test("a prevalence that the classes can't have is refused", () => {
    expect(() => sceneOf({ ...population(recipeNamed("substructure")), prevalence: 0.5 }, 0)).toThrow(
      "recipe substructure: prevalence must be 1, since every kind in the classes is a lens, got 0.5",
    );
  });

  test("empty sky has nothing of its own", () => {
    const recipe = recipeNamed("default");
    const field = { ...recipe.field, density: 0, brightShare: 0 };
    const classes = { "not-lens": { "empty sky": 1 }, lens: { lens: 1 } };
    const scene = sceneOf({ ...population({ ...recipe, field, classes }), prevalence: 0 }, 0);
    expect(scene).toMatchObject({ kind: "empty sky", label: "not-lens", lights: [], central: 0, mass: null });
  });
});

describe("magnification and signal-to-noise without rendering", () => {
  const at = { x: 0, y: 0 };
  const round: Mass = { thetaE: 1.5, q: 1, angle: 0, ...at, gamma1: 0, gamma2: 0 };
  const source = (changes: Partial<Light>): Light => ({
    part: "source",
    lensed: true,
    magnitudes: [22, 22, 22],
    R: 0.05,
    n: 0.5,
    q: 1,
    angle: 0,
    ...at,
    ...changes,
  });

  test("a small source inside a round isothermal lens is magnified 2 θ_E / β", () => {
    expect(arcEstimate(round, source({ x: 0.5, R: 0.1 })).magnification).toBeCloseTo(6, 0);
    // and a Gaussian of sigma s on the axis by θ_E √(2π) / s + 1, the mean of 2 θ_E / β inside and 1 + θ_E / β outside
    const sigma = 0.2 / Math.sqrt(2 * Math.LN2);
    const onAxis = arcEstimate(round, source({ R: 0.2 })).magnification;
    expect(onAxis / ((2 * 1.5 * Math.sqrt(Math.PI / 2)) / sigma)).toBeCloseTo(1, 1);
  });

  test("for elliptical lenses in shear they agree with the rendered image", () => {
    const wide = { ...survey, pixelScale: 0.1, moffatBeta: null };
    for (const [k, mass] of [
      { ...round, q: 0.7, angle: 0.4, gamma1: 0.05, gamma2: -0.03 },
      { ...round, thetaE: 2.5, q: 0.85, angle: 2, gamma1: -0.02, gamma2: 0.06 },
    ].entries()) {
      const light = source({ x: 0.3 + 0.4 * k, y: -0.2, R: 0.3, q: 0.6, angle: 1 });
      const scene: Scene = {
        kind: "lens",
        mass,
        lights: [light],
        seeing: [0.7, 0.7, 0.7],
        skySigma: [1, 1, 1],
        pedestal: [0, 0, 0],
        arcSnr: null,
      };
      const { images } = render([scene], wide, 128, { supersampling: 3, dtype: "float64" });
      const pixels = images.select(1, 0).contiguous().data() as Float64Array;
      images.dispose();
      const flux = fluxOf(22, wide.zeroPoint);
      const total = pixels.reduce((sum, value) => sum + value, 0);
      const snr = Math.sqrt(pixels.reduce((sum, value) => sum + value * value, 0));
      const { magnification, sharpness } = arcEstimate(mass, light);
      expect(Math.abs(total / flux / magnification - 1)).toBeLessThan(0.02);
      expect(Math.abs((flux * sharpness(0.7 / 2.3548) * wide.pixelScale) / snr - 1)).toBeLessThan(0.15);
    }
  });
});
