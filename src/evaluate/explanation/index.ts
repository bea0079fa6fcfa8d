/** Pictures that explain: heat maps, whether they may be trusted, and panels of them. */
export { activationMap, gradCamPlusPlusWeights, gradCamWeights } from "./cam.ts";
export { type Explainer, lastMap, scores as explainedScores } from "./explainer.ts";
export { EXPLANATIONS, type Explanation, heatMaps } from "./heat.ts";
export { type OcclusionOptions, occlusionMaps, patchStarts, skyLevel } from "./occlusion.ts";
export { type Heat, type PanelContent, panel, panelMosaic } from "./panel.ts";
export { RANDOMISED, randomised, type SanityOfMethod, sanityOf } from "./sanity.ts";
export { OUTPUTS, type Output } from "./score.ts";
export { concentration } from "./share.ts";
