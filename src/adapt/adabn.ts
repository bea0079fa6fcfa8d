/**
 * AdaBN: adaptive batch normalisation.
 *
 * Paper: Li, Wang, Shi, Liu, Hou 2016, arXiv:1603.04779, algorithm 1.
 *
 * 1. The network learns the source's labels.
 * 2. Every batch norm's mean and variance are computed again, on the target. No weight changes.
 *
 * Our deviations: the statistics are the mean over many batches of weak views, all layers in one pass, not those of the
 * whole target at once.
 */
import { z } from "zod";
import { ArcletError } from "../foundation/errors.ts";
import type { Network } from "../nn/network.ts";
import { noGrad } from "../torch/autograd.ts";
import { batchNormsOf } from "./domains.ts";
import { type Batches, type MethodContext, method, type StepNumbers, type StepPosition } from "./method.ts";
import type { NumberDeclarations } from "./numbers.ts";
import { Staged } from "./staged.ts";
import { supervisedNumbers } from "./supervised.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(1).describe("epochs over which the statistics are collected"),
  batch: z.number().int().min(2).default(64).describe("images of the target per batch"),
});

const numbers = {
  ...supervisedNumbers,
  batches: { kind: "count", meaning: "batches of the target in the statistics so far" },
} as const satisfies NumberDeclarations;

export const adabn = method({
  name: "adabn",
  paper: "Li et al. 2016 (arXiv:1603.04779)",
  summary: "the source's network, normalised by the target's statistics",
  schema,
  tuning: { epochs: "budget", batch: "fixed" },
  numbers,
  needsTarget: true,
  graded: "no",
  separateSource: false,
  build: (settings, context) => new AdaBn(settings, context),
});

class AdaBn extends Staged<StepNumbers<"batches">> {
  constructor({ epochs, batch }: z.output<typeof schema>, context: MethodContext) {
    if (batchNormsOf(context.network).length === 0)
      throw new ArcletError({
        where: "adabn",
        code: "conflict",
        problem: "the encoder must have batch norm, got one without",
      });
    // The source's batch is not used, but the loop counts epochs by it.
    super(context, { epochs, batch: { source: batch, target: batch } }, true);
  }

  protected override adapt({ target }: Batches, position: StepPosition) {
    const { network, compute } = this.context;
    const norms = batchNormsOf(network);
    const momenta = norms.map(({ momentum }) => momentum);
    // Momentum 1 / (i + 1) at step i: the mean over all batches, with nothing left of the source's statistics.
    for (const norm of norms) norm.momentum = 1 / (position.step + 1);
    try {
      network.train();
      noGrad(() => compute(() => network.features(target!.view("weak"))));
    } finally {
      norms.forEach((norm, i) => {
        norm.momentum = momenta[i]!;
      });
    }
    return { batches: position.step + 1 };
  }

  protected override get adapted(): Network {
    return this.context.network;
  }
  protected override get parts() {
    return { network: this.context.network };
  }
}
