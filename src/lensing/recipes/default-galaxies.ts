/** The default recipe's galaxies. */
import { flocculent, grandDesign, knots } from "./default-arms.ts";
import type { Recipe } from "./recipe.ts";

export const GALAXIES: Recipe["galaxies"] = {
  size: {
    relation: "exponential",
    on: "magnitude",
    at: 19,
    value: 1.75,
    slope: -0.1,
    scatter: 0.35,
    within: [0.01, 4],
  },
  elliptical: {
    n: { normal: [3.2, 0.9], within: [1, 6] },
    q: { normal: [0.78, 0.14], within: [0.4, 0.98] },
  },
  blue: {
    sizeFactor: { uniform: [0.7, 1.3] },
    sizeWithin: [0.12, 1.2],
    n: { uniform: [0.5, 1.5] },
    q: { uniform: [0.25, 0.95] },
  },
  spiral: {
    bulge: { uniform: [0.1, 0.65] },
    sizeFactor: { uniform: [0.7, 1.5] },
    leastSize: 0.35,
    n: { uniform: [0.6, 1.2] },
    armsBluerGr: { uniform: [0.2, 0.7] },
    armsBluerRi: { uniform: [0.1, 0.35] },
    armsSizeFactor: { uniform: [1, 1.35] },
    armsN: { uniform: [0.5, 0.9] },
    annulusShare: 0.6,
    annulusRadius: { uniform: [0.7, 1.2] },
    annulusWidth: { uniform: [0.3, 0.6] },
    flocculentShare: 0.4,
    grandDesign: grandDesign(),
    flocculent: flocculent(),
    knots: knots(),
    oldAmplitude: { uniform: [0.1, 0.5] },
    dustLag: { uniform: [0.1, 0.5] },
    barShare: 0.3,
    bar: { uniform: [0.1, 0.35] },
    barSize: { uniform: [0.3, 0.65] },
    barQ: { uniform: [0.2, 0.4] },
    redBulges: 0.5,
    bulgeRedderGr: { uniform: [0.15, 0.7] },
    bulgeRedderRi: { uniform: [0.05, 0.4] },
    bulgeSizeFactor: { uniform: [0.12, 0.4] },
    leastBulgeSize: 0.1,
    bulgeN: { uniform: [1, 3.5] },
  },
};
