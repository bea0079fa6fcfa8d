/** The rows of a simulated dataset: what is known of every object. */
import { createHash } from "node:crypto";
import type { ColumnType } from "../../catalog/table.ts";
import type { DatasetRow } from "../../dataset/writer.ts";
import { Draws } from "../../foundation/random.ts";
import type { Population } from "../../lensing/populations/population.ts";
import type { Scene } from "../../lensing/scene.ts";
import { totalMagnitude } from "../../lensing/total-magnitude.ts";
import type { SimulateConfig } from "./config.ts";

/**
 * The columns of the truth; `scene` is all of it, as JSON. Magnitudes are in the reddest band, of all parts together:
 * `lens_mag` of the object in the middle (empty if there is none), `source_mag` of the source as it would be without
 * the lens. `theta_e` is the whole lens's; of a group `mass_q` is its halo's and `sigma_v` its central galaxy's.
 */
export const COLUMNS: Record<string, ColumnType> = {
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

/** The row of object `index`. @param arcScale factor by which its lensed light was scaled */
export function rowOf(
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
  const sources = lights.filter((light) => light.lensed);
  const [source] = sources;
  const id = `sim-${population.survey.name}-${population.seed}-${String(index).padStart(7, "0")}`;
  return {
    id,
    group: id,
    split: splitOf(config, index),
    label: scene.label!,
    kind: scene.kind,
    theta_e: truth?.thetaE ?? mass?.thetaE ?? null,
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
    lens_mag: totalMagnitude(lights.slice(0, scene.central), last),
    source_mag: totalMagnitude(sources, last),
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
