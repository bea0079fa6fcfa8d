/** `arclet recipes`: lists or prints the recipes that simulated objects are drawn from. */
import { z } from "zod";
import { text } from "../foundation/field.ts";
import { recipeNamed, recipeYaml } from "../lensing/recipes/recipe-file.ts";
import { recipes as known } from "../lensing/recipes/registry.ts";
import { command } from "./command.ts";

export const recipes = command({
  details:
    "Without a name: one line for each recipe. With a name or a recipe file: its complete YAML, to start your own recipe " +
    "from; a file may also say `base: default` and only what differs. A path that ends in .yaml can be given wherever a " +
    "recipe's name is.",
  schema: z.strictObject({
    name: text("a recipe's name, or its file (none: all of them)", { default: null }),
  }),
  positionals: ["name"],
  example: "arclet recipes published",
  run({ name }) {
    process.stdout.write(name === null ? list() : recipeYaml(recipeNamed(name)));
  },
});

function list(): string {
  const width = Math.max(...known.names.map((name) => name.length));
  return known.list.map(({ name, recipe }) => `${name.padEnd(width)}  ${recipe.about}\n`).join("");
}
