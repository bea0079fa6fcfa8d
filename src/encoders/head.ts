/** The head of the DeepLense project's networks, between encoder and classifier. */
import { z } from "zod";
import { PReLU } from "../nn/activations.ts";
import { Dropout } from "../nn/dropout.ts";
import { Linear } from "../nn/linear.ts";
import { Sequential } from "../nn/sequential.ts";
import type { Generator } from "../torch/random.ts";

/** The head's settings. */
export const headConfig = z.object({
  width: z.number().int().min(1).default(256).describe("length of the features that domains are aligned on"),
  dropout: z.number().min(0).lt(1).default(0.5).describe("share of encoder features dropped in training"),
});

/** Dropout, linear, PReLU. x (B, features) → (B, width); state `1.weight`, `1.bias`, `2.weight`. */
export class Head extends Sequential {
  /** Length of its features, F. */
  readonly width: number;

  constructor(features: number, config: z.output<typeof headConfig>, generator: Generator) {
    super(new Dropout(config.dropout), new Linear(features, config.width, generator), new PReLU());
    this.width = config.width;
  }
}
