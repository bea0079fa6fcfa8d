/** The first examples of every kind in a simulation, as the survey shows them. */
import { refuse } from "../../foundation/errors.ts";
import { kindsOf, type Population, sceneOf } from "../../lensing/populations/population.ts";
import type { Recipe } from "../../lensing/recipes/recipe.ts";
import type { SimulateConfig } from "./config.ts";
import { draw, populationOf } from "./draw.ts";

/** Simulated images of one kind. */
export interface Examples {
  /** What the objects are. */
  kind: string;
  /** (N, C, H, W) as the survey's composites. */
  images: Uint8Array;
  /** (N, C, H, W). */
  shape: [number, number, number, number];
}

/** Objects drawn in search of a rare kind, before it is left with fewer examples. */
const MOST = 20_000;

/**
 * @param each examples per kind; fewer of kinds rarer than one in thousands
 * @returns lenses first, then the kinds of look-alikes; kinds that never come are left out
 * @throws ArcletError as `simulate` does
 */
export function examplesByKind(config: SimulateConfig, each: number): Examples[] {
  if (!(Number.isInteger(each) && each >= 1)) refuse("preview", "examples", "a whole number from 1", each);
  const population = populationOf({ ...config, pixels: "display", bands: null });
  const channels = population.survey.display.bands.length;
  const byKind = firstOfKinds(population, each);
  return [...byKind].map(([kind, indices]) => {
    const { pixels } = draw(population, indices, { ...config, pixels: "display", bands: null });
    const shape: Examples["shape"] = [indices.length, channels, config.size, config.size];
    return { kind, images: pixels as Uint8Array, shape };
  });
}

function firstOfKinds(population: Population & { recipe: Recipe }, each: number): Map<string, number[]> {
  const has = new Set(kindsOf(population));
  const kinds = Object.values(population.recipe.classes).reverse().flatMap(Object.keys);
  const drawn = kinds.filter((kind) => has.has(kind));
  const byKind = new Map(drawn.map((kind) => [kind, [] as number[]]));
  for (let index = 0; index < MOST; index++) {
    const { kind } = sceneOf(population, index);
    const indices = byKind.get(kind) ?? [];
    if (indices.length < each) byKind.set(kind, [...indices, index]);
    if ([...byKind.values()].every(({ length }) => length === each)) break;
  }
  for (const [kind, indices] of byKind) if (indices.length === 0) byKind.delete(kind);
  return byKind;
}
