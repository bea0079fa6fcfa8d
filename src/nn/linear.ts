/** The affine layer. */
import { type Generator, linear, type Shape, type Tensor } from "../torch/index.ts";
import { torchDefault } from "./init.ts";
import { Module } from "./module.ts";

export interface LinearOptions {
  bias?: boolean;
  /** Initial weight; PyTorch's default where left out. */
  init?: (shape: Shape, generator: Generator) => Tensor;
}

/** x (…, input) → (…, output); state `weight` (output, input), `bias` (output). */
export class Linear extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(input: number, output: number, generator: Generator, options: LinearOptions = {}) {
    super();
    const shape = [output, input];
    const start = torchDefault(shape, options.bias ?? true, generator);
    if (options.init !== undefined) {
      start.weight.dispose();
      start.weight = options.init(shape, generator);
    }
    this.weight = this.param("weight", start.weight);
    this.bias = start.bias && this.param("bias", start.bias);
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
