import { describe, expect, test } from "vitest";
import type { Artefact } from "../../src/lensing/artefacts.ts";
import { observeMasked } from "../../src/lensing/observe.ts";
import { artefactPlanes } from "../../src/lensing/observing/artefacts.ts";
import { sceneOf } from "../../src/lensing/populations/population.ts";
import { DEFAULT } from "../../src/lensing/recipes/default.ts";
import type { Recipe } from "../../src/lensing/recipes/recipe.ts";
import type { Light, Scene } from "../../src/lensing/scene.ts";
import type { Survey } from "../../src/sky/survey.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { zeros } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

/** Pixels of 1″, so that positions are pixels; zero point 25: magnitude 15 is 10,000 units. */
const survey: Survey = {
  ...surveyNamed("cfhtls"),
  pixelScale: 1,
  zeroPoint: 25,
  noiseCorrelation: undefined,
  bands: surveyNamed("cfhtls").bands.map((band) => ({ ...band, gain: 1e9, saturation: 5000 })),
};
const SIZE = 9;
const PLANE = SIZE ** 2;
const scene = (...artefacts: Artefact[]): Scene => ({
  kind: "blank",
  mass: null,
  lights: [],
  seeing: [0.8, 0.8, 0.8],
  skySigma: [1, 2, 4],
  pedestal: [0, 0, 0],
  arcSnr: null,
  artefacts,
});
/** Index of the pixel whose middle is (x, y), in a band. */
const at = (x: number, y: number, band = 0) => band * PLANE + (y + 4) * SIZE + x + 4;
const lightOf = (artefact: Artefact) => artefactPlanes(scene(artefact), survey, SIZE)!.light!;
const star = { x: 0, y: 0, magnitudes: [15, 17.5, 20] };

describe("light", () => {
  test("wings: a share of the star's light as (1 + r²/c²)^-3/2, in every band", () => {
    const light = lightOf({ artefact: "aureole", ...star, share: 0.1, core: 2 });
    // 0.1 × 10,000 / (2π 2²) = 39.789, and at r = 2 2^-1.5 of it
    expect(light[at(0, 0)]).toBeCloseTo(39.789, 2);
    expect(light[at(2, 0)]).toBeCloseTo(14.0674, 3);
    expect(light[at(0, -2, 1)]).toBeCloseTo(1.40674, 4); // 2.5 mag fainter
    expect(light[at(0, 0, 2)]).toBeCloseTo(0.39789, 4);
  });

  test("spikes: four arms, exponential along and Gaussian across", () => {
    const light = lightOf({ artefact: "spikes", ...star, share: 0.1, angle: 0, length: 2, width: 0.5 });
    // 1000 / (4 × 2 × 0.5 √(2π)) = 99.736; e^-1.5 at 3" along, nothing of the other arm at 6 widths
    expect(light[at(3, 0)]).toBeCloseTo(22.254, 2);
    expect(light[at(0, -3)]).toBeCloseTo(22.254, 2);
    expect(light[at(3, 3)]).toBe(0);
    // 1" across is two widths: e^-2 of the arm at 3" along
    expect(light[at(3, 1)]).toBeCloseTo(3.0118, 3);
  });

  test("a ghost is an even disc with a hole, in sky sigmas", () => {
    const light = lightOf({ artefact: "ghost", x: 0, y: 0, radius: 3.5, hole: 1.5, strength: [1, 0.5, 2] });
    expect([0, 1, 2, 3, 4].map((x) => light[at(x, 0)])).toEqual([0, 0, 1, 1, 0]);
    expect([light[at(0, 2, 1)], light[at(0, 2, 2)]]).toEqual([1, 8]);
  });

  test("a trail runs across all of the image, in the bands that have it", () => {
    const light = lightOf({ artefact: "trail", angle: 0, offset: 2, width: 1, strength: [0, 3, 0] });
    expect([-4, 0, 4].map((x) => light[at(x, 2, 1)])).toEqual([6, 6, 6]);
    expect(light[at(0, 3, 1)]).toBeCloseTo(6 * Math.exp(-0.5), 5);
    expect(light.subarray(0, PLANE).every((value) => value === 0)).toBe(true);
  });

  test("a cosmic ray is a line of pixels in one band", () => {
    const ray = { artefact: "cosmic ray" as const, band: 2, x: -1, y: 1, angle: 0, length: 2, strength: 10 };
    const light = lightOf(ray);
    const lit = [...light.keys()].filter((p) => light[p]! > 0);
    expect(lit).toEqual([-1, 0, 1, 2].map((x) => at(x, 1, 2)));
    expect(light[lit[0]!]).toBe(40);
  });
});

