/** Layer normalisation (Ba, Kiros and Hinton 2016, arXiv 1607.06450). */
import { ones, zeros } from "../torch/create.ts";
import { layerNorm } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

/** x (…, features) → the same shape, each vector normalised by its own statistics. State `weight`, `bias` (features). */
export class LayerNorm extends Module {
  /** γ, of the normalised shape. */
  readonly weight: Tensor;
  /** β, of the normalised shape. */
  readonly bias: Tensor;
  private readonly epsilon: number;

  constructor(features: number, epsilon = 1e-5) {
    super();
    this.epsilon = epsilon;
    this.weight = this.param("weight", ones([features]));
    this.bias = this.param("bias", zeros([features]));
  }

  override forward(x: Tensor): Tensor {
    // libtorch refuses mixed types here, and under autocast a convolution's output is bfloat16.
    return layerNorm(x.to(this.weight.dtype), this.weight.shape, this.weight, this.bias, this.epsilon);
  }
}
