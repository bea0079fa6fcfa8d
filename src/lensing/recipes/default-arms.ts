/** The default recipe's arms and knots. */
import type { Recipe } from "./recipe.ts";

type Spirals = Recipe["galaxies"]["spiral"];

// Functions, so that no two fields are the same object: an error names the one that it is about.
export const grandDesign = (): Spirals["grandDesign"] => ({
  count: { choice: { "1": 0.12, "2": 0.74, "3": 0.09, "4": 0.05 } },
  pitch: { normal: [0.37, 0.12], within: [0.17, 0.7] },
  amplitude: { uniform: [0.6, 1] },
  sharpness: { logUniform: [0.8, 5] },
  lopsidedness: { uniform: [0.2, 0.9] },
  core: { uniform: [0.1, 0.4] },
  contrast: { uniform: [0.1, 0.7] },
  around: { integers: [4, 11] },
});

export const flocculent = (): Spirals["flocculent"] => ({
  count: { integers: [2, 6] },
  pitch: { normal: [0.37, 0.12], within: [0.17, 0.7] },
  amplitude: { uniform: [0.4, 0.9] },
  sharpness: { logUniform: [0.4, 2] },
  lopsidedness: { uniform: [0.2, 0.9] },
  core: { uniform: [0.1, 0.5] },
  contrast: { uniform: [0.3, 0.9] },
  around: { integers: [3, 9] },
});

export const knots = (): Spirals["knots"] => ({
  count: { poisson: 0.9, within: [0, 4] },
  fainter: { counts: 0.4, within: [2, 4.5] },
  size: { logUniform: [0.05, 0.2] },
  bluerGr: { uniform: [0, 0.3] },
  bluerRi: { uniform: [0, 0.2] },
});
