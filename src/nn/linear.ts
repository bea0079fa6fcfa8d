/** The affine layer. */
import { type Generator, linear, type Tensor } from "../torch/index.ts";
import { Affine, type AffineOptions } from "./affine.ts";

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
