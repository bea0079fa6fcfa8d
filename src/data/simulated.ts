/** Simulated datasets: a population, observed and written with the whole truth of every object. */
import { z } from "zod";
import { safePoint } from "../foundation/interrupt.ts";
import { progress } from "../foundation/progress.ts";
import { Draws, keyOf } from "../foundation/random.ts";
import { checkBands, observe, type Population, render, type Scene, sceneOf } from "../lensing/index.ts";
import { composite, isSurveyFile, onPixels, resampled, surveyNamed, surveys } from "../sky/index.ts";
import { type Tensor, tensor, tidy } from "../torch/index.ts";
import type { DatasetInfo } from "./info.ts";
import type { ColumnType } from "./table.ts";
import { type DatasetRow, writeDataset } from "./writer.ts";

export const simulateConfig = z.strictObject({
  out: z.string().min(1).describe("the dataset folder to write"),
  survey: z
    .string()
    .min(1)
    .refine((name) => isSurveyFile(name) || Object.hasOwn(surveys, name), {
      message: `one of ${Object.keys(surveys).join(", ")}, or a file that ends in .yaml`,
    })
    .default("cfhtls")
    .describe("the survey to imitate: one that `arclet surveys` lists, or a .yaml file"),
  count: z.number().int().positive().default(2000).describe("how many objects"),
  size: z.number().int().min(16).max(512).default(48).describe("side of a cutout").meta({ unit: "pixels" }),
  prevalence: z.number().min(0).max(1).default(0.5).describe("share of lenses among the objects"),
  pixelScale: z
    .number()
    .gt(0)
    .max(10)
    .nullable()
    .default(null)
    .describe("draw on pixels of this size, to match another survey's (none: the survey's own)")
    .meta({ unit: "arcsec" }),
  colourShift: z
    .number()
    .min(-2)
    .max(2)
    .default(0)
    .describe("added to every g - r: a population redder than the sky's, or bluer")
    .meta({ unit: "mag" }),
  sourceSize: z
    .number()
    .gt(0)
    .max(10)
    .default(1)
    .describe("factor on the sizes of the galaxies behind lenses"),
  pixels: z
    .enum(["display", "flux"])
    .default("display")
    .describe(
      "display: 8-bit colour composites as the survey shows them; flux: float32 in the survey's units",
    ),
  resampled: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("share of the composites that are drawn again on a shifted grid, as published cutouts are"),
  valFraction: z.number().min(0).lt(1).default(0.1).describe("part of the objects in the val split"),
  testFraction: z.number().min(0).lt(1).default(0).describe("part of the objects in the test split"),
  supersampling: z
    .number()
    .int()
    .min(1)
    .max(9)
    .nullable()
    .default(null)
    .describe("rays along a pixel's side; none for more of them where the light is steep"),
  seed: z.number().int().min(0).default(0).describe("one seed gives one dataset"),
});

export type SimulateConfig = z.output<typeof simulateConfig>;

const BATCH = 32;
export const SIMULATED_CLASSES = ["not-lens", "lens"];

/** The truth's columns; `scene` is all of it, as JSON. */
const COLUMNS: Record<string, ColumnType> = {
  kind: "text",
  theta_e: "number",
  arc_snr: "number",
  mass_q: "number",
  shear: "number",
  source_x: "number",
  source_y: "number",
  lens_mag: "number",
  source_mag: "number",
  seeing: "number",
  sky_sigma: "number",
  scene: "text",
};

/**
 * Simulates and writes a dataset: same configuration, same pixels.
 *
 * @throws ArcletError when the folder exists or can't be written, or the survey has a band without colours
 */
