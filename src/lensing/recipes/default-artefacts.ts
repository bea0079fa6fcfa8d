/**
 * The default recipe's artefacts. Shares were counted by eye on 429 published CFHTLS cutouts of 18″ (about: columns 5,
 * spikes 12, ghosts 1, trails 2, shallow 2, cosmic rays 1); edges and gaps, of which there was none, have fewer.
 */
import type { ArtefactsRecipe } from "./artefacts.ts";

export const ARTEFACTS: ArtefactsRecipe = {
  spikes: {
    from: 18.2,
    share: { uniform: [0.01, 0.03] },
    length: {
      relation: "exponential",
      on: "magnitude",
      at: 16,
      value: 4.5,
      slope: -0.16,
      scatter: 0.15,
      within: [0.3, 60],
    },
    width: { uniform: [0.25, 0.4] },
    angle: { normal: [0, 0.02] },
  },
  aureole: { from: 19, share: { uniform: [0.03, 0.09] }, core: { uniform: [1.5, 3] } },
  bleed: {
    from: 16.6,
    share: 0.5,
    length: {
      relation: "exponential",
      on: "magnitude",
      at: 16,
      value: 3,
      slope: -0.3,
      scatter: 0.4,
      within: [0.3, 200],
    },
    width: { uniform: [0.25, 0.9] },
    without: 0.3,
    empty: 0.3,
  },
  ghosts: {
    share: 0.004,
    radius: { logUniform: [15, 200] },
    hole: { uniform: [0, 0.4] },
    strength: { uniform: [0.3, 3] },
  },
  trails: { share: 0.004, width: { uniform: [0.4, 1] }, strength: { logUniform: [0.4, 4] } },
  columns: { share: 0.008, length: { logUniform: [5, 60] }, width: { uniform: [0.1, 1.1] }, empty: 0.25 },
  shallow: { share: 0.006, factor: { uniform: [1.5, 4] }, allBands: 0.3 },
  edges: { share: 0.001, allBands: 0.5 },
  gaps: { share: 0.002, width: { uniform: [3, 15] }, factor: { uniform: [1.2, 1.8] } },
  cosmicRays: { share: 0.003, length: { logUniform: [0.3, 3] }, strength: { logUniform: [10, 100] } },
};
