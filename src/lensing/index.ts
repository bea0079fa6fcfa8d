/** Simulated lenses and look-alikes: profiles, ray tracing, noise, populations. */
export { observe } from "./observe.ts";
export { checkBands, LOOK_ALIKES, type Population, sceneOf } from "./populations/population.ts";
export * from "./profiles/frame.ts";
export * from "./profiles/light.ts";
export * from "./profiles/mass.ts";
export { type Rendered, type RenderOptions, render } from "./render.ts";
export type { Light, Mass, Scene } from "./scene.ts";
