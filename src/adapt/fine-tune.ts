/**
 * Fine-tuning: a network that has learned the source is trained further on the graded rows of the target.
 *
 * Papers: Yosinski, Clune, Bengio, Lipson 2014, arXiv:1411.1792 (which layers are copied, and which trained further); Howard
 * and Ruder 2018, arXiv:1801.06146, section 3.2 (each layer has its own rate).
 *
 * 1. The last N blocks of the encoder are trained, with the head and the classifier; the blocks below stay as they are.
 * 2. η_l = ξ^(L + 1 − l) η is the rate of block l of L; head and classifier have η. Howard and Ruder's ξ is 1 / 2.6.
 * 3. L = −E[Σ_k y_k log softmax(C(M(x)))_k] over graded rows, y their labels, soft or not.
 * 4. Batch norm in evaluation mode (`normHeld`): a few rows, mostly chosen ones, don't replace the start's statistics.
 *
 * Without a model to start from (`--from`), the source is learned first.
 *
 * Our deviations: blocks are not unfrozen one after the other, and the rate falls by a cosine, not by a slanted triangle.
 */
import { z } from "zod";
import { evenly } from "../foundation/tuning.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import type { Tensor } from "../torch/tensor.ts";
import { blockParameters, withHeld } from "./blocks.ts";
import { frozen } from "./domains.ts";
import { lossGrades } from "./kinds.ts";
import { type Batches, type MethodContext, method, type StepNumbers, type StepPosition } from "./method.ts";
import type { NamesOf, NumberDeclarations } from "./numbers.ts";
import { factorAt, optimizerOf, optimizing, optimizingTuning } from "./optimizing.ts";
import { Staged } from "./staged.ts";
import { clip, type gradientNumbers, supervisedNumbers } from "./supervised.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(10).describe("epochs of training on the graded rows"),
  ...optimizing({ optimizer: "adamw", lr: 1e-4, weightDecay: 1e-2, schedule: "cosine" }),
  trainLast: z
    .number()
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      "N, blocks at the encoder's end that are trained (none: all; 0: the head and the classifier alone)",
    ),
  layerDecay: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("ξ, the rate of each block divided by that of the block after it"),
  normHeld: z
    .boolean()
    .default(true)
    .describe("batch norm in evaluation mode: by the statistics of the start, which stay as they are"),
});

export type FineTuneSettings = z.output<typeof schema>;

const ownNumbers = {
  lossGraded: { kind: "loss", meaning: "cross-entropy of the graded rows' labels" },
  gradedAccuracy: {
    kind: "share",
    meaning: "share of the batch's graded images whose most probable class is predicted",
  },
} as const satisfies NumberDeclarations;

type Numbers = StepNumbers<NamesOf<typeof ownNumbers & typeof gradientNumbers>>;

export const fineTune = method({
  name: "fine-tune",
  paper: "Yosinski et al. 2014 (arXiv:1411.1792), Howard and Ruder 2018 (arXiv:1801.06146)",
  summary: "trains a network that knows the source on the target's graded rows, its last blocks or all",
  schema,
  tuning: {
    epochs: "budget",
    ...optimizingTuning,
    trainLast: "fixed",
    layerDecay: evenly(0.3, 1),
    normHeld: "choices",
  },
  numbers: { ...supervisedNumbers, ...ownNumbers },
  needsTarget: false,
  graded: "needed",
  kinds: true,
  separateSource: false,
  build: (settings, context) => new FineTune(settings, context),
});

class FineTune extends Staged<Numbers, "needed"> {
  private readonly settings: FineTuneSettings;
  private readonly network: Network;
  private readonly trained: readonly Tensor[];
  private readonly held: readonly Tensor[];
  private readonly optimizer: Optimizer;

  constructor(settings: FineTuneSettings, context: MethodContext) {
    const { epochs, trainLast, layerDecay, lr } = settings;
    super(context, { epochs, batch: { source: 0, target: 0, graded: context.gradedBatch } }, true);
    this.settings = settings;
    this.network = context.network;
    // From the last block down, so that a block's rate is ξ to the power of its number.
    const { blocks, rest } = blockParameters(context.network, context.blocks);
    const downwards = blocks.reverse();
    const last = trainLast ?? downwards.length;
    const groups = [rest, ...downwards.slice(0, last)].map((parameters, k) => ({
      parameters,
      lr: lr * layerDecay ** k,
    }));
    this.trained = groups.flatMap(({ parameters }) => [...parameters.values()]);
    this.held = downwards.slice(last).flatMap((parameters) => [...parameters.values()]);
    this.optimizer = optimizerOf(groups, settings);
  }

  protected override adapt({ graded }: Batches<"needed">, position: StepPosition): Numbers {
    const { network, settings, optimizer } = this;
    const { compute, source: supervised } = this.context;
    network.train();
    return withHeld(this.held, () => {
      const x = graded!.view("weak"); // (G, C, H, W)
      const forward = () => compute(() => network.outputs(network.features(x))).to("float32");
      const outputs = settings.normHeld ? frozen(network, forward) : forward(); // (G, O)
      const loss = lossGrades(network, outputs, graded!, supervised.labelSmoothing);
      optimizer.zeroGrad();
      loss.backward();
      const norm = clip(this.trained, supervised.clip);
      optimizer.factor = factorAt(settings, position);
      optimizer.step();
      optimizer.zeroGrad();
      const right = network.classLogits(outputs).argmax(1).eq(graded!.labels.argmax(1));
      return {
        lossGraded: loss.detach(),
        gradedAccuracy: right.to("float32").mean(),
        ...norm,
        lr: settings.lr * optimizer.factor,
      };
    });
  }

  protected override get adapted(): Network {
    return this.network;
  }
  protected override get parts() {
    const { network, optimizer } = this;
    return { network, optimizer };
  }
}
