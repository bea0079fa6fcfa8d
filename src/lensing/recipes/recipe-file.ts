/** Recipes by name, and as YAML files. A file states the differences from a named recipe, `base`; or everything. */
import { dirname, resolve } from "node:path";
import { Document, isMap, isScalar, visit } from "yaml";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { atLine, flowLists, readYaml } from "../../foundation/yaml.ts";
import { checkedRecipe } from "./check.ts";
import { isDistribution } from "./distribution.ts";
import { NOTES } from "./notes.ts";
import type { Recipe } from "./recipe.ts";
import { isRecipeFile, recipes } from "./registry.ts";
import { sourceImages } from "./source-images.ts";

/** The recipe with this name, or from this file. @throws ArcletError when there is no such recipe, or as `readRecipe` */
export const recipeNamed = (nameOrPath: string): Recipe =>
  isRecipeFile(nameOrPath) ? readRecipe(nameOrPath) : recipes.find(nameOrPath).recipe;

/**
 * Reads a recipe's file. What it leaves out comes from the recipe that it names as `base`, by default `default`.
 *
 * @throws ArcletError naming the file, the line and the field: not YAML, unknown keys (with the nearest known one),
 *   values out of range
 */
export function readRecipe(path: string): Recipe {
  const file = readYaml(path);
  if (!isPlain(file.values)) refuse(path, "the recipe", "keys and values", file.values);
  const { base = "default", ...changes } = file.values;
  try {
    if (typeof base !== "string" || !recipes.has(base))
      throw unknown(path, "base", String(base), recipes.names);
    refuseMoved(changes, path);
    return withImages(checkedRecipe(merged(recipes.find(base).recipe, changes, []), path), path);
  } catch (error) {
    throw atLine(error, path, file);
  }
}

/** Keys that recipes had once, and what they are now. */
const MOVED: Readonly<Record<string, string>> = {
  "galaxies.spiral.arms": "count, in galaxies.spiral.grandDesign and flocculent",
  "galaxies.spiral.pitch": "pitch, in galaxies.spiral.grandDesign and flocculent",
  "galaxies.spiral.amplitude": "amplitude, in galaxies.spiral.grandDesign and flocculent",
  "lookAlikes.red core.arms": "count, in galaxies.spiral.grandDesign and flocculent",
  "lookAlikes.red core.pitch": "pitch, in galaxies.spiral.grandDesign and flocculent",
  "lookAlikes.red core.amplitude": "amplitude, in galaxies.spiral.grandDesign and flocculent",
};

/** @throws ArcletError naming the first key of an earlier version */
function refuseMoved(changes: Record<string, unknown>, where: string): void {
  for (const [old, now] of Object.entries(MOVED)) {
    const keys = old.split(".");
    const parent = keys
      .slice(0, -1)
      .reduce<unknown>((at, key) => (isPlain(at) ? at[key] : undefined), changes);
    if (isPlain(parent) && Object.hasOwn(parent, keys.at(-1)!))
      throw new ArcletError({ where, code: "unknown", field: keys, problem: `is now ${now}` });
  }
}

/** Resolves paths of images relative to the recipe's folder, and reads the images once to check them. */
function withImages(recipe: Recipe, path: string): Recipe {
  const { images } = recipe.lens.source;
  if (images === null) return recipe;
  const files = images.files.map((file) => resolve(dirname(path), file));
  const resolved = { ...images, files };
  sourceImages(resolved);
  return { ...recipe, lens: { ...recipe.lens, source: { ...recipe.lens.source, images: resolved } } };
}

/** Fields that are replaced as a whole: a part of one has no meaning. */
const WHOLE = ["classes", "lens.strength", "lens.redshifts", "lens.source.brightness", "lens.source.images"];

function merged(base: unknown, changes: unknown, path: string[]): unknown {
  const mergeable = isPlain(base) && isPlain(changes) && !isDistribution(base) && !isDistribution(changes);
  if (!mergeable || WHOLE.includes(path.join(".")) || (path[0] === "bands" && path.length === 2))
    return changes;
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes))
    out[key] = Object.hasOwn(base, key) ? merged(base[key], value, [...path, key]) : value;
  return out;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text of a recipe's file, with comments. */
export function recipeYaml(recipe: Recipe): string {
  const document = new Document(recipe);
  flowLists(document);
  visit(document, {
    Map: (_, map, ancestors) => {
      if (ancestors.length > 1 && isDistribution(map.toJSON())) map.flow = true;
    },
    Seq: (_, list) => {
      for (const item of list.items) if (!isScalar(item) && "flow" in (item as object)) list.flow = false;
    },
  });
  for (const [field, note] of Object.entries(NOTES)) {
    const keys = field.split(".");
    const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1));
    if (pair && isScalar(pair.key)) pair.key.commentBefore = note.replace(/^/gm, " ");
  }
  document.commentBefore =
    " An Arclet recipe: what simulated objects are drawn from. Angles in arcsec, magnitudes AB in i, colours g - r\n" +
    " (gr) and r - i (ri). A quantity is a number or a distribution: uniform, logUniform, integers: [low, high];\n" +
    " normal: [mean, sigma]; lognormal: [median, sigma of ln]; powerLaw, counts: slope; schechter; volume: [z, z];\n" +
    " poisson: expectation; choice: {value: share}; relation: linear, logarithmic or exponential. Values outside\n" +
    " `within` are drawn again. A file may have `base: default` and only the differences.";
  return document.toString({ lineWidth: 140, flowCollectionPadding: true });
}
