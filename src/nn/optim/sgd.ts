/** Stochastic gradient descent with momentum, Nesterov's on request (Sutskever et al. 2013, PMLR 28, 1139). */
import { refuse } from "../../foundation/errors.ts";
import { addLists, addLists_, scaleList_ } from "../foreach.ts";
import { Optimizer, type Parameters, type Slot } from "./optimizer.ts";

/** Settings of `SGD`, with PyTorch's defaults. */
export interface SGDOptions {
  /** Learning rate. */
  lr?: number;
  /** Share of the last step in the next. */
  momentum?: number;
  /** Whether the gradient is looked up ahead, as Nesterov's. */
  nesterov?: boolean;
  /** λ; added to the gradient as λ θ (an L2 penalty). */
  weightDecay?: number;
}

/** b ← momentum b + g, θ ← θ − lr b (with Nesterov θ − lr (g + momentum b)), as in PyTorch. */
export class SGD extends Optimizer {
  protected override readonly momentNames: readonly string[];
  private readonly momentum: number;
  private readonly nesterov: boolean;

  constructor(parameters: Parameters, options: SGDOptions = {}) {
    super(parameters, options.lr ?? 1e-2, options.weightDecay ?? 0);
    this.momentum = options.momentum ?? 0;
    this.nesterov = options.nesterov ?? false;
    if (this.nesterov && this.momentum === 0)
      refuse("SGD", "momentum", "above 0 with nesterov", this.momentum);
    this.momentNames = this.momentum === 0 ? [] : ["momentum_buffer"];
  }

  protected override update(slots: readonly Slot[], lr: number, weightDecay: number): void {
    const { momentum, nesterov } = this;
    const theta = slots.map((slot) => slot.parameter);
    let g = slots.map((slot) => slot.gradient);
    if (weightDecay !== 0) g = addLists(g, theta, weightDecay);
    if (momentum !== 0) {
      // PyTorch starts the buffer at the first gradient; starting at zero gives the same numbers.
      const b = slots.map((slot) => slot.moments.tensors.momentum_buffer!);
      scaleList_(b, momentum);
      addLists_(b, g);
      g = nesterov ? addLists(g, b, momentum) : b;
    }
    addLists_(theta, g, -lr);
  }
}
