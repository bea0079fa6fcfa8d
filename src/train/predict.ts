/** A network's predictions of images: in batches, in eval mode, without gradients. */
import { type FeatureMoments, FeatureSums } from "../adapt/calibration/label-shift-test.ts";
import type { ImageDomain, Rows } from "../dataset/dataset.ts";
import { applyPreprocessing } from "../dataset/views/preprocess.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { RingEncoder, seenBy } from "../encoders/rings.ts";
import { safePoint } from "../foundation/interrupt.ts";
import type { Network } from "../nn/network.ts";
import { autocast, noGrad } from "../torch/autograd.ts";
import { tensor } from "../torch/create.ts";
import { imageLayout } from "../torch/machine.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { checkModelFits, type Model } from "./model.ts";
import { Compute, fasterPrecision, type Precision, type Timing } from "./precision.ts";
import { spansOf } from "./spans.ts";

/** Images that a network sees together; the last of some rows may be fewer. */
export const PREDICTED_TOGETHER = 256;
/** Images that a precision is timed on. */
const TIMED = 64;

/**
 * The precision in which a model predicts faster on this machine, timed on the first rows.
 *
 * @throws ArcletError when the dataset is not what the model was made for
 */
export async function fasterPrediction(model: Model, domain: ImageDomain, rows: Rows): Promise<Timing> {
  checkModelFits(model.info, domain.info);
  const compute = new Compute(deviceOf(model.network));
  return await fasterPrecision(compute, () =>
    tidy(() => void predict(model, domain.images(rows.slice(0, TIMED)), compute.precision).logits.data()),
  );
}

/** Predictions of N images in the order of the rows, row-major. */
export interface Predictions {
  /** Names of the classes (K). */
  classes: readonly string[];
  /** N × K */
  logits: Float32Array;
  /** N × K, each row sums to 1. */
  probabilities: Float32Array;
  /** Of the features between head and classifier. */
  features: FeatureMoments;
}

/**
 * @param images (B, C, H, W) as stored, of the model's bands and size
 * @returns logits and probabilities (B, K), and features (B, F), float32, in the current scope
 */
export function predict(
  model: Model,
  images: Tensor,
  precision: Precision = "float32",
): { logits: Tensor; probabilities: Tensor; features: Tensor } {
  return tidy(() => {
    const { network, info } = model;
    const lower = precision === "float32" ? null : precision;
    const run = () => forward(network, info.preprocessing, images);
    const made = autocast(lower, run, deviceOf(network));
    const [logits, features] = [made.logits.to("float32"), made.features.to("float32")];
    return { logits, probabilities: logits.softmax(1), features };
  });
}

/**
 * Predicts rows of a dataset.
 *
 * @param tick called after each batch with its number of images
 * @param precision of the network's arithmetic
 * @param runs as in `spansOf`
 * @param together images that the network sees together; the last of a run may be fewer
 * @throws ArcletError when the dataset is not what the model was made for; Interrupted when the user stops it
 */
export async function predictRows(
  model: Model,
  domain: ImageDomain,
  rows: Rows,
  tick: (images: number) => void = () => {},
  precision: Precision = "float32",
  runs?: readonly number[],
  together = PREDICTED_TOGETHER,
): Promise<Predictions> {
  checkModelFits(model.info, domain.info);
  const { classes } = model.info;
  const logits = new Float32Array(rows.length * classes.length);
  const probabilities = new Float32Array(logits.length);
  const features = new FeatureSums();
  for (const { from, to } of spansOf(rows.length, together, runs)) {
    const part = rows.slice(from, to);
    tidy(() => {
      const batch = predict(model, domain.images(part), precision);
      logits.set(batch.logits.data() as Float32Array, from * classes.length);
      probabilities.set(batch.probabilities.data() as Float32Array, from * classes.length);
      features.add(batch.features.data() as Float32Array, part.length);
    });
    tick(part.length);
    await safePoint("nothing was written");
  }
  return { classes, logits, probabilities, features: features.moments() };
}

/**
 * Features between head and classifier, on which domains are aligned.
 *
 * @param tick called after each batch with its number of images
 * @returns row-major (N, F)
 * @throws ArcletError when the dataset is not what the model was made for; Interrupted when the user stops it
 */
