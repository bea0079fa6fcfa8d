/** Convolution over images. */
import { conv2d, type Generator, type Shape, type Tensor } from "../torch/index.ts";
import { torchDefault } from "./init.ts";
import { Module } from "./module.ts";

type Pair = number | readonly [number, number];

export interface Conv2dOptions {
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  groups?: number;
  bias?: boolean;
  /** Initial weight; PyTorch's default where left out. */
  init?: (shape: Shape, generator: Generator) => Tensor;
}

/** x (B, input, H, W) → (B, output, H', W'); state `weight` (output, input / groups, h, w), `bias` (output). */
export class Conv2d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  private readonly options: Conv2dOptions;

  constructor(
    input: number,
    output: number,
    kernel: Pair,
    generator: Generator,
    options: Conv2dOptions = {},
  ) {
    super();
    this.options = options;
    const [h, w] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const shape = [output, input / (options.groups ?? 1), h, w];
    const start = torchDefault(shape, options.bias ?? true, generator);
    if (options.init !== undefined) {
      start.weight.dispose();
      start.weight = options.init(shape, generator);
    }
    this.weight = this.param("weight", start.weight);
    this.bias = start.bias && this.param("bias", start.bias);
  }

  override forward(x: Tensor): Tensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options;
    return conv2d(x, this.weight, { bias: this.bias, stride, padding, dilation, groups });
  }
}
