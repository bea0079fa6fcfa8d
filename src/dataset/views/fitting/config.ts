/** What a user may allow to be done to a dataset so that a model can take it. */
import { z } from "zod";
import { stretchOptions } from "../preprocessing/kind.ts";

export const fittingFields = {
  resample: z
    .boolean()
    .default(false)
    .describe(
      "resample images of another pixel scale to the model's, and take the middle of larger ones: antialiased bilinear",
    ),
  display: z
    .enum(["humvi", "lupton"])
    .nullable()
    .default(null)
    .describe("make colour composites of flux for a model of display images"),
  stretch: stretchOptions.pick({
    bands: true,
    scales: true,
    q: true,
    stretch: true,
    minimum: true,
    alpha: true,
  }),
};

export type Fitting = z.output<z.ZodObject<typeof fittingFields>>;
