/** The settings of painting. */
import { z } from "zod";
import { choice, number, seed, text, yes } from "../../foundation/field.ts";
import { isRecipe, recipes } from "../../lensing/recipes/registry.ts";
import { isSurvey, surveys } from "../../sky/surveys/registry.ts";

export const paintConfig = z.strictObject({
  hosts: text("the dataset folder of real cutouts; labels in it are not read"),
  out: text("the dataset folder to write"),
  survey: z
    .string()
    .min(1)
    .refine(isSurvey, { error: () => `one of ${surveys.names.join(", ")}, or a file that ends in .yaml` })
    .describe("the hosts' survey: one that `arclet surveys` lists, or a .yaml file"),
  recipe: z
    .string()
    .min(1)
    .default("default")
    .refine(isRecipe, { error: () => `one of ${recipes.names.join(", ")}, or a file that ends in .yaml` })
    .describe(
      "recipe that source galaxies, shears and shapes of masses are drawn from, as for `arclet simulate`",
    ),
  count: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("how many arcs; if more than deflectors, these get further, different arcs (none: one each)"),
  negatives: choice(
    ["other", "same", "none"],
    "unpainted images of class not-lens: of other deflectors (every second group is kept for them), the same, or none",
    { default: "other" },
  ),
  faintest: number("deflectors are at least this bright in r", { default: 21.5, unit: "mag" }),
  leastGr: number("deflectors are at least this red in g - r", { default: 0.9, unit: "mag" }),
  leastThetaE: number('smallest Einstein radius (none: the seeing of the sharpest band, and 0.7" at least)', {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  leastSnr: number("least signal-to-noise of an arc, over all pixels and bands", { above: 0, default: 25 }),
  mostSnr: number("most signal-to-noise of an arc; drawn uniformly in its logarithm", {
    above: 0,
    default: 220,
  }),
  redshift: text("column of the hosts' table with their redshifts (none: from their colours)", {
    default: null,
  }),
  seeing: text(
    "column of the hosts' table with their seeing, arcsec FWHM in every band (none: the survey's median)",
    { default: null },
  ),
  noise: yes("Poisson noise of the arcs' own light", { default: true }),
  seed: seed("one seed gives one dataset"),
});

export type PaintConfig = z.output<typeof paintConfig>;
