/**
 * AdaBN: adaptive batch normalisation.
 *
 * Paper: Li, Wang, Shi, Liu, Hou 2016, arXiv:1603.04779, algorithm 1.
 *
 * 1. The network learns the source's labels.
 * 2. Every batch norm's mean and variance are computed again, on the target. No weight changes.
 *
 * Our deviations: the statistics are equal parts of those of `batches` batches of weak views, layer by layer in one pass,
 * not of the whole target at once.
 */
import { z } from "zod";
import { ArcletError } from "../foundation/errors.ts";
import type { Network } from "../nn/network.ts";
import { noGrad } from "../torch/autograd.ts";
import { batchNormsOf } from "./domains.ts";
import { type Batches, type MethodContext, method, type StepNumbers, type StepPlace } from "./method.ts";
import { Staged } from "./staged.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(1).describe("epochs over which the statistics are collected"),
  batch: z.number().int().min(2).default(64).describe("images of the target a batch"),
});

export const adabn = method({
  name: "adabn",
  paper: "Li et al. 2016 (arXiv:1603.04779)",
  summary: "the source's network, normalised by the target's statistics",
  schema,
  needsTarget: true,
  build: (settings, context) => new AdaBn(settings, context),
});

class AdaBn extends Staged {
  constructor({ epochs, batch }: z.output<typeof schema>, context: MethodContext) {
    if (batchNormsOf(context.network).length === 0)
      throw new ArcletError({
        where: "adabn",
        code: "conflict",
        problem: "the encoder must have batch norm, got one without",
      });
    // The source's batch is not used; the loop counts epochs by it.
    super(context, { epochs, batch: { source: batch, target: batch } }, true);
  }

  protected override adapt({ target }: Batches, place: StepPlace): StepNumbers {
    const { network, compute } = this.context;
    const norms = batchNormsOf(network);
    const usual = norms.map(({ momentum }) => momentum);
    // Step i adds one part in i + 1: equal parts of all, and none of the source's.
    for (const norm of norms) norm.momentum = 1 / (place.step + 1);
    try {
      network.train();
      noGrad(() => compute(() => network.features(target!.view("weak"))));
    } finally {
      norms.forEach((norm, i) => {
        norm.momentum = usual[i]!;
      });
    }
    return { batches: place.step + 1 };
  }

  protected override get adapted(): Network {
    return this.context.network;
  }
  protected override get parts() {
    return { network: this.context.network };
  }
}
