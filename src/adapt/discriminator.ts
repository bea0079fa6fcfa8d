/** D: tells from the features of an image which domain it comes from. */
import { z } from "zod";
import { Mlp } from "../nn/index.ts";
import { Generator } from "../torch/index.ts";

/** Hidden widths; the default on features of 256 is 256-128-128-1, the size of the GSoC 2022 DeepLense project. */
export const discriminatorWidths = z
  .array(z.number().int().min(1))
  .default([128, 128])
  .describe("hidden widths of the discriminator, PReLU after each");

/** f (B, F) → (B, 1), the logit of "source". */
export const buildDiscriminator = (features: number, hidden: readonly number[], seed: number): Mlp =>
  new Mlp([features, ...hidden, 1], new Generator(seed), { activation: "prelu" });
