/**
 * Lenses to be classified by their dark matter: smooth, with subhaloes of cold dark matter, or with a vortex of superfluid
 * dark matter (the classes of Alexander et al. 2020, ApJ 893, 15; arXiv:1909.07346).
 */
import { PUBLISHED } from "./published.ts";
import type { Recipe } from "./recipe.ts";

export const SUBSTRUCTURE_RECIPE: Recipe = {
  ...PUBLISHED,
  name: "substructure",
  about: "lenses alone, in three classes by what their dark matter adds",
  sources: [
    "classes: Alexander et al. (2020, ApJ 893, 15)",
    "lens.subhaloes: mass function, Springel et al. (2008, MNRAS 391, 1685); lens.vortex: Alexander et al. (2020)",
    "lens.least and lens.source.brightness: our choice, arcs bright enough to show a perturbation",
    ...PUBLISHED.sources.filter((source) => !/^lens\.(least|source)/.test(source)),
  ],
  prevalence: 1,
  classes: {
    "no-substructure": { lens: 1 },
    cdm: { "lens with subhaloes": 1 },
    vortex: { "lens with vortex": 1 },
  },
  lens: {
    ...PUBLISHED.lens,
    least: { thetaEOverSeeing: 1, arcSnr: 50, magnification: 3, contrast: 0 },
    source: {
      ...PUBLISHED.lens.source,
      brightness: { arcSnr: { logUniform: [50, 500] } },
      size: { logUniform: [0.12, 0.45] },
    },
  },
};
