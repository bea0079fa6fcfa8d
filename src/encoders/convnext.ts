/**
 * ConvNeXt (Liu et al. 2022, arXiv 2201.03545, section 2): a convolutional network designed like a transformer. Tiny, small
 * and base are the paper's; atto, pico and nano have the sizes of ConvNeXt V2's (arXiv 2301.00808, table 9). Names and
 * shapes are those of timm's `convnext_…`.
 *
 * Our deviations: no stochastic depth.
 */
import { z } from "zod";
import { Conv2d } from "../nn/conv2d.ts";
import * as init from "../nn/init.ts";
import { LayerNorm } from "../nn/layernorm.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { run, Sequential } from "../nn/sequential.ts";
import { noGrad } from "../torch/autograd.ts";
import { full, zeros } from "../torch/create.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf, type Fitted } from "./encoder.ts";

/** @param blocks of each stage, by default @param width of the first stage, by default */
const configOf = (blocks: [number, number, number, number], width: number) =>
  z.object({
    blocks: z.array(z.number().int().min(1)).length(4).default(blocks).describe("blocks of each stage"),
    width: z
      .number()
      .int()
      .min(1)
      .default(width)
      .describe("channels of the first stage; they double with each"),
  });

/** Whether a block's two layers are linear, as in the larger ones, or 1×1 convolutions: the same function. */
type Layers = "linear" | "convolutions";

/** Width of a block's hidden layer, divided by its channels. */
const HIDDEN = 4;
const EPSILON = 1e-6;
/** Initial scale of a block's branch (arXiv 2103.17239). */
const LAYER_SCALE = 1e-6;

const small = (shape: Shape, generator: Generator) => init.normal(shape, 0.02, generator);

const affine = (input: number, output: number, generator: Generator) => {
  const layer = new Linear(input, output, generator, { init: small });
  noGrad(() => layer.bias!.copy_(zeros([output])));
  return layer;
};

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

/** The two layers of a block as 1×1 convolutions; state `fc1.weight` (4 C, C, 1, 1), … */
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

/** The same as linear layers; state `fc1.weight` (4 C, C), … */
class PointwiseLinear extends Module {
  private readonly fc1: Linear;
  private readonly fc2: Linear;

  constructor(channels: number, generator: Generator) {
    super();
    this.fc1 = this.child("fc1", affine(channels, HIDDEN * channels, generator));
    this.fc2 = this.child("fc2", affine(HIDDEN * channels, channels, generator));
  }
  override forward(x: Tensor): Tensor {
    const hidden = this.fc1.forward(x.permute([0, 2, 3, 1])).gelu(); // (B, h, w, 4 C)
    return this.fc2.forward(hidden).permute([0, 3, 1, 2]);
  }
}

/** Depthwise 7×7 → norm → wider → GELU → narrower → γ, added to the input (figure 4). */
class Block extends Module {
  private readonly gamma: Tensor;
  private readonly depthwise: Conv2d;
  private readonly norm: ChannelNorm;
  private readonly mlp: Pointwise | PointwiseLinear;

  constructor(channels: number, layers: Layers, generator: Generator) {
    super();
    this.gamma = this.param("gamma", full([channels], LAYER_SCALE));
    const depthwise = { padding: 3, groups: channels };
    this.depthwise = this.child("conv_dw", conv(channels, channels, 7, generator, depthwise));
    this.norm = this.child("norm", new ChannelNorm(channels));
    const Mlp = layers === "linear" ? PointwiseLinear : Pointwise;
    this.mlp = this.child("mlp", new Mlp(channels, generator));
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

  constructor(input: number, output: number, count: number, layers: Layers, generator: Generator) {
    super();
    const halve = () =>
      new Sequential(new ChannelNorm(input), conv(input, output, 2, generator, { stride: 2 }));
    this.downsample = input === output ? null : this.child("downsample", halve());
    const blocks = Array.from({ length: count }, () => new Block(output, layers, generator));
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

  constructor(
    { blocks, width }: z.output<ReturnType<typeof configOf>>,
    layers: Layers,
    { channels, generator }: BuildContext,
  ) {
    super();
    const stem = new Sequential(conv(channels, width, 4, generator, { stride: 4 }), new ChannelNorm(width));
    this.stem = this.child("stem", stem);
    const widths = blocks.map((_, stage) => width * 2 ** stage);
    const stages = blocks.map(
      (count, i) => new Stage(widths[Math.max(0, i - 1)]!, widths[i]!, count, layers, generator),
    );
    this.stages = this.childList("stages", stages);
    this.features = widths[3]!;
    this.norm = this.child("head.norm", new LayerNorm(this.features, EPSILON));
  }

  override featureMap(x: Tensor): Tensor {
    return run(this.stages, this.stem.forward(x)); // (B, 8 width, H / 32, W / 32)
  }

  /** Files differ in the layers of a block: linear weights become 1×1 convolutions, and these linear ones. */
  override fitted(name: string, value: Tensor, shape: Shape): Fitted {
    const [output, input, ...kernel] = value.shape;
    const pointwise = /\.mlp\.fc[12]\.weight$/.test(name) && kernel.every((side) => side === 1);
    if (!pointwise || value.ndim === shape.length || output !== shape[0] || input !== shape[1])
      return { value };
    const how = shape.length === 2 ? "1×1 convolution to linear" : "linear to 1×1 convolution";
    return { value: value.reshape(shape), how };
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

const entryOf = <const Size extends string>(
  size: Size,
  blocks: [number, number, number, number],
  width: number,
  layers: Layers,
  paper = "arXiv 2201.03545",
) =>
  encoderEntryOf({
    name: `convnext_${size}`,
    summary: `convolutional network designed like a transformer, size ${size}; timm's convnext_${size}`,
    paper,
    map: "the encoder's last feature map",
    config: configOf(blocks, width),
    tuning: { blocks: "fixed", width: "fixed" },
    build: (config, context) => new ConvNext(config, layers, context),
  });

export const convnextAtto = entryOf("atto", [2, 2, 6, 2], 40, "convolutions");
export const convnextPico = entryOf("pico", [2, 2, 6, 2], 64, "convolutions", "arXiv 2201.03545, 2301.00808");
export const convnextNano = entryOf("nano", [2, 2, 8, 2], 80, "convolutions", "arXiv 2201.03545, 2301.00808");
export const convnextTiny = entryOf("tiny", [3, 3, 9, 3], 96, "linear");
export const convnextSmall = entryOf("small", [3, 3, 27, 3], 96, "linear");
export const convnextBase = entryOf("base", [3, 3, 27, 3], 128, "linear");
