/** What the pixels of simulated light depend on besides a command's settings. */
import { createHash } from "node:crypto";
import { fileHash } from "../dataset/hash.ts";
import type { Recipe } from "../lensing/recipes/recipe.ts";
import type { Survey } from "../sky/survey.ts";

/** Hash of the survey's numbers and the recipe's, and of the files of PSFs and source images. */
export function numbersHash(survey: Survey, recipe: Recipe | undefined): string {
  const psfs = survey.bands.flatMap(({ psf }) => (psf?.kind === "image" ? psf.files : []));
  const files = [...psfs, ...(recipe?.lens.source.images?.files ?? [])];
  const numbers = createHash("sha256").update(
    JSON.stringify([survey, recipe, files.map((path) => fileHash(path))]),
  );
  return numbers.digest("hex").slice(0, 16);
}
