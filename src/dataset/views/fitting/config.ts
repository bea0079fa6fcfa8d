/** What a user may allow to be done to a dataset to fit it to a model. */
import type { z } from "zod";
import { choice, yes } from "../../../foundation/field.ts";
import { stretchOptions } from "../preprocessing/kind.ts";

export const fittingFields = {
  resample: yes(
    "resample images of another pixel scale to the model's (antialiased bilinear), and crop larger ones to the middle",
  ),
  display: choice(["humvi", "lupton"], "make colour composites from flux for a model of display images", {
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

/** Settings of fitting a dataset to a model. */
export type Fitting = z.output<z.ZodObject<typeof fittingFields>>;
