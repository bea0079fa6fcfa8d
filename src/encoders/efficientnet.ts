/**
 * EfficientNet (Tan and Le 2019, arXiv 1905.11946): mobile inverted bottlenecks (arXiv 1801.04381) with squeeze and
 * excitation (arXiv 1709.01507). B0, and B2, which is 1.1 times as wide and 1.2 times as deep. Names and numbers are those of
 * timm's `efficientnet_b0` (PyTorch's padding and batch norm) and `tf_efficientnet_b2_ns` (TensorFlow's "same" padding,
 * batch norm with epsilon 1e-3 and momentum 0.01).
 *
 * Our deviations: no stochastic depth.
 */
import { z } from "zod";
import { evenly } from "../foundation/tuning.ts";
import { silu } from "../nn/activations.ts";
import { BatchNorm } from "../nn/batchnorm.ts";
import { Conv2d } from "../nn/conv2d.ts";
import * as init from "../nn/init.ts";
import { Module } from "../nn/module.ts";
import { run, Sequential } from "../nn/sequential.ts";
import { isRecording } from "../torch/autograd.ts";
import { type AfterNorm, pad2d } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

/** @param width relative to B0, by default @param depth relative to B0, by default */
const configOf = (width: number, depth: number) =>
  z.object({
    width: z.number().positive().default(width).describe("width relative to B0; 1.1 is B2"),
    depth: z.number().positive().default(depth).describe("depth relative to B0; 1.2 is B2"),
  });

/** B0's stages (table 1): blocks, kernel, stride of the first block, expansion, channels. */
const STAGES = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
] as const;
const STEM = 32;
const TOP = 1280;
/** Channels of a squeeze, divided by those of the block's input. */
const SQUEEZE = 0.25;

/** Rounded to a multiple of 8, but at most a tenth down, as the authors do. */
function rounded(channels: number): number {
  const near = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return near < 0.9 * channels ? near + 8 : near;
}

const SILU = { activation: "silu" } as const;

/** Normal with variance 2 / (taps · outputs / groups). */
const initial = (groups: number) => (shape: Shape, generator: Generator) =>
  init.normal(shape, Math.sqrt((2 * groups) / (shape[0]! * shape[2]! * shape[3]!)), generator);

/**
 * A convolution with TensorFlow's padding: the least that gives ⌈side / stride⌉ pixels, an odd pixel at the end. State as
 * in Conv2d.
 */
class SameConv extends Conv2d {
  private readonly kernel: number;
  private readonly stride: number;

  constructor(
    input: number,
    output: number,
    kernel: number,
    generator: Generator,
    { stride = 1, groups = 1, bias = false }: ConvOptions = {},
  ) {
    const padding = stride === 1 ? (kernel - 1) >> 1 : 0;
    super(input, output, kernel, generator, { stride, groups, bias, padding, init: initial(groups) });
    this.kernel = kernel;
    this.stride = stride;
  }

  override forward(x: Tensor): Tensor {
    return super.forward(this.padded(x));
  }
  override normed(x: Tensor, norm: BatchNorm, after: AfterNorm = {}): Tensor {
    const padded = norm.training || isRecording() ? x : this.padded(x); // otherwise `forward` pads
    return super.normed(padded, norm, after);
  }

  private padded(x: Tensor): Tensor {
    if (this.stride === 1) return x;
    const [top, bottom] = this.rim(x.shape[2]!);
    const [left, right] = this.rim(x.shape[3]!);
    return pad2d(x, [left, right, top, bottom]);
  }

  private rim(side: number): [before: number, after: number] {
    const outputs = Math.ceil(side / this.stride);
    const rim = Math.max(0, (outputs - 1) * this.stride + this.kernel - side);
    return [rim >> 1, rim - (rim >> 1)];
  }
}

interface ConvOptions {
  stride?: number;
  groups?: number;
  bias?: boolean;
}

