/** Objects drawn from a population and observed. Object `index` of a seed is the same in any batch. */
import { indices as channelIndices } from "../../dataset/images.ts";
import { Draws, keyOf } from "../../foundation/random.ts";
import { observe } from "../../lensing/observe.ts";
import { checkBands, type Population, sceneOf } from "../../lensing/populations/population.ts";
import type { Recipe } from "../../lensing/recipes/recipe.ts";
import { recipeNamed } from "../../lensing/recipes/recipe-file.ts";
import { render } from "../../lensing/render.ts";
import type { Scene } from "../../lensing/scene.ts";
import { composite, shifted } from "../../sky/stretch.ts";
import { onPixels } from "../../sky/survey.ts";
import { surveyNamed } from "../../sky/surveys/registry.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { writtenBands } from "./bands.ts";
import type { SimulateConfig } from "./config.ts";
import { checkLimits } from "./limits.ts";

/** @throws ArcletError when the survey has a band without colours, or the settings do not fit it */
export function populationOf(config: SimulateConfig): Population & { recipe: Recipe } {
  const native = surveyNamed(config.survey);
  const recipe = recipeNamed(config.recipe);
  checkBands(native, recipe);
  const survey = config.pixelScale === null ? native : onPixels(native, config.pixelScale);
  checkLimits(config, recipe, survey);
  writtenBands(survey, config); // refuses unknown ones before anything is drawn
  const { size, prevalence, seed, colourShift, sourceSize } = config;
  return { survey, recipe, size, prevalence, seed, colourShift, sourceSize };
}

/** Shifts in pixels that correlate noise as in published CFHTLS cutouts (0.44 between neighbours). */
const SHIFT = [0.28, 0.5] as const;

export interface Drawn {
  /** (B, C, H, W), row 0 at the top: uint8 for `display`, float32 for `flux`. */
  pixels: Uint8Array | Float32Array;
  scenes: Scene[];
  /** Factor by which each scene's lensed light was scaled. */
  arcScale: Float64Array;
}

export function draw(population: Population, indices: readonly number[], config: SimulateConfig): Drawn {
  const { survey, size, seed } = population;
  const scenes = indices.map((index) => sceneOf(population, index));
  const { images, arcScale } = render(scenes, survey, size, {
    supersampling: config.supersampling ?? "adaptive",
  });
  const observed = tidy(() => {
    const seeds = indices.map((index) => keyOf(seed, index, 1));
    const flux = observe(images, scenes, seeds, survey).flip(2); // row 0 at the top, as pictures are
    const made =
      config.pixels === "flux" ? flux.contiguous() : asPublished(composite(flux, survey), indices, config);
    const { channels } = writtenBands(survey, config);
    return channels === null ? made : made.indexSelect(1, channelIndices(channels));
  });
  images.dispose();
  const pixels = observed.data() as Uint8Array | Float32Array;
  observed.dispose();
  return { pixels, scenes, arcScale };
}

function asPublished(images: Tensor, indices: readonly number[], config: SimulateConfig): Tensor {
  const shifts = indices.flatMap((index) => {
    const d = new Draws(config.seed, index, 2);
    return d.chance(config.resampled) ? [d.uniform(...SHIFT), d.uniform(...SHIFT)] : [0, 0];
  });
  return config.resampled === 0
    ? images
    : shifted(images, tensor(Float32Array.from(shifts), [indices.length, 2]));
}
