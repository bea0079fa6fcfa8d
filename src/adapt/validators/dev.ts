/**
 * Deep embedded validation: the source's validation loss, each image weighted by its likeness to the target.
 *
 * Source: You et al. 2019 (ICML, PMLR 97, 7124), algorithm 1: the density ratio w from a classifier of domains on the
 * features, the weighted risk with w as a control variate: mean(w ℓ) + η mean(w) − η, η = −cov(w ℓ, w) / var(w).
 *
 * Our deviations: those of the weights (density-ratio.ts). ℓ is the cross-entropy; the result is its negative, as higher
 * is better.
 */
import { mean } from "../../foundation/statistics.ts";
import { tidy } from "../../torch/scope.ts";
import { weightedLosses } from "./density-ratio.ts";
import type { Validator } from "./validator.ts";

export const dev: Validator = {
  name: "dev",
  summary: "minus the source's validation loss, each image weighted by its likeness to the target",
  paper: "You et al. 2019 (PMLR 97, 7124)",
  needsTarget: true,
  score: (input) =>
    tidy(() => {
      const { loss, w } = weightedLosses(input);
      return -controlledRisk(loss.numbers(), w.numbers());
    }),
};

/** mean(w ℓ) + η mean(w) − η: E[w] is 1, so that the error of mean(w) predicts that of the risk. */
export function controlledRisk(loss: readonly number[], w: readonly number[]): number {
  const weighted = loss.map((value, i) => value * w[i]!);
  const [risk, level] = [mean(weighted), mean(w)];
  const covariance = mean(weighted.map((value, i) => (value - risk) * (w[i]! - level)));
  const variance = mean(w.map((value) => (value - level) ** 2));
  const eta = variance === 0 ? 0 : -covariance / variance;
  return risk + eta * level - eta;
}
