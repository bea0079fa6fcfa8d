/** Modules one after the other. */
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

/**
 * One module after the other. What a module made on its way, and what autograd has not kept of the values between
 * them, is freed as it goes: the next one then works in memory that is still in the cache.
 */
export function run(modules: readonly Module[], x: Tensor): Tensor {
  return modules.reduce((value, module) => {
    const next = tidy(() => module.forward(value));
    if (value !== x && next !== value) value.dispose();
    return next;
  }, x);
}

/** State names `0.…`, `1.…` by position, as PyTorch's Sequential. */
export class Sequential extends Module {
  readonly layers: readonly Module[];

  constructor(...layers: Module[]) {
    super();
    this.layers = layers.map((layer, index) => this.child(String(index), layer));
  }
  override forward(x: Tensor): Tensor {
    return run(this.layers, x);
  }
}
