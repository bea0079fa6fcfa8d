/** The settings of a simulation. */
import { z } from "zod";
import { isRecipe, recipes } from "../../lensing/recipes/registry.ts";
import { isSurvey, surveys } from "../../sky/surveys/registry.ts";

export const simulateConfig = z.strictObject({
  out: z.string().min(1).describe("the dataset folder to write"),
  survey: z
    .string()
    .min(1)
    .refine(isSurvey, { error: () => `one of ${surveys.names.join(", ")}, or a file that ends in .yaml` })
    .default("cfhtls")
    .describe("the survey to imitate: one that `arclet surveys` lists, or a .yaml file"),
  count: z.number().int().positive().default(2000).describe("how many objects"),
  size: z.number().int().min(16).max(512).default(48).describe("side of a cutout").meta({ unit: "pixels" }),
  recipe: z
    .string()
    .min(1)
    .refine(isRecipe, { error: () => `one of ${recipes.names.join(", ")}, or a file that ends in .yaml` })
    .default("default")
    .describe("what objects are drawn from: one that `arclet recipes` lists, or a .yaml file"),
  prevalence: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe("share of lenses among the objects (none: the recipe's)"),
  pixelScale: z
    .number()
    .gt(0)
    .max(10)
    .nullable()
    .default(null)
    .describe("draw on pixels of this size, to match another survey's (none: the survey's own)")
    .meta({ unit: "arcsec" }),
  colourShift: z
    .number()
    .min(-2)
    .max(2)
    .default(0)
    .describe("added to every g - r: a population redder than the sky's, or bluer")
    .meta({ unit: "mag" }),
  sourceSize: z
    .number()
    .gt(0)
    .max(10)
    .default(1)
    .describe("factor on the sizes of the galaxies behind lenses"),
  pixels: z
    .enum(["display", "flux"])
    .default("display")
    .describe(
      "display: 8-bit colour composites as the survey shows them; flux: float32 in the survey's units",
    ),
  resampled: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("share of the composites that are drawn again on a shifted grid, as published cutouts are"),
  valFraction: z.number().min(0).lt(1).default(0.1).describe("part of the objects in the val split"),
  testFraction: z.number().min(0).lt(1).default(0).describe("part of the objects in the test split"),
  supersampling: z
    .number()
    .int()
    .min(1)
    .max(9)
    .nullable()
    .default(null)
    .describe("rays along a pixel's side; none for more of them where the light is steep"),
  seed: z.number().int().min(0).default(0).describe("one seed gives one dataset"),
});

export type SimulateConfig = z.output<typeof simulateConfig>;