export async function featureRows(
  { network, info }: Model,
  domain: ImageDomain,
  rows: Rows,
  tick: (images: number) => void = () => {},
): Promise<{ values: Float32Array; width: number }> {
  checkModelFits(info, domain.info);
  const parts: Float32Array[] = [];
  for (let start = 0; start < rows.length; start += PREDICTED_TOGETHER) {
    const part = rows.slice(start, start + PREDICTED_TOGETHER);
    parts.push(
      tidy(() => forward(network, info.preprocessing, domain.images(part)).features.data() as Float32Array),
    );
    tick(part.length);
    await safePoint("nothing was written");
  }
  const values = joined(parts);
  return { values, width: rows.length === 0 ? 0 : values.length / rows.length };
}

/** What a probe sees of rows (`seenBy`), row-major. */
export interface SeenRows {
  /** (N, Σ parts) */
  rings: Float32Array;
  parts: readonly number[];
  /** (N) */
  own: Float32Array;
}

/**
 * What a probe sees of rows; of a probe's own model, what its network sees.
 *
 * @param positive the class of the odds
 * @param tick called after each batch with its number of images
 * @throws ArcletError when the dataset is not what the model was made for; Interrupted when the user stops it
 */
export async function seenRows(
  { network, info }: Model,
  positive: 0 | 1,
  domain: ImageDomain,
  rows: Rows,
  tick: (images: number) => void = () => {},
): Promise<SeenRows> {
  checkModelFits(info, domain.info);
  const device = deviceOf(network);
  network.train(false);
  const { encoder } = network;
  const base = encoder instanceof RingEncoder ? encoder.network : network;
  const rings: Float32Array[] = [];
  const own: Float32Array[] = [];
  let parts: readonly number[] = [];
  for (let start = 0; start < rows.length; start += PREDICTED_TOGETHER) {
    const part = rows.slice(start, start + PREDICTED_TOGETHER);
    tidy(() =>
      noGrad(() => {
        const seen = seenBy(base, positive, asInput(info.preprocessing, domain.images(part), device));
        rings.push(floats(seen.rings));
        own.push(floats(seen.own));
        parts = seen.parts;
      }),
    );
    tick(part.length);
    await safePoint("nothing was written");
  }
  return { rings: joined(rings), parts, own: joined(own) };
}

/** Outputs of a network for N images, row-major. */
export interface Outputs {
  rows: number;
  /** (N, K) */
  logits: Float32Array;
  /** (N, F) */
  features: Float32Array;
}

/**
 * Logits and features of rows, batch by batch. The network is left in eval mode.
 *
 * @param saved as in `safePoint`
 * @param tick called after each batch with its number of images
 * @throws Interrupted when the user stops it
 */
export async function predictOutputs(
  network: Network,
  preprocessing: Preprocessing,
  domain: Pick<ImageDomain, "images">,
  rows: Rows,
  saved: string,
  tick: (images: number) => void = () => {},
): Promise<Outputs> {
  const parts: Omit<Outputs, "rows">[] = [];
  for (let start = 0; start < rows.length; start += PREDICTED_TOGETHER) {
    const part = rows.slice(start, start + PREDICTED_TOGETHER);
    parts.push(
      tidy(() => {
        const { logits, features } = forward(network, preprocessing, domain.images(part));
        return { logits: floats(logits), features: floats(features) };
      }),
    );
    tick(part.length);
    await safePoint(saved);
  }
  const whole = (key: "logits" | "features") => joined(parts.map((part) => part[key]));
  return { rows: rows.length, logits: whole("logits"), features: whole("features") };
}

/** Outputs as tensors (N, K) and (N, F) on the CPU, in the current scope. */
export const outputTensors = ({ rows, logits, features }: Outputs): { logits: Tensor; features: Tensor } => ({
  logits: tensor(logits, [rows, logits.length / rows]),
  features: tensor(features, [rows, features.length / rows]),
});

const floats = (values: Tensor): Float32Array => values.to("float32").data() as Float32Array;

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function forward(
  network: Network,
  preprocessing: Preprocessing,
  images: Tensor,
): { logits: Tensor; features: Tensor } {
  network.train(false);
  return tidy(() =>
    noGrad(() => {
      const features = network.features(asInput(preprocessing, images, deviceOf(network))); // (B, F)
      return { features, logits: network.classifier.forward(features) };
    }),
  );
}

/** Preprocessed on the device, in the memory layout that is fast for convolutions. */
export const asInput = (preprocessing: Preprocessing, images: Tensor, device: string): Tensor =>
  applyPreprocessing(preprocessing, images.toDevice(device)).contiguous(imageLayout(device));

/** The device of a network's parameters. */
export const deviceOf = (network: Network): string => network.parameters()[0]!.device;
