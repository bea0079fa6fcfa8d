/**
 * ConvNeXt, atto (Liu et al. 2022, arXiv 2201.03545, section 2; the size of the atto of ConvNeXt V2, arXiv 2301.00808,
 * table 9): a convolutional network designed like a transformer. Names are those of timm's `convnext_atto`.
 *
 * Our deviations: no stochastic depth.
 */
import { z } from "zod";
import { Conv2d } from "../nn/conv2d.ts";
import * as init from "../nn/init.ts";
import { LayerNorm } from "../nn/layernorm.ts";
import { Module } from "../nn/module.ts";
import { run, Sequential } from "../nn/sequential.ts";
import { noGrad } from "../torch/autograd.ts";
import { full, zeros } from "../torch/create.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

const convnextConfig = z.object({
  blocks: z
    .array(z.number().int().min(1))
    .length(4)
    .default([2, 2, 6, 2])
    .describe("blocks of each stage; 2, 2, 6, 2 is atto"),
  width: z.number().int().min(1).default(40).describe("channels of the first stage; they double with each"),
});

/** Width of a block's hidden layer, divided by its channels. */
const HIDDEN = 4;
const EPSILON = 1e-6;
/** Initial scale of a block's branch (arXiv 2103.17239). */
const LAYER_SCALE = 1e-6;

const small = (shape: Shape, generator: Generator) => init.normal(shape, 0.02, generator);

function conv(input: number, output: number, kernel: number, generator: Generator, options = {}): Conv2d {
  const layer = new Conv2d(input, output, kernel, generator, { ...options, init: small });
  noGrad(() => layer.bias!.copy_(zeros([output])));
  return layer;
}

/** Normalises over channels at each position. x (B, C, H, W) → the same shape; state `weight`, `bias` (C) */
class ChannelNorm extends LayerNorm {
  constructor(channels: number) {
    super(channels, EPSILON);
  }
  override forward(x: Tensor): Tensor {
    return super.forward(x.permute([0, 2, 3, 1])).permute([0, 3, 1, 2]);
  }
}

/** The two 1×1 convolutions of a block. */
class Pointwise extends Module {
  private readonly fc1: Conv2d;
  private readonly fc2: Conv2d;

  constructor(channels: number, generator: Generator) {
    super();
    this.fc1 = this.child("fc1", conv(channels, HIDDEN * channels, 1, generator));
    this.fc2 = this.child("fc2", conv(HIDDEN * channels, channels, 1, generator));
  }
  override forward(x: Tensor): Tensor {
    return this.fc2.forward(this.fc1.forward(x).gelu());
  }
}

/** Depthwise 7×7 → norm → wider → GELU → narrower → γ, added to the input (figure 4). */
class Block extends Module {
  private readonly gamma: Tensor;
  private readonly depthwise: Conv2d;
  private readonly norm: ChannelNorm;
  private readonly mlp: Pointwise;

  constructor(channels: number, generator: Generator) {
    super();
    this.gamma = this.param("gamma", full([channels], LAYER_SCALE));
    const depthwise = { padding: 3, groups: channels };
    this.depthwise = this.child("conv_dw", conv(channels, channels, 7, generator, depthwise));
    this.norm = this.child("norm", new ChannelNorm(channels));
    this.mlp = this.child("mlp", new Pointwise(channels, generator));
  }

  override forward(x: Tensor): Tensor {
    const mixed = tidy(() => this.norm.forward(this.depthwise.forward(x)));
    return this.mlp
      .forward(mixed)
      .mul(this.gamma.reshape([1, -1, 1, 1]))
      .add(x);
  }
}

/** Halves the image (except in the first stage), then runs its blocks. */
class Stage extends Module {
  private readonly downsample: Sequential | null;
  private readonly blocks: readonly Block[];

  constructor(input: number, output: number, count: number, generator: Generator) {
    super();
    const halve = () =>
      new Sequential(new ChannelNorm(input), conv(input, output, 2, generator, { stride: 2 }));
    this.downsample = input === output ? null : this.child("downsample", halve());
    const blocks = Array.from({ length: count }, () => new Block(output, generator));
    this.blocks = this.childList("blocks", blocks);
  }

  override forward(x: Tensor): Tensor {
    return run(this.blocks, this.downsample === null ? x : this.downsample.forward(x));
  }

  /** What halves the image belongs to the first block. */
  blockNames(): string[][] {
    const [first, ...others] = this.blocks.map((_, i) => [`blocks.${i}`]);
    return [["downsample", ...first!], ...others];
  }
}

/** State `stem.0.weight`, …, `stages.0.blocks.0.gamma`, …, `stages.1.downsample.0.weight`, …, `head.norm.weight`, … */
class ConvNext extends ConvEncoder {
  readonly features: number;
  private readonly stem: Sequential;
  private readonly stages: readonly Stage[];
  private readonly norm: LayerNorm;

  constructor({ blocks, width }: z.output<typeof convnextConfig>, { channels, generator }: BuildContext) {
    super();
    const stem = new Sequential(conv(channels, width, 4, generator, { stride: 4 }), new ChannelNorm(width));
    this.stem = this.child("stem", stem);
    const widths = blocks.map((_, stage) => width * 2 ** stage);
    const stages = blocks.map(
      (count, i) => new Stage(widths[Math.max(0, i - 1)]!, widths[i]!, count, generator),
    );
    this.stages = this.childList("stages", stages);
    this.features = widths[3]!;
    this.norm = this.child("head.norm", new LayerNorm(this.features, EPSILON));
  }

  override featureMap(x: Tensor): Tensor {
    return run(this.stages, this.stem.forward(x)); // (B, 8 width, H / 32, W / 32)
  }

  override pool(map: Tensor): Tensor {
    return this.norm.forward(super.pool(map));
  }

  /** The stem, then each block; the last norm belongs to the last one. */
  override blockNames() {
    const blocks = this.stages.flatMap((stage, i) =>
      stage.blockNames().map((names) => names.map((name) => `stages.${i}.${name}`)),
    );
    return [["stem"], ...blocks.slice(0, -1), [...blocks.at(-1)!, "head.norm"]];
  }
}

export const convnextAtto = encoderEntryOf({
  name: "convnext_atto",
  summary: "convolutional network designed like a transformer, smallest size; timm's convnext_atto",
  paper: "arXiv 2201.03545",
  map: "the encoder's last feature map",
  config: convnextConfig,
  tuning: { blocks: "fixed", width: "fixed" },
  build: (config, context) => new ConvNext(config, context),
});
