/**
 * ResNet-34-D: residual networks (He et al. 2015, arXiv 1512.03385) with the stem and shortcuts of "D"
 * (He et al. 2018, arXiv 1812.01187, figure 2): three 3×3 convolutions instead of one 7×7, and shortcuts that average
 * before they project. Names, order and epsilon are those of timm's `resnet34d`.
 *
 * Our deviations: none in the computed function. Initial weights are timm's too: He's by fan out, and zero for the
 * last norm of each block.
 */
import { z } from "zod";
import { ReLU } from "../nn/activations.ts";
import { BatchNorm } from "../nn/batchnorm.ts";
import { Conv2d } from "../nn/conv2d.ts";
import * as init from "../nn/init.ts";
import { Module } from "../nn/module.ts";
import { AvgPool2d, MaxPool2d } from "../nn/pooling.ts";
import { run, Sequential } from "../nn/sequential.ts";
import { relu_ } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

const resnetConfig = z.object({
  blocks: z
    .array(z.number().int().min(1))
    .length(4)
    .default([3, 4, 6, 3])
    .describe("residual blocks of each stage: 3, 4, 6, 3 is ResNet-34, 2, 2, 2, 2 is ResNet-18"),
  width: z.number().int().min(2).multipleOf(2).default(64).describe("channels of the first stage"),
});

const byFanOut = (shape: Shape, generator: Generator) => init.kaimingNormal(shape, generator, { fan: "out" });

const conv = (input: number, output: number, kernel: number, stride: number, generator: Generator) =>
  new Conv2d(input, output, kernel, generator, {
    stride,
    padding: (kernel - 1) >> 1,
    bias: false,
    init: byFanOut,
  });

/** conv1 → bn1 → ReLU → conv2 → bn2, added to the shortcut, ReLU. x (B, I, H, W) → (B, O, H / stride, W / stride) */
class BasicBlock extends Module {
  private readonly conv1: Conv2d;
  private readonly bn1: BatchNorm;
  private readonly conv2: Conv2d;
  private readonly bn2: BatchNorm;
  private readonly downsample: Shortcut | null;

  constructor(input: number, output: number, stride: number, generator: Generator) {
    super();
    this.conv1 = this.child("conv1", conv(input, output, 3, stride, generator));
    this.bn1 = this.child("bn1", new BatchNorm(output));
    this.conv2 = this.child("conv2", conv(output, output, 3, 1, generator));
    this.bn2 = this.child("bn2", new BatchNorm(output, { scale: 0 }));
    const same = stride === 1 && input === output;
    this.downsample = same ? null : this.child("downsample", new Shortcut(input, output, stride, generator));
  }

  override forward(x: Tensor): Tensor {
    const y = relu_(this.conv1.normed(x, this.bn1));
    const shortcut = this.downsample === null ? x : this.downsample.forward(x);
    return relu_(this.conv2.normed(y, this.bn2).add(shortcut));
  }
}

/** Average pooling (`0`, without state), 1×1 convolution (`1`), batch norm (`2`). */
class Shortcut extends Module {
  private readonly pool: AvgPool2d | null;
  private readonly conv: Conv2d;
  private readonly norm: BatchNorm;

  constructor(input: number, output: number, stride: number, generator: Generator) {
    super();
    // A window beyond the edge averages its pixels inside, so that odd sizes match the other branch.
    this.pool = stride === 1 ? null : new AvgPool2d(stride, stride, 0, { ceil: true, countPadding: false });
    this.conv = this.child("1", conv(input, output, 1, 1, generator));
    this.norm = this.child("2", new BatchNorm(output));
  }

  override forward(x: Tensor): Tensor {
    return this.conv.normed(this.pool === null ? x : this.pool.forward(x), this.norm);
  }
}

/** Three 3×3 convolutions, the first of stride 2; the norm after the last belongs to the network (`bn1`). */
class Stem extends Sequential {
  constructor(channels: number, width: number, generator: Generator) {
    const half = width / 2;
    super(
      conv(channels, half, 3, 2, generator),
      new BatchNorm(half),
      new ReLU(),
      conv(half, half, 3, 1, generator),
      new BatchNorm(half),
      new ReLU(),
      conv(half, width, 3, 1, generator),
    );
  }

  /** x (B, C, H, W) → (B, width, H / 2, W / 2) */
  normed(x: Tensor, norm: BatchNorm): Tensor {
    const [conv1, norm1, , conv2, norm2, , conv3] = this.layers as unknown as [
      ...[Conv2d, BatchNorm, ReLU],
      ...[Conv2d, BatchNorm, ReLU],
      Conv2d,
    ];
    const y = relu_(conv1.normed(x, norm1));
    return conv3.normed(relu_(conv2.normed(y, norm2)), norm);
  }
}

/** State `conv1.0.weight`, …, `bn1.weight`, …, `layer1.0.conv1.weight`, … */
class ResNet extends ConvEncoder {
  readonly features: number;
  private readonly stem: Stem;
  private readonly bn1: BatchNorm;
  private readonly maxpool: MaxPool2d;
  private readonly stages: readonly Sequential[];

  constructor({ blocks, width }: z.output<typeof resnetConfig>, { channels, generator }: BuildContext) {
    super();
    this.stem = this.child("conv1", new Stem(channels, width, generator));
    this.bn1 = this.child("bn1", new BatchNorm(width));
    this.maxpool = new MaxPool2d(3, 2, 1);
    let input = width;
    this.stages = blocks.map((count, stage) => {
      const output = width * 2 ** stage;
      const layers = Array.from({ length: count }, (_, i) => {
        const block = new BasicBlock(input, output, i === 0 && stage > 0 ? 2 : 1, generator);
        input = output;
        return block;
      });
      return this.child(`layer${stage + 1}`, new Sequential(...layers));
    });
    this.features = input;
  }

  override featureMap(x: Tensor): Tensor {
    const y = this.maxpool.forward(relu_(this.stem.normed(x, this.bn1))); // (B, width, H / 4, W / 4)
    return run(this.stages, y); // (B, 8 width, H / 32, W / 32)
  }

  /** Of each stage. */
  override blockMaps(x: Tensor): readonly Tensor[] {
    let y = this.maxpool.forward(relu_(this.stem.normed(x, this.bn1)));
    return this.stages.map((stage) => {
      y = stage.forward(y);
      return y;
    });
  }

  /** The stem, then each residual block. */
  override blockNames() {
    const residual = this.stages.flatMap(({ layers }, stage) =>
      layers.map((_, i) => [`layer${stage + 1}.${i}`]),
    );
    return [["conv1", "bn1"], ...residual];
  }
}

export const resnet34d = encoderEntryOf({
  name: "resnet34d",
  summary: "residual network of 34 layers with the D stem and shortcuts; timm's resnet34d",
  paper: "arXiv 1512.03385, 1812.01187",
  map: "the encoder's last feature map",
  config: resnetConfig,
  tuning: { blocks: "fixed", width: "fixed" },
  build: (config, context) => new ResNet(config, context),
});
