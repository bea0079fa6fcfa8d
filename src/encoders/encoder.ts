/** What an encoder is. */
import { Module } from "../nn/index.ts";
import type { Generator, Tensor } from "../torch/index.ts";

/** Images (B, C, H, W) in, features (B, `features`) out. */
export abstract class Encoder extends Module {
  /** Length of the feature vector. */
  abstract readonly features: number;

  /** The last map that still has positions, x (B, C, H, W) → (B, F, h, w). Explanations are drawn on it. */
  abstract featureMap(x: Tensor): Tensor;

  /** From that map to the features, (B, F, h, w) → (B, features). */
  abstract pool(map: Tensor): Tensor;

  override forward(x: Tensor): Tensor {
    return this.pool(this.featureMap(x));
  }
}

/** What every encoder is built from beside its own configuration. */
export interface BuildContext {
  /** Channels (bands) of the images. */
  channels: number;
  /** Draws the initial weights. */
  generator: Generator;
}
