/** Simulated lenses and look-alikes: profiles, ray tracing, noise, populations. */
export * from "./cosmology.ts";
export { observe } from "./observe.ts";
export { checkBands, LOOK_ALIKES, type Population, sceneOf } from "./populations/population.ts";
export * from "./profiles/frame.ts";
export * from "./profiles/light/index.ts";
export * from "./profiles/mass/index.ts";
export {
  classesOf,
  type Distribution,
  isLensKind,
  isRecipeFile,
  type Recipe,
  readRecipe,
  recipeNamed,
  recipes,
  recipeYaml,
  supportOf,
} from "./recipes/index.ts";
export { type Rendered, type RenderOptions, render } from "./render.ts";
export { imagesOfPoint, type PointImage } from "./rendering/solve.ts";
export { componentsOf, type LensTruth, type Light, type Mass, type Scene } from "./scene.ts";
export * from "./subhaloes.ts";
