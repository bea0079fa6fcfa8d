/** The settings of a simulation. */
import { z } from "zod";
import { choice, count, number, seed, text, texts, yes } from "../../foundation/field.ts";
import { isRecipe, recipes } from "../../lensing/recipes/registry.ts";
import { isSurvey, surveys } from "../../sky/surveys/registry.ts";

/** The settings of `arclet simulate`. */
export const simulateConfig = z.strictObject({
  out: text("the dataset folder to write"),
  survey: z
    .string()
    .min(1)
    .refine(isSurvey, { error: () => `one of ${surveys.names.join(", ")}, or a file that ends in .yaml` })
    .default("cfhtls")
    .describe("the survey to imitate: one that `arclet surveys` lists, or a .yaml file"),
  count: z.number().int().positive().default(2000).describe("how many objects"),
  size: count("side of a cutout", { least: 16, most: 512, default: 48, unit: "pixels" }),
  recipe: z
    .string()
    .min(1)
    .refine(isRecipe, { error: () => `one of ${recipes.names.join(", ")}, or a file that ends in .yaml` })
    .default("default")
    .describe("what objects are drawn from: one that `arclet recipes` lists, or a .yaml file"),
  prevalence: number("fraction of lenses among the objects (none: the recipe's)", {
    least: 0,
    most: 1,
    default: null,
  }),
  pixelScale: number("draw on pixels of this size, to match another survey's (none: the survey's own)", {
    above: 0,
    most: 10,
    default: null,
    unit: "arcsec",
  }),
  resample: yes(
    "draw and observe on the survey's own pixels, then resample to --pixel-scale as `import --resample` does with real images",
  ),
  zeroPoint: number(
    "flux in units of this AB magnitude, to match another survey's or a finder's (none: the survey's own)",
    { default: null, unit: "mag" },
  ),
  colourShift: number("added to every g - r: a population redder than the sky's, or bluer", {
    least: -2,
    most: 2,
    default: 0,
    unit: "mag",
  }),
  sourceSize: number("factor on the sizes of the galaxies behind lenses", { above: 0, most: 10, default: 1 }),
  pixels: choice(
    ["display", "flux"],
    "display: 8-bit colour composites as the survey shows them; flux: float32 in the survey's units",
    { default: "display" },
  ),
  bands: texts(
    "the bands to write, in this order (none: all of the survey's; of composites, the survey's own)",
    { default: null },
  ),
  resampled: number("fraction of the composites to resample on a shifted grid, as published cutouts are", {
    least: 0,
    most: 1,
    default: 0,
  }),
  valFraction: number("fraction of the objects in the val split", { least: 0, below: 1, default: 0.1 }),
  testFraction: number("fraction of the objects in the test split", { least: 0, below: 1, default: 0 }),
  supersampling: count("rays along a pixel's side; none to use more where the light is steep", {
    most: 9,
    default: null,
  }),
  seed: seed("one seed gives one dataset"),
});

/** Values of `simulateConfig`. */
export type SimulateConfig = z.output<typeof simulateConfig>;
