/** The affine layer. */
import { linear } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Affine, type AffineOptions } from "./affine.ts";

/** Settings of `Linear`. */
export type LinearOptions = AffineOptions;

/** x (…, input) → (…, output); state `weight` (output, input), `bias` (output). */
export class Linear extends Affine {
  constructor(input: number, output: number, generator: Generator, options: LinearOptions = {}) {
    super([output, input], generator, options);
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
