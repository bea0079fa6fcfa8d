/** The multilayer perceptron. */
import { refuse } from "../foundation/errors.ts";
import type { Generator } from "../torch/random.ts";
import { PReLU, ReLU } from "./activations.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { Sequential } from "./sequential.ts";

/** Settings of `Mlp`. */
export interface MlpOptions {
  /** What follows every layer but the last. */
  activation?: "relu" | "prelu";
}

/** x (B, widths[0]) → (B, last width). Layers 0, 2, 4, … are linear, the others activations. */
export class Mlp extends Sequential {
  constructor(widths: readonly number[], generator: Generator, { activation = "relu" }: MlpOptions = {}) {
    if (widths.length < 2) refuse("Mlp", "widths", "at least two numbers", widths);
    const layers: Module[] = [];
    for (let i = 1; i < widths.length; i++) {
      if (i > 1) layers.push(activation === "relu" ? new ReLU() : new PReLU());
      layers.push(new Linear(widths[i - 1]!, widths[i]!, generator));
    }
    super(...layers);
  }
}
