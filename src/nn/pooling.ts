/** Pooling layers for images. */
import { type AvgPoolOptions, avgPool2d, maxPool2d } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

abstract class Pool2d extends Module {
  /** Side and stride of the window, and the padding around the image: zeros, ignored by a maximum. */
  protected readonly window: readonly [kernel: number, stride: number, padding: number];

  constructor(kernel: number, stride = kernel, padding = 0) {
    super();
    this.window = [kernel, stride, padding];
  }
}

/** x (B, C, H, W) → (B, C, H', W'): the largest of each window. */
export class MaxPool2d extends Pool2d {
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, ...this.window);
  }
}

/** x (B, C, H, W) → (B, C, H', W'): the mean of each window, counting the padding unless the options say otherwise. */
export class AvgPool2d extends Pool2d {
  private readonly options: AvgPoolOptions;

  constructor(kernel: number, stride = kernel, padding = 0, options: AvgPoolOptions = {}) {
    super(kernel, stride, padding);
    this.options = options;
  }
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, ...this.window, this.options);
  }
}

/** x (B, C, H, W) → (B, C): the mean over all positions. */
export class GlobalAvgPool extends Module {
  override forward(x: Tensor): Tensor {
    return x.mean([2, 3]);
  }
}
