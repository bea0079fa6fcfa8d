/** Activations as layers, and what may follow a norm. */
import { isRecording } from "../torch/autograd.ts";
import { full } from "../torch/create.ts";
import { type AfterNorm, relu_, silu_ } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/** x σ(x). In bfloat16 libtorch's own takes twice as long as the way through float32. */
export function silu(x: Tensor): Tensor {
  if (x.dtype !== "bfloat16") return isRecording() ? x.silu() : silu_(x);
  const wide = x.to("float32");
  return (isRecording() ? wide.silu() : silu_(wide)).to("bfloat16");
}

/** act(y + added), in y's memory where it can be: what made y must not need its values for the gradient. */
export function finished(y: Tensor, { added = null, activation = "none" }: AfterNorm): Tensor {
  const z = added === null ? y : y.add(added);
  if (activation === "relu") return relu_(z);
  return activation === "silu" ? silu(z) : z;
}

/** x for x > 0, else α (eˣ − 1). */
export class ELU extends Module {
  private readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }
  override forward(x: Tensor): Tensor {
    return x.elu(this.alpha);
  }
}

/** x for x > 0, else a x with a learned slope a: one for all, or one per channel (dimension 1). State `weight`. */
export class PReLU extends Module {
  /** The slope left of 0. */
  readonly weight: Tensor;

  constructor(channels = 1, slope = 0.25) {
    super();
    this.weight = this.param("weight", full([channels], slope));
  }
  override forward(x: Tensor): Tensor {
    // The backward pass of libtorch's own `prelu` is 50 times slower (17 ms for 64 × 500 on two cores, libtorch 1.13).
    const slope =
      this.weight.size === 1 ? this.weight : this.weight.reshape([-1, ...x.shape.slice(2).fill(1)]);
    return x.relu().add(x.clamp(null, 0).mul(slope));
  }
}
