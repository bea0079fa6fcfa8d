/** Modules in sequence. */
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

/**
 * Runs one module after the other. Temporary tensors, and values between modules that autograd does not need, are freed
 * at once: the next module then works in memory that is still in the cache.
 */
export function run(modules: readonly Module[], x: Tensor): Tensor {
  return modules.reduce((value, module) => {
    const next = tidy(() => module.forward(value));
    if (value !== x && next !== value) value.dispose();
    return next;
  }, x);
}

/** State `0.…`, `1.…`, by position, as in PyTorch's Sequential. */
export class Sequential extends Module {
  /** Its layers, in their order. */
  readonly layers: readonly Module[];

  constructor(...layers: Module[]) {
    super();
    this.layers = layers.map((layer, index) => this.child(String(index), layer));
  }
  override forward(x: Tensor): Tensor {
    return run(this.layers, x);
  }
}