export async function simulate(
  config: SimulateConfig,
  provenance: DatasetInfo["provenance"],
): Promise<DatasetInfo> {
  const own = surveyNamed(config.survey);
  checkBands(own);
  const survey = config.pixelScale === null ? own : onPixels(own, config.pixelScale);
  const display = config.pixels === "display";
  const bands = display ? [...survey.display.bands] : survey.bands.map((band) => band.name);
  const { size, prevalence, seed, colourShift, sourceSize } = config;
  const population: Population = { survey, size, prevalence, seed, colourShift, sourceSize };
  const spec = {
    name: `simulated ${survey.title}, seed ${config.seed}`,
    survey: survey.name,
    bands,
    pixelScale: survey.pixelScale,
    classes: SIMULATED_CLASSES,
    pixels: config.pixels,
    shape: [bands.length, config.size, config.size] as [number, number, number],
    provenance: { ...provenance, config: { ...config } },
    columns: COLUMNS,
  };
  return writeDataset(config.out, spec, async (writer) => {
    const bar = progress("simulate", config.count, "images");
    for (let first = 0; first < config.count; first += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, config.count - first) }, (_, k) => first + k);
      const { pixels, rows } = batch(population, indices, config);
      writer.append(pixels, rows);
      bar.tick(indices.length);
      await safePoint(`${config.out} was not written`);
    }
    bar.done();
  });
}

function batch(population: Population, indices: number[], config: SimulateConfig) {
  const { survey, size, seed } = population;
  const scenes = indices.map((index) => sceneOf(population, index));
  const { images, arcScale } = render(scenes, survey, size, {
    supersampling: config.supersampling ?? "adaptive",
  });
  const observed = tidy(() => {
    const seeds = indices.map((index) => keyOf(seed, index, 1));
    const flux = observe(images, scenes, seeds, survey).flip(2); // row 0 at the top, as pictures are
    return config.pixels === "flux"
      ? flux.contiguous()
      : asPublished(composite(flux, survey), indices, config);
  });
  images.dispose();
  const pixels = observed.data() as Uint8Array | Float32Array;
  observed.dispose();
  return {
    pixels,
    rows: scenes.map((scene, k) => rowOf(scene, arcScale[k]!, indices[k]!, population, config)),
  };
}

function asPublished(images: Tensor, indices: number[], config: SimulateConfig): Tensor {
  const shifts = indices.flatMap((index) => {
    const d = new Draws(config.seed, index, 2);
    return d.chance(config.resampled) ? [d.uniform(0.15, 0.5), d.uniform(0.15, 0.5)] : [0, 0];
  });
  return config.resampled === 0
    ? images
    : resampled(images, tensor(Float32Array.from(shifts), [indices.length, 2]));
}

function rowOf(
  scene: Scene,
  arcScale: number,
  index: number,
  population: Population,
  config: SimulateConfig,
): DatasetRow {
  const { mass } = scene;
  const scaled = (magnitude: number) => magnitude - 2.5 * Math.log10(arcScale);
  const lights = scene.lights.map((light) =>
    light.lensed ? { ...light, magnitudes: light.magnitudes.map(scaled) } : light,
  );
  const last = population.survey.bands.length - 1; // the reddest band, by which galaxies are known
  const source = lights.find((light) => light.lensed);
  const id = `sim-${population.survey.name}-${population.seed}-${String(index).padStart(7, "0")}`;
  return {
    id,
    group: id,
    split: splitOf(config, index),
    label: SIMULATED_CLASSES[mass === null ? 0 : 1]!,
    kind: scene.kind,
    theta_e: mass?.thetaE ?? null,
    arc_snr: scene.arcSnr,
    mass_q: mass?.q ?? null,
    shear: mass === null ? null : Math.hypot(mass.gamma1, mass.gamma2),
    source_x: source?.x ?? null,
    source_y: source?.y ?? null,
    lens_mag: lights[0]!.magnitudes[last]!,
    source_mag: source?.magnitudes[last] ?? null,
    seeing: scene.seeing[last]!,
    sky_sigma: scene.skySigma[last]!,
    scene: JSON.stringify({ ...scene, lights }),
  };
}

function splitOf(config: SimulateConfig, index: number): "train" | "val" | "test" {
  const u = new Draws(config.seed, index, 3).uniform();
  if (u < config.testFraction) return "test";
  return u < config.testFraction + config.valFraction ? "val" : "train";
}
