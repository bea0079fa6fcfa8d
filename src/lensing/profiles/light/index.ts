/** The light profiles. */
export { type Clump, type ClumpOptions, clumps } from "./clumps.ts";
export { checkImage, imageModel, type SourceImage } from "./image.ts";
export { brightness, type LightModel } from "./model.ts";
export { type Ring, ringFlux, sersicRing } from "./ring.ts";
export { gaussian, type Sersic, sersic, sersicB, sersicFlux } from "./sersic.ts";
export { type Arms, type Spiral, spiral } from "./spiral.ts";
