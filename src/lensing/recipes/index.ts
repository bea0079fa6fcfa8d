/** Recipes: what populations are drawn from. */
export { checkedRecipe, checkPrevalenceOf } from "./check.ts";
export { DEFAULT } from "./default.ts";
export { type Distribution, type Range, type Relation, supportOf } from "./distribution.ts";
export { chosen, draw } from "./draw.ts";
export {
  classesOf,
  isLensKind,
  KINDS,
  LENS_KINDS,
  type LensKind,
  LOOK_ALIKE_KINDS,
  type LookAlikeKind,
  type Recipe,
} from "./recipe.ts";
export { isRecipeFile, readRecipe, recipeNamed, recipes, recipeYaml } from "./recipe-file.ts";
export { type PicturedSource, sourceImages } from "./source-images.ts";