/** What the networks' layers are made of. */
interface Layers {
  conv(input: number, output: number, kernel: number, options?: ConvOptions): Conv2d;
  norm(channels: number): BatchNorm;
}

const tensorflow = (generator: Generator): Layers => ({
  conv: (input, output, kernel, options) => new SameConv(input, output, kernel, generator, options),
  norm: (channels) => new BatchNorm(channels, { epsilon: 1e-3, momentum: 0.01 }),
});

const pytorch = (generator: Generator): Layers => ({
  conv: (input, output, kernel, { stride = 1, groups = 1, bias = false } = {}) => {
    const padding = (kernel - 1) >> 1;
    return new Conv2d(input, output, kernel, generator, {
      stride,
      groups,
      bias,
      padding,
      init: initial(groups),
    });
  },
  norm: (channels) => new BatchNorm(channels),
});

/** Scales each channel by a function of all channels' means. x (B, C, h, w) → the same shape */
class SqueezeExcite extends Module {
  private readonly reduce: Conv2d;
  private readonly expand: Conv2d;

  constructor(channels: number, squeezed: number, layers: Layers) {
    super();
    this.reduce = this.child("conv_reduce", layers.conv(channels, squeezed, 1, { bias: true }));
    this.expand = this.child("conv_expand", layers.conv(squeezed, channels, 1, { bias: true }));
  }

  override forward(x: Tensor): Tensor {
    // The gradient of a sum is one number a map, which libtorch spreads without writing it out; that of a mean it writes.
    const pixels = x.shape[2]! * x.shape[3]!;
    const mean = isRecording() ? x.sum([2, 3], true).div(pixels) : x.mean([2, 3], true); // (B, C, 1, 1)
    return x.mul(this.expand.forward(silu(this.reduce.forward(mean))).sigmoid());
  }
}

interface BlockShape {
  input: number;
  output: number;
  kernel: number;
  stride: number;
}

/** Depthwise → squeeze and excitation → 1×1: a block of expansion 1. */
class DepthwiseBlock extends Module {
  private readonly depthwise: Conv2d;
  private readonly bn1: BatchNorm;
  private readonly se: SqueezeExcite;
  private readonly pointwise: Conv2d;
  private readonly bn2: BatchNorm;
  private readonly residual: boolean;

  constructor({ input, output, kernel, stride }: BlockShape, layers: Layers) {
    super();
    const depthwise = { stride, groups: input };
    this.depthwise = this.child("conv_dw", layers.conv(input, input, kernel, depthwise));
    this.bn1 = this.child("bn1", layers.norm(input));
    this.se = this.child("se", new SqueezeExcite(input, Math.round(input * SQUEEZE), layers));
    this.pointwise = this.child("conv_pw", layers.conv(input, output, 1));
    this.bn2 = this.child("bn2", layers.norm(output));
    this.residual = stride === 1 && input === output;
  }

  override forward(x: Tensor): Tensor {
    const y = this.se.forward(this.depthwise.normed(x, this.bn1, SILU));
    return this.pointwise.normed(y, this.bn2, { added: this.residual ? x : null });
  }
}

/** 1×1 to wider → depthwise → squeeze and excitation → 1×1 to narrower. */
class InvertedBlock extends Module {
  private readonly expand: Conv2d;
  private readonly bn1: BatchNorm;
  private readonly depthwise: Conv2d;
  private readonly bn2: BatchNorm;
  private readonly se: SqueezeExcite;
  private readonly project: Conv2d;
  private readonly bn3: BatchNorm;
  private readonly residual: boolean;

