/** What linear and convolution layers share: a weight, and optionally a bias for each output. */
import type { Generator } from "../torch/random.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { torchDefault } from "./init.ts";
import { Module } from "./module.ts";

export interface AffineOptions {
  /** Whether there is one; yes by default. */
  bias?: boolean;
  /** Initial weight; PyTorch's default if left out. */
  init?: (shape: Shape, generator: Generator) => Tensor;
}

export abstract class Affine extends Module {
  /** (output, …) */
  readonly weight: Tensor;
  /** (output); null for none. */
  readonly bias: Tensor | null;

  /** @param shape the weight's: (output, …) */
  constructor(shape: Shape, generator: Generator, { bias = true, init }: AffineOptions) {
    super();
    const start = torchDefault(shape, bias, generator);
    if (init !== undefined) {
      start.weight.dispose();
      start.weight = init(shape, generator);
    }
    this.weight = this.param("weight", start.weight);
    this.bias = start.bias && this.param("bias", start.bias);
  }
}
