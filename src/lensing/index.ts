/** Simulated lenses and look-alikes: profiles, ray tracing, noise, populations. */
export {
  ARCSEC,
  angularDistance,
  type Cosmology,
  comovingDistance,
  criticalDensity,
  einsteinRadius,
  luminosityDistance,
  nfwOf,
  PLANCK15,
  universeDensity,
  velocityDispersion,
} from "./cosmology.ts";
export { observe } from "./observe.ts";
export { checkBands, LOOK_ALIKES, type Population, sceneOf } from "./populations/population.ts";
export {
  axisRatioOf,
  type Centre,
  type FrameNumbers,
  frameOf,
  fromCentre,
  intoFrame,
  outOfFrame,
  type Placement,
  type Positions,
} from "./profiles/frame.ts";
export { type Clump, type ClumpOptions, clumps } from "./profiles/light/clumps.ts";
export { checkImage, imageModel, type SourceImage } from "./profiles/light/image.ts";
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
export { nfwNorm } from "./profiles/mass/nfw.ts";
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
export { type Distribution, supportOf } from "./recipes/distribution.ts";
export { classesOf, isLensKind, type Recipe } from "./recipes/recipe.ts";
export { readRecipe, recipeNamed, recipeYaml } from "./recipes/recipe-file.ts";
export { isRecipeFile, recipes } from "./recipes/registry.ts";
export { type Rendered, type RenderOptions, render } from "./render.ts";
export { imagesOfPoint, type PointImage } from "./rendering/solve.ts";
export { componentsOf, type LensTruth, type Light, type Mass, type Scene } from "./scene.ts";
export {
  clumpOf,
  type Host,
  meanMass,
  SUBHALOES,
  SUBSTRUCTURE,
  type SubhaloOptions,
  type Substructure,
  subhaloes,
  substructure,
  VORTEX,
  type VortexOptions,
  vortexIn,
} from "./subhaloes.ts";
