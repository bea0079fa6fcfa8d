/** Convolution over images. */
import { conv2d, type Generator, type Tensor } from "../torch/index.ts";
import { Affine, type AffineOptions } from "./affine.ts";

type Pair = number | readonly [number, number];

export interface Conv2dOptions extends AffineOptions {
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  groups?: number;
}

/** x (B, input, H, W) → (B, output, H', W'); state `weight` (output, input / groups, h, w), `bias` (output). */
export class Conv2d extends Affine {
  private readonly options: Conv2dOptions;

  constructor(
    input: number,
    output: number,
    kernel: Pair,
    generator: Generator,
    options: Conv2dOptions = {},
  ) {
    const [h, w] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    super([output, input / (options.groups ?? 1), h, w], generator, options);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options;
    return conv2d(x, this.weight, { bias: this.bias, stride, padding, dilation, groups });
  }
}
