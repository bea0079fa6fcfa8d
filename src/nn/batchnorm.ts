/** Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) of vectors and of images. */
import { noGrad } from "../torch/autograd.ts";
import { call } from "../torch/call.ts";
import { full, ones, zeros } from "../torch/create.ts";
import { type AfterNorm, batchNorm, batchNormActivation } from "../torch/neural.ts";
import { currentDivision } from "../torch/ranks.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { isWatched } from "../torch/watching.ts";
import { finished } from "./activations.ts";
import { dividedBatchNorm } from "./divided-batchnorm.ts";
import { Module } from "./module.ts";

/** Settings of `BatchNorm`, with PyTorch's defaults. */
export interface BatchNormOptions {
  /** Added to the variance. */
  epsilon?: number;
  /** How far each training step moves the running statistics towards the batch's. */
  momentum?: number;
  /** Initial weight of every feature. */
  scale?: number;
}

/**
 * x (B, features) or (B, features, …) → the same shape. In training it normalises by the batch's statistics, otherwise by
 * the running ones. State `weight`, `bias`, `running_mean`, `running_var` (features), `num_batches_tracked` ().
 */
export class BatchNorm extends Module {
  /** γ (C). */
  readonly weight: Tensor;
  /** β (C). */
  readonly bias: Tensor;
  /** Running mean (C). */
  readonly runningMean: Tensor;
  /** Running variance (C). */
  readonly runningVar: Tensor;
  /** Batches seen in training (), int64. */
  readonly batchesTracked: Tensor;
  /** Whether training moves the running statistics. If not, a training pass changes nothing in the layer. */
  tracking = true;
  /** Added to the variance. */
  readonly epsilon: number;
  /** As in the options; may be changed. */
  momentum: number;

  constructor(features: number, options: BatchNormOptions = {}) {
    super();
    this.epsilon = options.epsilon ?? 1e-5;
    this.momentum = options.momentum ?? 0.1;
    this.weight = this.param("weight", full([features], options.scale ?? 1));
    this.bias = this.param("bias", zeros([features]));
    this.runningMean = this.buffer("running_mean", zeros([features]));
    this.runningVar = this.buffer("running_var", ones([features]));
    this.batchesTracked = this.buffer("num_batches_tracked", zeros([], { dtype: "int64" }));
  }

  /**
   * What evaluation amounts to: x · scale + shift, feature by feature.
   *
   * @returns both (features), in the enclosing scope
   */
  affine(): { scale: Tensor; shift: Tensor } {
    const scale = this.runningVar.add(this.epsilon).rsqrt().mul(this.weight);
    return { scale, shift: this.bias.sub(this.runningMean.mul(scale)) };
  }

  override forward(x: Tensor): Tensor {
    return this.followed(x, {});
  }

  /** The norm, then `added` added to it, then an activation: one operator, if it may be. */
  followed(x: Tensor, after: AfterNorm): Tensor {
    const { weight, bias, epsilon } = this;
    const division = this.training ? currentDivision() : null;
    if (division !== null) return finished(this.divided(x, division.rows), after);
    const tracks = this.tracking || !this.training;
    const runningMean = tracks ? this.runningMean : null;
    const runningVar = tracks ? this.runningVar : null;
    if (this.training && this.tracking)
      noGrad(() => (call("aten::add_.Scalar", this.batchesTracked, 1) as Tensor).dispose());
    const state = { weight, bias, runningMean, runningVar };
    const momentum = this.training && this.tracking ? this.momentum : 0;
    // Other engines know libtorch's operators, not ours.
    if (isWatched()) return finished(batchNorm(x, state, this.training, momentum, epsilon), after);
    return batchNormActivation(x, state, this.training, momentum, epsilon, after);
  }

  /** By the statistics of a whole batch whose rows are divided among ranks. */
  private divided(x: Tensor, rows: number): Tensor {
    const { y, mean, variance, count } = dividedBatchNorm(x, this, rows);
    if (this.tracking)
      noGrad(() =>
        tidy(() => {
          const unbiased = variance.mul(count / (count - 1));
          for (const [running, now] of [
            [this.runningMean, mean],
            [this.runningVar, unbiased],
          ] as const)
            running.copy_(running.mul(1 - this.momentum).add(now.mul(this.momentum)));
          (call("aten::add_.Scalar", this.batchesTracked, 1) as Tensor).dispose();
        }),
      );
    return y;
  }
}
