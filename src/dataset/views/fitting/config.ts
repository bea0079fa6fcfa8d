/** What a user may allow to be done to a dataset so that a model can take it. */
import type { z } from "zod";
import { choice, yes } from "../../../foundation/field.ts";
import { stretchOptions } from "../preprocessing/kind.ts";

export const fittingFields = {
  resample: yes(
    "resample images of another pixel scale to the model's, and take the middle of larger ones: antialiased bilinear",
  ),
  display: choice(["humvi", "lupton"], "make colour composites of flux for a model of display images", {
    default: null,
  }),
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
