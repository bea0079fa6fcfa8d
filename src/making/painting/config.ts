/** The settings of painting. */
import { z } from "zod";
import { isRecipe, recipes } from "../../lensing/recipes/registry.ts";
import { isSurvey, surveys } from "../../sky/surveys/registry.ts";

export const paintConfig = z.strictObject({
  hosts: z.string().min(1).describe("the dataset folder of real cutouts; labels in it are not read"),
  out: z.string().min(1).describe("the dataset folder to write"),
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
    .describe("what sources, shears and masses' shapes are drawn from, as for `arclet simulate`"),
  count: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("how many arcs; more than there are deflectors paint them again, otherwise (none: each once)"),
  negatives: z
    .enum(["other", "same", "none"])
    .default("other")
    .describe(
      "unpainted images of class not-lens: other deflectors' (every second group is kept for them), the same, none",
    ),
  faintest: z
    .number()
    .default(21.5)
    .describe("deflectors are at least this bright in r")
    .meta({ unit: "mag" }),
  leastGr: z
    .number()
    .default(0.9)
    .describe("deflectors are at least this red in g - r")
    .meta({ unit: "mag" }),
  leastThetaE: z
    .number()
    .gt(0)
    .nullable()
    .default(null)
    .describe('smallest Einstein radius (none: the seeing of the sharpest band, and 0.7" at least)')
    .meta({ unit: "arcsec" }),
  leastSnr: z
    .number()
    .gt(0)
    .default(25)
    .describe("least signal-to-noise of an arc, over all pixels and bands"),
  mostSnr: z
    .number()
    .gt(0)
    .default(220)
    .describe("most signal-to-noise of an arc; drawn evenly in its logarithm"),
  redshift: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("column of the hosts' table with their redshifts (none: from their colours)"),
  seeing: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "column of the hosts' table with their seeing, arcsec FWHM in every band (none: the survey's median)",
    ),
  noise: z.boolean().default(true).describe("Poisson noise of the arcs' own light"),
  seed: z.number().int().min(0).default(0).describe("one seed gives one dataset"),
});

export type PaintConfig = z.output<typeof paintConfig>;
