/** `arclet recipes`: what simulated objects are drawn from. */
import { z } from "zod";
import { text } from "../foundation/field.ts";
import { recipes as known, recipeNamed, recipeYaml } from "../lensing/recipes/recipe-file.ts";
import { command } from "./command.ts";

export const recipes = command({
  details:
    "Without a name: a line a recipe. With one, or with a recipe's own file: its YAML, every number of it, to start a " +
    "recipe of your own from; a file may also say `base: default` and only what differs. A path that ends in .yaml is " +
    "taken wherever a recipe's name is.",
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
  const width = Math.max(...known.map((name) => name.length));
  return known.map((name) => `${name.padEnd(width)}  ${recipeNamed(name).about}\n`).join("");
}
