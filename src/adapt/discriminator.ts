/** D: tells from the features of an image which domain it comes from. */
import { z } from "zod";
import { Mlp } from "../nn/mlp.ts";
import { Module } from "../nn/module.ts";
import { noGrad } from "../torch/autograd.ts";
import { zeros } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { NumberDeclarations } from "./numbers.ts";

/** Hidden widths; the default on features of 256 is 256-128-128-1, the size of the GSoC 2022 DeepLense project. */
export const discriminatorWidths = z
  .array(z.number().int().min(1))
  .default([128, 128])
  .describe("hidden widths of the discriminator, PReLU after each");

/** How much of each domain a discriminator finds, and its own loss. */
export const discriminatorNumbers = {
  lossD: { kind: "loss", meaning: "the discriminator's cross-entropy of the domains" },
  sourceFound: {
    kind: "share",
    meaning: "part of the source images that the discriminator finds out",
    discriminated: "source",
  },
  targetFound: {
    kind: "share",
    meaning: "part of the target images that the discriminator finds out",
    discriminated: "target",
  },
} as const satisfies NumberDeclarations;

/** Keeps a feature that never varies from being divided by zero. */
const EPSILON = 1e-8;

/**
 * f (B, F) → (B, 1), the logit of "source". Features are first standardised, both domains' alike, by the mean and the
 * standard deviation of the source features seen so far: an affine map that changes nothing of what D can tell and
 * makes its pace independent of the encoder's scale. State `mean`, `square` (F), `batches` (), `layers.0.weight`, ….
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

  /** Counts a batch of source features (B, F) in: equal parts of all batches so far. */
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
