/** Simulated lenses and look-alikes: profiles, ray tracing, noise, populations. */
export {
  angularDistance,
  type Cosmology,
  comovingDistance,
  einsteinRadius,
  luminosityDistance,
  nfwOf,
  PLANCK15,
  velocityDispersion,
} from "./cosmology.ts";
export { observe } from "./observe.ts";
export { type Population, sceneOf } from "./populations/population.ts";
export { type Clump, type ClumpOptions, clumps } from "./profiles/light/clumps.ts";
export { imageModel, type SourceImage } from "./profiles/light/image.ts";
export { brightness, type LightModel } from "./profiles/light/model.ts";
export { type Ring, ringFlux, sersicRing } from "./profiles/light/ring.ts";
export { gaussian, type Sersic, sersic, sersicB, sersicFlux } from "./profiles/light/sersic.ts";
export { type Arms, type Spiral, spiral } from "./profiles/light/spiral.ts";
export {
  convergenceOf,
  deflection,
  type Hessian,
  hessian,
  type MassModel,
  magnificationOf,
  potential,
  shearOf,
} from "./profiles/mass/model.ts";
export {
  type Epl,
  epl,
  type MassComponent,
  type MassProfile,
  massModels,
  type Nfw,
  type NfwEllipse,
  nfw,
  nfwEllipse,
  type PointMass,
  point,
  type Shear,
  type Sheet,
  type Sie,
  type Sis,
  shear,
  sheet,
  sie,
  sis,
  type TruncatedSis,
  truncatedSis,
  type Vortex,
  vortex,
} from "./profiles/mass/registry.ts";
export type { Distribution } from "./recipes/distribution.ts";
export { classesOf, type Recipe } from "./recipes/recipe.ts";
export { readRecipe, recipeNamed, recipeYaml } from "./recipes/recipe-file.ts";
export { isRecipeFile, recipes } from "./recipes/registry.ts";
export { type Rendered, type RenderOptions, render } from "./render.ts";
export { imagesOfPoint, type PointImage } from "./rendering/solve.ts";
export type { LensTruth, Light, Mass, Scene } from "./scene.ts";
export {
  type Host,
  type SubhaloOptions,
  type Substructure,
  subhaloes,
  substructure,
  type VortexOptions,
  vortexIn,
} from "./subhaloes.ts";
