/**
 * Source galaxies as real arcs show them: for `paint`, which takes only those from a recipe. Star-forming galaxies at
 * redshift 1 to 4 show their ultraviolet continuum, f_λ ∝ λ^β, in g, r and i: g − r = 0.27 (β + 2) and
 * r − i = 0.23 (β + 2) between 487, 625 and 770 nm. With β about −1.3 ± 0.6 they are blue and their r − i is 0.84 of
 * their g − r. The field's blue galaxies, nearer, are redder in r − i: as arcs they look violet in a composite.
 */
import { DEFAULT } from "./default.ts";
import type { Recipe } from "./recipe.ts";

export const ARCS: Recipe = {
  ...DEFAULT,
  name: "arcs",
  about: "as default, with source galaxies that are bluer in r - i, larger and smoother: what paint takes",
  sources: [
    "colours.blue: slopes of ultraviolet continua about −1.5 with a scatter of 0.3 at redshift 2.5, Bouwens et al. " +
      "(2009, ApJ 705, 936); moved and widened for dust and for sources at redshift 1",
    "lens.source: our choice; painted arcs were blobbier than real ones",
    ...DEFAULT.sources,
  ],
  lens: {
    ...DEFAULT.lens,
    source: {
      ...DEFAULT.lens.source,
      offset: { powerLaw: 1, within: [0, 0.5] },
      size: { logUniform: [0.16, 0.5] },
      redShare: 0.06,
      clumps: { poisson: 0.4, within: [0, 2] },
      clumpFainter: { uniform: [1.2, 3] },
    },
  },
  colours: {
    ...DEFAULT.colours,
    blue: {
      gr: { normal: [0.2, 0.17], within: [-0.15, 0.8] },
      ri: { relation: "linear", on: "gr", at: 0, value: 0, slope: 0.84, scatter: 0.06 },
    },
  },
};
