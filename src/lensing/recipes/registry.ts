/** The recipes that Arclet brings along, by name. */
import { registry } from "../../foundation/registry.ts";
import { ARCS } from "./arcs.ts";
import { DEFAULT } from "./default.ts";
import { PUBLISHED } from "./published.ts";
import type { Recipe } from "./recipe.ts";
import { SUBSTRUCTURE_RECIPE } from "./substructure.ts";

export interface NamedRecipe {
  readonly name: string;
  readonly recipe: Recipe;
}

/** All recipes by name. */
export const recipes = registry<NamedRecipe>(
  "recipe",
  [
    { name: "default", recipe: DEFAULT },
    { name: "arcs", recipe: ARCS },
    { name: "published", recipe: PUBLISHED },
    { name: "substructure", recipe: SUBSTRUCTURE_RECIPE },
  ],
  { or: "a file that ends in .yaml" },
);

/** Whether a recipe's name is the path of a file. */
export const isRecipeFile = (name: string): boolean => /\.ya?ml$/i.test(name);

/** Whether that is the name of a recipe that is known, or a file's. */
export const isRecipe = (name: string): boolean => isRecipeFile(name) || recipes.has(name);