  constructor({ input, output, kernel, stride }: BlockShape, expansion: number, layers: Layers) {
    super();
    const wide = input * expansion;
    const depthwise = { stride, groups: wide };
    this.expand = this.child("conv_pw", layers.conv(input, wide, 1));
    this.bn1 = this.child("bn1", layers.norm(wide));
    this.depthwise = this.child("conv_dw", layers.conv(wide, wide, kernel, depthwise));
    this.bn2 = this.child("bn2", layers.norm(wide));
    this.se = this.child("se", new SqueezeExcite(wide, Math.round(input * SQUEEZE), layers));
    this.project = this.child("conv_pwl", layers.conv(wide, output, 1));
    this.bn3 = this.child("bn3", layers.norm(output));
    this.residual = stride === 1 && input === output;
  }

  override forward(x: Tensor): Tensor {
    const deep = tidy(() => {
      const wide = this.expand.normed(x, this.bn1, SILU); // (B, expansion I, h, w)
      return this.depthwise.normed(wide, this.bn2, SILU);
    });
    return this.project.normed(this.se.forward(deep), this.bn3, { added: this.residual ? x : null });
  }
}

/** State `conv_stem.weight`, `bn1.weight`, …, `blocks.0.0.conv_dw.weight`, …, `conv_head.weight`, `bn2.weight`, … */
class EfficientNet extends ConvEncoder {
  readonly features: number;
  private readonly stem: Conv2d;
  private readonly bn1: BatchNorm;
  private readonly stages: readonly Sequential[];
  private readonly top: Conv2d;
  private readonly bn2: BatchNorm;

  constructor(
    { width, depth }: z.output<ReturnType<typeof configOf>>,
    layers: Layers,
    { channels }: BuildContext,
  ) {
    super();
    let input = rounded(STEM * width);
    this.stem = this.child("conv_stem", layers.conv(channels, input, 3, { stride: 2 }));
    this.bn1 = this.child("bn1", layers.norm(input));
    const stages = STAGES.map(([blocks, kernel, first, expansion, plain]) => {
      const output = rounded(plain * width);
      const made = Array.from({ length: Math.ceil(blocks * depth) }, (_, i) => {
        const shape = { input, output, kernel, stride: i === 0 ? first : 1 };
        input = output;
        return expansion === 1
          ? new DepthwiseBlock(shape, layers)
          : new InvertedBlock(shape, expansion, layers);
      });
      return new Sequential(...made);
    });
    this.stages = this.childList("blocks", stages);
    this.features = rounded(TOP * width);
    this.top = this.child("conv_head", layers.conv(input, this.features, 1));
    this.bn2 = this.child("bn2", layers.norm(this.features));
  }

  override featureMap(x: Tensor): Tensor {
    const y = this.stem.normed(x, this.bn1, SILU); // (B, 32, H / 2, W / 2)
    const z = run(this.stages, y); // of B2 (B, 352, H / 32, W / 32)
    return this.top.normed(z, this.bn2, SILU); // of B2 (B, 1408, H / 32, W / 32)
  }

  /** The stem, each inverted bottleneck, then the last convolution. */
  override blockNames() {
    const inverted = this.stages.flatMap(({ layers }, stage) =>
      layers.map((_, i) => [`blocks.${stage}.${i}`]),
    );
    return [["conv_stem", "bn1"], ...inverted, ["conv_head", "bn2"]];
  }
}

const entryOf = <const Name extends string>(
  name: Name,
  { width, depth, layersBy }: { width: number; depth: number; layersBy: (generator: Generator) => Layers },
) =>
  encoderEntryOf({
    name,
    summary: `inverted bottlenecks with squeeze and excitation; timm's ${name}`,
    paper: "arXiv 1905.11946",
    map: "the encoder's last feature map",
    config: configOf(width, depth),
    tuning: { width: evenly(0.5, 1.5), depth: evenly(0.5, 1.5) },
    build: (config, context) => new EfficientNet(config, layersBy(context.generator), context),
  });

export const efficientnetB0 = entryOf("efficientnet_b0", { width: 1, depth: 1, layersBy: pytorch });
export const efficientnetB2 = entryOf("tf_efficientnet_b2_ns", {
  width: 1.1,
  depth: 1.2,
  layersBy: tensorflow,
});
