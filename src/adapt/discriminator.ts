/** D: tells the domain of an image from its features. */
import { z } from "zod";
import { Mlp } from "../nn/mlp.ts";
import { Module } from "../nn/module.ts";
import { noGrad } from "../torch/autograd.ts";
import { zeros } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { NumberDeclarations } from "./numbers.ts";

/** Hidden widths; the default for 256 features is 256-128-128-1, as in the GSoC 2022 DeepLense project. */
export const discriminatorWidths = z
  .array(z.number().int().min(1))
  .default([128, 128])
  .describe("hidden widths of the discriminator, PReLU after each");

/** A discriminator's loss and its accuracy on each domain. */
export const discriminatorNumbers = {
  lossD: { kind: "loss", meaning: "the discriminator's cross-entropy of the domains" },
  sourceFound: {
    kind: "share",
    meaning: "share of the source images that the discriminator recognises",
    discriminated: "source",
  },
  targetFound: {
    kind: "share",
    meaning: "share of the target images that the discriminator recognises",
    discriminated: "target",
  },
} as const satisfies NumberDeclarations;

/** Prevents a division by zero for a feature that never varies. */
const EPSILON = 1e-8;

/**
 * f (B, F) → (B, 1), the logit of "source". Features of both domains are first standardised by the mean and the
 * standard deviation of the source features so far: an affine map that doesn't change what D can tell apart, and makes
 * its pace of learning independent of the encoder's scale. State `mean`, `square` (F), `batches` (), `layers.0.weight`, ….
 */
export class Discriminator extends Module {
  private readonly mean: Tensor;
  private readonly square: Tensor;
  private readonly batches: Tensor;
  private readonly layers: Mlp;

  constructor(features: number, hidden: readonly number[], seed: number) {
    super();
    this.mean = this.buffer("mean", zeros([features]));
    this.square = this.buffer("square", zeros([features]));
    this.batches = this.buffer("batches", zeros([]));
    const widths = [features, ...hidden, 1];
    this.layers = this.child("layers", new Mlp(widths, new Generator(seed), { activation: "prelu" }));
  }

  /** Adds a batch of source features (B, F) to the statistics, the means over all batches so far. */
  observe(features: Tensor): void {
    noGrad(() =>
      tidy(() => {
        this.batches.copy_(this.batches.add(1));
        for (const [moment, now] of [
          [this.mean, features.mean(0)],
          [this.square, features.square().mean(0)],
        ] as const)
          moment.copy_(moment.add(now.sub(moment).div(this.batches)));
      }),
    );
  }

  override forward(features: Tensor): Tensor {
    const deviation = this.square.sub(this.mean.square()).add(EPSILON).sqrt(); // (F)
    return this.layers.forward(features.sub(this.mean).div(deviation));
  }
}
