/** Objects drawn from a population and observed. Object `index` of a seed is the same in any batch. */
import { indices as channelIndices } from "../../dataset/images.ts";
import { refuse } from "../../foundation/errors.ts";
import { Draws, keyOf } from "../../foundation/random.ts";
import { observe } from "../../lensing/observe.ts";
import { checkBands, type Population, sceneOf } from "../../lensing/populations/population.ts";
import type { Recipe } from "../../lensing/recipes/recipe.ts";
import { recipeNamed } from "../../lensing/recipes/recipe-file.ts";
import { render } from "../../lensing/render.ts";
import type { Scene } from "../../lensing/scene.ts";
import { composite, shifted } from "../../sky/stretch.ts";
import { onPixels, type Survey } from "../../sky/survey.ts";
import { surveyNamed } from "../../sky/surveys/registry.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { regridded, sameScale } from "../regrid.ts";
import { writtenBands } from "./bands.ts";
import type { SimulateConfig } from "./config.ts";
import { checkLimits } from "./limits.ts";

/** @throws ArcletError when the survey has a band without colours, or the settings do not fit it */
export function populationOf(config: SimulateConfig): Population & { recipe: Recipe } {
  const native = surveyNamed(config.survey);
  const recipe = recipeNamed(config.recipe);
  checkBands(native, recipe);
  const { prevalence, seed, colourShift, sourceSize } = config;
  if (config.resample && config.pixelScale === null)
    refuse("simulate", "pixelScale", "given: that of the images after --resample", null);
  const { survey, size } = config.resample
    ? { survey: native, size: drawnSize(config, native) }
    : {
        survey: config.pixelScale === null ? native : onPixels(native, config.pixelScale),
        size: config.size,
      };
  checkLimits({ ...config, size }, recipe, survey);
  writtenBands(survey, config); // refuses unknown ones before anything is drawn
  return { survey, recipe, size, prevalence, seed, colourShift, sourceSize };
}

/** Side of a drawn pixel over that of a written one; 1 unless images are resampled. */
export function gridRatio({ resample, pixelScale }: SimulateConfig, { pixelScale: own }: Survey): number {
  const ratio = resample ? own / pixelScale! : 1;
  return sameScale(ratio) ? 1 : ratio;
}

/** The fewest of a survey's own pixels that have all of the resampled image. */
const drawnSize = (config: SimulateConfig, survey: Survey): number =>
  Math.ceil(config.size / gridRatio(config, survey) - 1e-6);

/** Shifts in pixels that correlate noise as in published CFHTLS cutouts (0.44 between neighbours). */
const SHIFT = [0.1, 0.5] as const;

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
  // Resampling mixes neighbours, so that images are drawn with one pixel more on every side, and cut.
  const rim = config.pixels === "display" && config.resampled > 0 ? 1 : 0;
  const { images, arcScale } = render(scenes, survey, size + 2 * rim, {
    supersampling: config.supersampling ?? "adaptive",
  });
  const observed = tidy(() => {
    const seeds = indices.map((index) => keyOf(seed, index, 1));
    const flux = observe(images, scenes, seeds, survey).flip(2); // row 0 at the top, as pictures are
    const written =
      config.pixels === "flux"
        ? flux.contiguous()
        : asPublished(composite(flux, survey), rim, indices, size, config);
    const { channels } = writtenBands(survey, config);
    return channels === null ? written : written.indexSelect(1, channelIndices(channels));
  });
  images.dispose();
  const pixels = observed.data() as Uint8Array | Float32Array;
  observed.dispose();
  return { pixels: onWrittenGrid(pixels, population, config), scenes, arcScale };
}

/** Images as they are written: composites are made before they are resampled, since real ones are imported so. */
function onWrittenGrid(
  pixels: Uint8Array | Float32Array,
  { survey, size }: Population,
  config: SimulateConfig,
): Uint8Array | Float32Array {
  const ratio = gridRatio(config, survey);
  if (ratio === 1) return pixels;
  return regridded(pixels, [size, size], ratio, [config.size, config.size]);
}

/** @param rim pixels on every side that the cutout does not have */
function asPublished(
  images: Tensor,
  rim: number,
  indices: readonly number[],
  size: number,
  { seed, resampled }: SimulateConfig,
): Tensor {
  if (rim === 0) return images;
  const shifts = indices.flatMap((index) => {
    const d = new Draws(seed, index, 2);
    return d.chance(resampled) ? [d.uniform(...SHIFT), d.uniform(...SHIFT)] : [0, 0];
  });
  const framed = images.narrow(2, rim - 1, size + 1).narrow(3, rim - 1, size + 1);
  return shifted(framed, tensor(Float32Array.from(shifts), [indices.length, 2]));
}
