/**
 * Importance-weighted validation: the source's validation loss, each image weighted by its likeness to the target.
 *
 * Source: Sugiyama, Krauledat, Müller 2007 (JMLR 8, 985): mean(w ℓ) with w = p_t / p_s is an unbiased estimate of
 * the target's risk if the domains differ in what images they hold, not in what an image's class is.
 *
 * DEV adds a control variate to this mean, which tames it where few images have most of the weight.
 *
 * Our deviations: the densities are those of the features, not of the images, as in DEV; the weights' own are in
 * density-ratio.ts. ℓ is the cross-entropy; the result is its negative, as higher is better.
 */
import { tidy } from "../../torch/scope.ts";
import { weightedLosses } from "./density-ratio.ts";
import type { Validator } from "./validator.ts";

export const iwv: Validator = {
  name: "iwv",
  summary: "minus the source's validation loss under importance weights: dev without its control variate",
  paper: "Sugiyama et al. 2007 (JMLR 8, 985)",
  needsTarget: true,
  score: (input) =>
    tidy(() => {
      const { loss, w } = weightedLosses(input);
      return -loss.mul(w).mean().item();
    }),
};
