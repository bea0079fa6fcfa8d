/** Modules one after the other. */
import type { Tensor } from "../torch/index.ts";
import { Module } from "./module.ts";

/** State names `0.…`, `1.…` by position, as PyTorch's Sequential. */
export class Sequential extends Module {
  readonly layers: readonly Module[];

  constructor(...layers: Module[]) {
    super();
    this.layers = layers.map((layer, index) => this.child(String(index), layer));
  }
  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}
