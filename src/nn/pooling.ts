/** Pooling of images as layers. */
import { avgPool2d, maxPool2d, type Tensor } from "../torch/index.ts";
import { Module } from "./module.ts";

/** x (B, C, H, W) → (B, C, H', W'): the largest of each window. */
export class MaxPool2d extends Module {
  private readonly kernel: number;
  private readonly stride: number;
  private readonly padding: number;

  constructor(kernel: number, stride = kernel, padding = 0) {
    super();
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernel, this.stride, this.padding);
  }
}

/** x (B, C, H, W) → (B, C, H', W'): the mean of each window, padding counted in. */
export class AvgPool2d extends Module {
  private readonly kernel: number;
  private readonly stride: number;
  private readonly padding: number;

  constructor(kernel: number, stride = kernel, padding = 0) {
    super();
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernel, this.stride, this.padding);
  }
}

/** x (B, C, H, W) → (B, C): the mean over all positions. */
export class GlobalAvgPool extends Module {
  override forward(x: Tensor): Tensor {
    return x.mean([2, 3]);
  }
}
