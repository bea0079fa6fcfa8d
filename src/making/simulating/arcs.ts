/**
 * The light of the lensed source alone, rendered again: where a simulated lens's arcs are. The table's `scene` is enough;
 * only if the source is an image, whose pixels the table leaves out, is its object drawn again from its seed.
 */

import type { Dataset, Rows } from "../../dataset/dataset.ts";
import { ArcletError, type Location, refuse } from "../../foundation/errors.ts";
import { type Population, sceneOf } from "../../lensing/populations/population.ts";
import { render } from "../../lensing/render.ts";
import type { Light, Scene } from "../../lensing/scene.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { regridded } from "../regrid.ts";
import { type SimulateConfig, simulateConfig } from "./config.ts";
import { gridRatio, populationOf } from "./draw.ts";
import { sceneText } from "./rows.ts";

/** Rows of objects with a deflector. @throws ArcletError when the dataset is not a simulated one */
export function lensedRows(dataset: Dataset, rows: Rows): Int32Array {
  refuseOthers(dataset);
  const snr = dataset.column("arc_snr");
  return Int32Array.from(rows).filter((row) => snr[row] !== null);
}

/**
 * Signal-to-noise of the lensed light in every pixel, all bands together: √(Σ (arc / sky sigma)²), without noise.
 *
 * A composite that was resampled (`--resampled`) is up to half a pixel off it. After `--resample` it is on the new pixels.
 *
 * @param rows of lenses
 * @returns (N, H, W) float32, row 0 at the top
 * @throws ArcletError when the dataset is not a simulated one, or can't be drawn again with the present files
 */
export function arcSignal(dataset: Dataset, rows: Rows): Tensor {
  const { population, config } = refuseOthers(dataset);
  const { survey, size } = population;
  const texts = dataset.table.texts("scene");
  return tidy(() => {
    const scenes = Array.from(rows, (row) => lensedAlone(dataset, row, texts[row]!, population));
    const { images } = render(scenes, survey, size); // (N, bands, H, W), row 0 at the bottom
    const sigma = tensor(Float32Array.from(scenes.flatMap((scene) => scene.skySigma)), [
      scenes.length,
      survey.bands.length,
      1,
      1,
    ]);
    const ratio = gridRatio(config, survey);
    if (ratio === 1) return images.div(sigma).square().sum(1).sqrt().flip(1).contiguous();
    const grid = [config.size, config.size] as [number, number];
    const light = regridded(images.data() as Float32Array, [size, size], ratio, grid) as Float32Array;
    const shape = [scenes.length, survey.bands.length, ...grid];
    return tensor(light, shape).div(sigma.div(ratio)).square().sum(1).sqrt().flip(1).contiguous();
  });
}

function refuseOthers(dataset: Dataset): { population: Population; config: SimulateConfig } {
  const { config } = dataset.info.provenance;
  const parsed = simulateConfig.safeParse(config);
  if (!parsed.success || !dataset.table.has("scene"))
    refuse(
      dataset.folder,
      "dataset",
      "a simulated one, with scenes and settings (arclet simulate)",
      dataset.info.name,
    );
  return { population: populationOf(parsed.data), config: parsed.data };
}

/** The stored scene with only its lensed light, which is already scaled. */
function lensedAlone(dataset: Dataset, row: number, text: string, population: Population): Scene {
  const where: Location = { where: dataset.folder, row: row + 1, id: dataset.ids[row] };
  const stored = JSON.parse(text) as Scene;
  const lights = stored.lights.flatMap((light, k) =>
    light.lensed
      ? [
          light.image === undefined
            ? light
            : withPixels(light, k, where, indexOf(dataset.ids[row]!), population),
        ]
      : [],
  );
  if (stored.mass === null || lights.length === 0) refuse(where, "scene", "of a lens", stored.kind);
  return { ...stored, lights, arcSnr: null };
}

/** The object's index in its population, which its id ends with. */
const indexOf = (id: string): number => Number(/\d+$/.exec(id));

function withPixels(light: Light, k: number, where: Location, index: number, population: Population): Light {
  const drawn = sceneOf(population, index);
  const image = drawn.lights[k]?.image;
  const again = (JSON.parse(sceneText(drawn)) as Scene).lights[k]?.image;
  if (image === undefined || JSON.stringify(again) !== JSON.stringify(light.image))
    throw new ArcletError({
      ...where,
      code: "conflict",
      problem: "its source image is not the one that its recipe draws now",
    });
  return { ...light, image };
}
