/**
 * A trained network as a file: `model.safetensors`, its weights under the names of the network's state, and as JSON
 * under `arclet` in the metadata all that is needed to use it.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { calibratorSchema } from "../adapt/calibration/calibrator.ts";
import type { ImageInfo } from "../dataset/dataset.ts";
import { gradedRecord } from "../dataset/graded/record.ts";
import type { Needs } from "../dataset/views/fitting/fit.ts";
import { channelsOf, checkPreprocessing } from "../dataset/views/preprocess.ts";
import { type Preprocessing, preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { headConfig } from "../encoders/head.ts";
import { buildNetwork, type EncoderNetwork } from "../encoders/network.ts";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { pluginFile, refuseMissingPlugins } from "../foundation/plugins.ts";
import type { Network } from "../nn/network.ts";
import { deviceNamed, imageLayout } from "../torch/machine.ts";
import { Generator } from "../torch/random.ts";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../torch/safetensors.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { withCurrentNames } from "./earlier-names.ts";
import { finderInPlaceOf } from "./finders/finders.ts";
import { leakMark } from "./leak.ts";
import { MODEL_FILE } from "./run-files.ts";

export { MODEL_FILE };

/** The last epoch's model, chosen or not. */
export const LAST_MODEL_FILE = "model-last.safetensors";
/** The model of the epoch that the oracle would choose, of a run whose oracle read labels. */
export const ORACLE_MODEL_FILE = "model-oracle.safetensors";
const METADATA_KEY = "arclet";

const whole = z.number().int().positive();

export const modelInfo = z.strictObject({
  format: z.literal(1),
  encoder: z.strictObject({
    name: z.string(),
    config: z.record(z.string(), z.json()).transform(withCurrentNames),
  }),
  head: headConfig.nullable(),
  /** In the order of the logits. */
  classes: z.array(z.string()).min(2),
  /** The classifier's outputs, if classes have kinds: an output's class, and its kind; left out for one output a class. */
  outputs: z.array(z.strictObject({ class: z.string(), kind: z.string().nullable() })).optional(),
  /** The classifier of a probe, which remembers graded rows: how many, features of each part, the lenses' class. */
  kernel: z
    .strictObject({
      centres: whole,
      parts: z.array(whole).min(1),
      positive: z.union([z.literal(0), z.literal(1)]),
    })
    .optional(),
  /** Of the images: [C, H, W]. */
  shape: z.tuple([whole, whole, whole]),
  /** Bands, pixel scale, pixel kind, and how pixels become the network's input. */
  preprocessing,
  method: z.string(),
  seed: z.number(),
  /** The model's epoch, from 1, and the number of the run's epochs. */
  epoch: whole,
  epochs: whole,
  phase: z.string(),
  /** The validator that chose the epoch; null for the last epoch. */
  chosenBy: z.string().nullable(),
  /** Whether target labels were used to choose it, or the model that it started from. */
  oracle: z.boolean().default(false),
  /** What its datasets share and must not, or those of the model that it started from. */
  leak: leakMark.nullable().default(null),
  /** The graded rows that it was trained on, or the model that it started from; left out if there are none. */
  graded: z.array(gradedRecord).optional(),
  validators: z.record(z.string(), z.number()),
  /** How its probabilities are calibrated; null if the source's val rows lack a class, and in older models. */
  calibration: calibratorSchema.nullable().default(null),
  /** The plug-ins that its network needs; left out if there are none. */
  plugins: z.array(pluginFile).optional(),
  /** Datasets by name and content hash, versions, command. */
  provenance: z.record(z.string(), z.json()),
});

/** What a model's file says of it: all that is needed to use it. */
export type ModelInfo = z.output<typeof modelInfo>;

/** A model, loaded. */
export interface Model {
  /** In eval mode. The caller disposes it. */
  network: EncoderNetwork;
  /** What its file says. */
  info: ModelInfo;
  /** Its file. */
  path: string;
}

export function writeModel(path: string, network: Network, info: ModelInfo): void {
  writeSafetensors(path, network.state(), { [METADATA_KEY]: JSON.stringify(info) });
}

