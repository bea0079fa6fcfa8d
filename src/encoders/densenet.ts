/**
 * DenseNet-121 (Huang et al. 2016, arXiv 1608.06993): each layer sees the maps of all layers before it in its block.
 * Names, order and the ReLU after the last norm are those of timm's `densenet121`.
 *
 * Our deviations: none in the computed function.
 */
import { z } from "zod";
import { BatchNorm } from "../nn/batchnorm.ts";
import { Conv2d } from "../nn/conv2d.ts";
import * as init from "../nn/init.ts";
import { Module } from "../nn/module.ts";
import { MaxPool2d } from "../nn/pooling.ts";
import { run } from "../nn/sequential.ts";
import { cat } from "../torch/create.ts";
import { avgPool2d } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

const densenetConfig = z.object({
  blocks: z
    .array(z.number().int().min(1))
    .min(1)
    .default([6, 12, 24, 16])
    .describe("layers of each dense block; 6, 12, 24, 16 is DenseNet-121"),
  growth: z.number().int().min(1).default(32).describe("channels that each layer adds"),
  width: z.number().int().min(1).default(64).describe("channels of the stem"),
});

/** Channels of a layer's bottleneck, divided by its growth (section 3, "bottleneck layers"). */
const BOTTLENECK = 4;

const RELU = { activation: "relu" } as const;

const conv = (input: number, output: number, kernel: number, generator: Generator, stride = 1) => {
  const padding = (kernel - 1) >> 1;
  return new Conv2d(input, output, kernel, generator, {
    stride,
    padding,
    bias: false,
    init: init.kaimingNormal,
  });
};

/** norm1 → ReLU → 1×1 → norm2 → ReLU → 3×3, concatenated with the input. x (B, I, h, w) → (B, I + growth, h, w) */
class DenseLayer extends Module {
  private readonly norm1: BatchNorm;
  private readonly conv1: Conv2d;
  private readonly norm2: BatchNorm;
  private readonly conv2: Conv2d;

  constructor(input: number, growth: number, generator: Generator) {
    super();
    this.norm1 = this.child("norm1", new BatchNorm(input));
    this.conv1 = this.child("conv1", conv(input, BOTTLENECK * growth, 1, generator));
    this.norm2 = this.child("norm2", new BatchNorm(BOTTLENECK * growth));
    this.conv2 = this.child("conv2", conv(BOTTLENECK * growth, growth, 3, generator));
  }

  override forward(maps: Tensor): Tensor {
    const narrow = tidy(() => this.conv1.normed(this.norm1.followed(maps, RELU), this.norm2, RELU));
    return cat([maps, this.conv2.forward(narrow)], 1);
  }
}

/** Layers `denselayer1`, …, each on the maps of all previous ones. x (B, I, h, w) → (B, I + count · growth, h, w) */
class DenseBlock extends Module {
  private readonly layers: readonly DenseLayer[];

  constructor(count: number, input: number, growth: number, generator: Generator) {
    super();
    this.layers = Array.from({ length: count }, (_, i) =>
      this.child(`denselayer${i + 1}`, new DenseLayer(input + i * growth, growth, generator)),
    );
  }

  override forward(x: Tensor): Tensor {
    return run(this.layers, x);
  }
}

/** norm → ReLU → 1×1 to half the channels → 2×2 mean. */
class Transition extends Module {
  private readonly norm: BatchNorm;
  private readonly conv: Conv2d;

  constructor(input: number, output: number, generator: Generator) {
    super();
    this.norm = this.child("norm", new BatchNorm(input));
    this.conv = this.child("conv", conv(input, output, 1, generator));
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(this.conv.forward(this.norm.followed(x, RELU)), 2);
  }
}

/** The modules that timm has under `features`. */
class Features extends Module {
  readonly width: number;
  private readonly conv0: Conv2d;
  private readonly norm0: BatchNorm;
  private readonly pool0: MaxPool2d;
  private readonly stages: readonly Module[];
  private readonly norm5: BatchNorm;

  constructor(
    { blocks, growth, width }: z.output<typeof densenetConfig>,
    { channels, generator }: BuildContext,
  ) {
    super();
    this.conv0 = this.child("conv0", conv(channels, width, 7, generator, 2));
    this.norm0 = this.child("norm0", new BatchNorm(width));
    this.pool0 = new MaxPool2d(3, 2, 1);
    const stages: Module[] = [];
    let input = width;
    for (const [i, count] of blocks.entries()) {
      stages.push(this.child(`denseblock${i + 1}`, new DenseBlock(count, input, growth, generator)));
      input += count * growth;
      if (i === blocks.length - 1) break;
      const output = input >> 1;
      stages.push(this.child(`transition${i + 1}`, new Transition(input, output, generator)));
      input = output;
    }
    this.stages = stages;
    this.norm5 = this.child("norm5", new BatchNorm(input));
    this.width = input;
  }

  override forward(x: Tensor): Tensor {
    const y = this.pool0.forward(this.conv0.normed(x, this.norm0, RELU)); // (B, width, H / 4, W / 4)
    return this.norm5.followed(run(this.stages, y), RELU);
  }

  /** The stem, then dense blocks and transitions in turn; the last norm belongs to the last dense block. */
  blockNames() {
    const stages = this.stages.map((_, i) => [`${i % 2 === 0 ? "denseblock" : "transition"}${(i >> 1) + 1}`]);
    return [["conv0", "norm0"], ...stages.slice(0, -1), [...stages.at(-1)!, "norm5"]];
  }
}

/** State `features.conv0.weight`, …, `features.denseblock1.denselayer1.norm1.weight`, …, `features.norm5.weight`, … */
class DenseNet extends ConvEncoder {
  readonly features: number;
  private readonly body: Features;

  constructor(config: z.output<typeof densenetConfig>, context: BuildContext) {
    super();
    this.body = this.child("features", new Features(config, context));
    this.features = this.body.width;
  }

  override featureMap(x: Tensor): Tensor {
    return this.body.forward(x); // (B, F, H / 32, W / 32)
  }

  override blockNames() {
    return this.body.blockNames().map((names) => names.map((name) => `features.${name}`));
  }
}

export const densenet121 = encoderEntryOf({
  name: "densenet121",
  summary: "densely connected network of 121 layers; timm's densenet121",
  paper: "arXiv 1608.06993",
  map: "the encoder's last feature map",
  config: densenetConfig,
  tuning: { blocks: "fixed", growth: "fixed", width: "fixed" },
  build: (config, context) => new DenseNet(config, context),
});
