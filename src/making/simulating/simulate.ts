/** Simulated datasets: a population, observed and written with all that is known of every object. */
import { createHash } from "node:crypto";
import type { ColumnType } from "../../catalog/table.ts";
import type { DatasetInfo } from "../../dataset/info.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetRow, writeDataset } from "../../dataset/writer.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { Draws } from "../../foundation/random.ts";
import type { Population } from "../../lensing/populations/population.ts";
import { classesOf } from "../../lensing/recipes/recipe.ts";
import type { Scene } from "../../lensing/scene.ts";
import { numbersHash } from "../numbers-hash.ts";
import { writtenBands } from "./bands.ts";
import type { SimulateConfig } from "./config.ts";
import { draw, populationOf } from "./draw.ts";

/** The columns of the truth; `scene` is all of it, as JSON. */
const COLUMNS: Record<string, ColumnType> = {
  kind: "text",
  theta_e: "number",
  theta_e_over_seeing: "number",
  arc_snr: "number",
  magnification: "number",
  z_lens: "number",
  z_source: "number",
  sigma_v: "number",
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

/** How the work is divided, which changes no byte of an image or row. */
export interface SimulateOptions {
  /** Objects drawn together; the pixels of 32 stay in the caches. */
  batch?: number;
  /** Largest size of a shard file. */
  shardBytes?: number;
}

/**
 * Simulates and writes a dataset: same configuration, same bytes. What a killed or interrupted program has left in
 * `<out>.partial` is resumed.
 *
 * @throws ArcletError when the folder exists or can't be written, the survey has a band without colours, a setting does
 *   not fit the survey, or another configuration's dataset of that name is unfinished
 */
export async function simulate(
  config: SimulateConfig,
  provenance: DatasetInfo["provenance"],
  { batch = 32, shardBytes }: SimulateOptions = {},
): Promise<DatasetInfo> {
  const population = populationOf(config);
  const { survey } = population;
  const bands = [...writtenBands(survey, config).names];
  const { out, count } = config;
  const spec = {
    name: `simulated ${survey.title}, seed ${config.seed}`,
    survey: survey.name,
    bands,
    pixelScale: survey.pixelScale,
    classes: classesOf(population.recipe),
    pixels: config.pixels,
    shape: [bands.length, config.size, config.size] as [number, number, number],
    provenance: { ...provenance, config: { ...config } },
    columns: COLUMNS,
  };
  return writeDataset(
    out,
    spec,
    async (writer) => {
      const bar = progress("simulate", count, "images", writer.length);
      while (writer.length < count) {
        const first = writer.length;
        const indices = Array.from({ length: Math.min(batch, count - first) }, (_, k) => first + k);
        const { pixels, scenes, arcScale } = draw(population, indices, config);
        const rows = scenes.map((scene, k) => rowOf(scene, arcScale[k]!, indices[k]!, population, config));
        writer.append(pixels, rows);
        bar.tick(indices.length);
        await safePoint(
          `${writer.length} of ${count} images are in ${out}.partial; the same command resumes`,
        );
      }
      bar.done();
    },
    shardBytes,
    identityOf(config, population, provenance),
  );
}

/** What the pixels and rows depend on: settings, the survey's numbers and the recipe's, the files of PSFs and sources, versions. */
function identityOf(
  { out: _, ...settings }: SimulateConfig,
  { survey, recipe }: Population,
  { arclet, torch }: DatasetInfo["provenance"],
): Identity {
  return { ...settings, numbers: numbersHash(survey, recipe), arclet, torch };
}

function rowOf(
  scene: Scene,
  arcScale: number,
  index: number,
  population: Population,
  config: SimulateConfig,
): DatasetRow {
  const { mass, truth } = scene;
  const scaled = (magnitude: number) => magnitude - 2.5 * Math.log10(arcScale);
  const lights = scene.lights.map((light) =>
    light.lensed ? { ...light, magnitudes: light.magnitudes.map(scaled) } : light,
  );
  const last = population.survey.bands.length - 1; // the reddest band
  const source = lights.find((light) => light.lensed);
  const id = `sim-${population.survey.name}-${population.seed}-${String(index).padStart(7, "0")}`;
  return {
    id,
    group: id,
    split: splitOf(config, index),
    label: scene.label!,
    kind: scene.kind,
    theta_e: mass?.thetaE ?? null,
    theta_e_over_seeing: truth?.thetaEOverSeeing ?? null,
    arc_snr: truth?.arcSnr ?? null,
    magnification: truth?.magnification ?? null,
    z_lens: truth?.lensRedshift ?? null,
    z_source: truth?.sourceRedshift ?? null,
    sigma_v: truth?.sigmaV ?? null,
    mass_q: mass?.q ?? null,
    shear: mass === null ? null : Math.hypot(mass.gamma1, mass.gamma2),
    source_x: source?.x ?? null,
    source_y: source?.y ?? null,
    lens_mag: lights[0]!.magnitudes[last]!,
    source_mag: source?.magnitudes[last] ?? null,
    seeing: scene.seeing[last]!,
    sky_sigma: scene.skySigma[last]!,
    scene: sceneText({ ...scene, lights }),
  };
}

function splitOf(config: SimulateConfig, index: number): "train" | "val" | "test" {
  const u = new Draws(config.seed, index, 3).uniform();
  if (u < config.testFraction) return "test";
  return u < config.testFraction + config.valFraction ? "val" : "train";
}

/** A scene as JSON, with a hash in place of a source image's pixels. */
export function sceneText(scene: Scene): string {
  return JSON.stringify(scene, (key, value) =>
    key === "pixels" && ArrayBuffer.isView(value) ? pixelsHash(value) : value,
  );
}

/** Hashes by array: a source image is used in many scenes. */
const hashes = new WeakMap<ArrayBufferView, string>();

function pixelsHash(pixels: ArrayBufferView): string {
  let hash = hashes.get(pixels);
  if (hash === undefined) {
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    hash = `sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}`;
    hashes.set(pixels, hash);
  }
  return hash;
}