/** Observed pixels and mask of a scene without light. */
function observed(...artefacts: Artefact[]) {
  return tidy(() => {
    const { images, mask } = observeMasked(zeros([1, 3, SIZE, SIZE]), [scene(...artefacts)], [7], survey);
    return { images: images.numbers(), mask: mask.numbers() };
  });
}

test("a column is full, empty or as observed, and what it sets is masked", () => {
  const plain = observed();
  const { images, mask } = observed({
    artefact: "column",
    x: 2,
    from: -1,
    to: 1,
    width: 0.5,
    levels: [1, 0, null],
  });
  for (const y of [-1, 0, 1]) {
    expect(images[at(2, y, 0)]).toBe(5000);
    expect(images[at(2, y, 1)]).toBe(0);
  }
  const set = [-1, 0, 1].flatMap((y) => [at(2, y, 0), at(2, y, 1)]).sort((a, b) => a - b);
  expect([...mask.keys()].filter((p) => Number(mask[p]) === 1)).toEqual(set);
  for (const p of images.keys()) if (!set.includes(p)) expect(images[p]).toBe(plain.images[p]);
});

test("depth: the same noise times its factor; beyond the coadd's edge nothing", () => {
  const plain = observed();
  const { images } = observed({ artefact: "depth", angle: 0, from: 1.5, to: 100, factors: [3, null, 1] });
  for (const y of [-4, 0, 4]) {
    expect(images[at(3, y, 0)]).toBeCloseTo(3 * plain.images[at(3, y, 0)]!, 4);
    expect(images[at(3, y, 1)]).toBe(0);
    expect(images[at(3, y, 2)]).toBe(plain.images[at(3, y, 2)]);
    expect(images[at(1, y, 0)]).toBe(plain.images[at(1, y, 0)]);
  }
});

test("a star brighter than the survey records has a flat core", () => {
  tidy(() => {
    const { images, mask } = observeMasked(zeros([1, 3, SIZE, SIZE]).add(7000), [scene()], [7], survey);
    expect(images.min().item()).toBe(5000);
    expect(mask.to("float32").mean().item()).toBe(1);
  });
});

/** A recipe in which every artefact but those of stars is as frequent as this; stars do not bleed. */
function withShares(share: number): Recipe {
  const { artefacts } = DEFAULT;
  const of = (key: "ghosts" | "trails" | "columns" | "shallow" | "edges" | "gaps" | "cosmicRays") => ({
    [key]: { ...artefacts[key], share },
  });
  const all = ["ghosts", "trails", "columns", "shallow", "edges", "gaps", "cosmicRays"] as const;
  const bleed = { ...artefacts.bleed, share: 0 };
  return { ...DEFAULT, artefacts: { ...artefacts, bleed, ...Object.assign({}, ...all.map(of)) } };
}

const population = (recipe: Recipe, prevalence: number) => ({
  survey: surveyNamed("cfhtls"),
  size: 48,
  prevalence,
  seed: 11,
  recipe,
});

test("the stack's artefacts depend on seed and index alone: a lens and a look-alike of one index have the same", () => {
  const recipe = withShares(0.4);
  const ofStack = ({ artefacts = [] }: Scene) => artefacts.filter((one) => !("magnitudes" in one));
  let found = 0;
  for (let index = 0; index < 200; index++) {
    const [lens, other] = [1, 0].map((share) => sceneOf(population(recipe, share), index));
    expect(ofStack(lens!)).toEqual(ofStack(other!));
    found += ofStack(lens!).length;
  }
  // 200 scenes, seven kinds at 0.4: 560
  expect(found).toBeGreaterThan(400);
});

test("bright stars beside lenses are as many as beside look-alikes, and have the same artefacts", () => {
  const field = { ...DEFAULT.field, brightShare: 0.5, starShare: 1, star: 16 };
  const count = (prevalence: number) => {
    const scenes = Array.from({ length: 400 }, (_, index) =>
      sceneOf(population({ ...withShares(0), field }, prevalence), index),
    ).filter(({ kind }) => kind !== "star");
    const beside = scenes.filter(({ lights }) => lights.some(({ part }: Light) => part === "star"));
    for (const { artefacts = [] } of beside)
      expect(artefacts.map(({ artefact }) => artefact).slice(0, 2)).toEqual(["aureole", "spikes"]);
    return beside.length / scenes.length;
  };
  // 0.5 ± 0.025 each: four sigma of their difference
  expect(Math.abs(count(1) - count(0))).toBeLessThan(0.14);
  expect(count(1)).toBeGreaterThan(0.4);
});
