/** AdamW: Adam (arXiv 1412.6980, algorithm 1) with decoupled weight decay (arXiv 1711.05101, algorithm 2). */
import { addLists_, addNumbers_, addProducts_, addQuotients_, scaleList_, sqrtList } from "../foreach.ts";
import { Optimizer, type Parameters, type Slot } from "./optimizer.ts";

/** Settings of `AdamW`, with PyTorch's defaults. */
export interface AdamWOptions {
  /** Learning rate. */
  lr?: number;
  /** Decay of the mean of gradients. */
  beta1?: number;
  /** Decay of the mean of their squares. */
  beta2?: number;
  /** Added to the denominator. */
  epsilon?: number;
  /** λ; each step multiplies the weights by 1 − lr λ, as in PyTorch. */
  weightDecay?: number;
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101). */
export class AdamW extends Optimizer {
  protected override readonly momentNames = ["exp_avg", "exp_avg_sq"];
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;

  constructor(parameters: Parameters, options: AdamWOptions = {}) {
    super(parameters, options.lr ?? 1e-3, options.weightDecay ?? 1e-2);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-8;
  }

  protected override update(slots: readonly Slot[], lr: number, weightDecay: number): void {
    const { beta1, beta2, epsilon } = this;
    const theta = slots.map((slot) => slot.parameter);
    const g = slots.map((slot) => slot.gradient);
    const m = slots.map((slot) => slot.moments.tensors.exp_avg!);
    const v = slots.map((slot) => slot.moments.tensors.exp_avg_sq!);
    if (weightDecay !== 0) scaleList_(theta, 1 - lr * weightDecay);
    scaleList_(m, beta1);
    addLists_(m, g, 1 - beta1);
    scaleList_(v, beta2);
    addProducts_(v, g, g, 1 - beta2);
    // θ − lr m̂ / (√v̂ + ε), with the bias corrections applied to scalars: one pass over memory less.
    const roots = slots.map((slot) => Math.sqrt(1 - beta2 ** slot.moments.step));
    const rates = slots.map((slot, i) => (-lr * roots[i]!) / (1 - beta1 ** slot.moments.step));
    const denominators = sqrtList(v);
    addNumbers_(
      denominators,
      roots.map((root) => epsilon * root),
    );
    addQuotients_(theta, m, denominators, rates);
  }
}