/**
 * Reads a model file's metadata.
 *
 * @param path a `.safetensors` file, the folder of a finished run, or a finder's name
 * @throws ArcletError when it is missing, truncated, not an Arclet model, or needs a plug-in that is not loaded
 */
export function readModelInfo(path: string): { file: string; info: ModelInfo } {
  const file = modelFile(path);
  const text = readSafetensorsMetadata(file)[METADATA_KEY];
  if (text === undefined)
    throw new ArcletError({
      where: file,
      code: "broken",
      problem: `is not an Arclet model (no ${METADATA_KEY} metadata)`,
    });
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new ArcletError(
      { where: file, code: "broken", problem: `its ${METADATA_KEY} metadata is not JSON` },
      { cause: error },
    );
  }
  // Plug-ins first: without them the kinds of preprocessing that they add are unknown.
  const needed = z.object({ plugins: modelInfo.shape.plugins }).safeParse(raw);
  refuseMissingPlugins(file, needed.data?.plugins ?? []);
  return {
    file,
    info: checked(file, modelInfo, raw, { whole: `its ${METADATA_KEY} metadata`, code: "broken" }),
  };
}

/**
 * Opens a model for prediction.
 *
 * @param device as in `deviceNamed`
 * @throws ArcletError as `readModelInfo` does, when its weights don't fit, and for a device that doesn't exist
 */
export function loadModel(path: string, device = "auto"): Model {
  const { file, info } = readModelInfo(path);
  const resolved = deviceNamed(device);
  const network = networkOf(info, new Generator(0)).layout(imageLayout(resolved)).to(resolved);
  try {
    readWeights(file, network);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return { network: network.train(false), info, path: file };
}

/** Copies a model file's weights into a network. @param change makes other tensors of the file's, in the current scope */
export function readWeights(
  file: string,
  network: Network,
  change: (tensors: ReadonlyMap<string, Tensor>) => ReadonlyMap<string, Tensor> = (tensors) => tensors,
): void {
  const { tensors } = readSafetensors(file);
  try {
    tidy(() => void network.load(change(tensors), { where: file }));
  } finally {
    disposeAll(tensors.values());
  }
}

/** The description of a network in a model file. */
export type Blueprint = Pick<
  ModelInfo,
  "encoder" | "head" | "classes" | "outputs" | "kernel" | "shape" | "preprocessing"
>;

/** The network of a description, with initial weights drawn by the generator. */
export function networkOf(blueprint: Blueprint, generator: Generator): EncoderNetwork {
  const { encoder, head, classes, outputs, kernel, shape, preprocessing } = blueprint;
  return tidy(() =>
    buildNetwork({
      encoder: encoder.name,
      config: encoder.config,
      head,
      channels: channelsOf(preprocessing),
      size: [shape[1], shape[2]],
      classes: classes.length,
      ...(kernel && { kernel }),
      ...(outputs && { classOf: outputs.map((output) => classes.indexOf(output.class)) }),
      generator,
    }),
  );
}

/**
 * Refuses images that a model was not made for: other bands, pixels or size, or a pixel scale that differs by over 1 %.
 */
export function checkModelFits(
  { preprocessing, shape }: { preprocessing: Preprocessing; shape: ModelInfo["shape"] },
  info: ImageInfo,
): void {
  checkPreprocessing(preprocessing, info);
  if (info.shape.join() !== shape.join())
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has images of ${info.shape.join(" × ")}, the model was made for ${shape.join(" × ")}`,
    });
}

/** The images that a model takes. */
export const needsOf = ({ preprocessing, shape }: Pick<ModelInfo, "preprocessing" | "shape">): Needs => ({
  bands: preprocessing.bands,
  pixelScale: preprocessing.pixelScale,
  pixels: preprocessing.pixels,
  shape,
});

export function disposeAll(tensors: Iterable<Tensor>): void {
  for (const value of tensors) value.dispose();
}

function modelFile(path: string): string {
  const finder = finderInPlaceOf(path);
  if (finder !== null) return finder.model;
  if (!guarded(path, () => statSync(path)).isDirectory()) return path;
  const file = join(path, MODEL_FILE);
  if (!existsSync(file))
    throw new ArcletError({
      where: path,
      code: "absent",
      problem: `has no ${MODEL_FILE} (not a run, or one that has not finished training)`,
    });
  return file;
}
