/** All that `score` does with an image, in operators: from stored pixels to the calibrated probability. */
import type { Calibration } from "../../adapt/calibration/calibrator.ts";
import { preprocessings } from "../../dataset/views/preprocessing/registry.ts";
import { type AnyTrace, traceOfAnyBatch } from "../../onnx/any-batch.ts";
import { noGrad } from "../../torch/autograd.ts";
import { zeros } from "../../torch/create.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Model } from "../model.ts";
import { calibratedTensor } from "./calibrated-tensor.ts";

export interface GraphOptions {
  /** Index of the positive class. */
  positive: number;
  /** How the calibrated probability is made; null leaves it out. */
  calibrated: { by: Calibration; prior: readonly number[] } | null;
  /** Whether the encoder's last map comes out as well. */
  map: boolean;
  /** Whether the features before the classifier come out as well: `score` estimates the prior by them. */
  features?: boolean;
}

/**
 * @param images (B, C, H, W) float32 as stored
 * @returns `logits` (B, K), `score` (B), the positive class's probability, and if asked `calibrated` (B), `map` (B, F, h, w) and `features` (B, D)
 */
function wholeModel({ network, info }: Model, options: GraphOptions, images: Tensor): Record<string, Tensor> {
  const { positive, calibrated, map: wanted } = options;
  const { preprocessing } = info;
  const x = preprocessings.find(preprocessing.kind).apply(preprocessing, images);
  const { map, features } = network.encoder.mapped(x);
  const ofHead = network.head === null ? features : network.head.forward(features);
  const logits = network.classifier.forward(ofHead); // (B, K)
  const column = (p: Tensor) => p.select(1, positive); // (B)
  return {
    logits,
    score: column(logits.softmax(1)),
    ...(calibrated && {
      calibrated: column(calibratedTensor(info.calibration!, calibrated.by, logits, calibrated.prior)),
    }),
    ...(wanted && { map }),
    ...(options.features && { features: ofHead }),
  };
}

/** @throws ArcletError when the network or its preprocessing does what no fixed graph can do */
export function traceOfModel(model: Model, options: GraphOptions): AnyTrace {
  const { shape } = model.info;
  model.network.train(false);
  return noGrad(() =>
    traceOfAnyBatch(
      model.path,
      (batch) => zeros([batch, ...shape]),
      (images) => wholeModel(model, options, images),
    ),
  );
}
