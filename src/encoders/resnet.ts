/**
 * Residual networks (He et al. 2015, arXiv 1512.03385): ResNet-18 and ResNet-50, and ResNet-34-D with the stem and shortcuts
 * of "D" (He et al. 2018, arXiv 1812.01187, figure 2): three 3×3 convolutions instead of one 7×7, and shortcuts that average
 * before they project. ResNet-50 has bottlenecks, with the stride in the 3×3 convolution as in PyTorch. Names, order and
 * epsilon are those of timm's `resnet18`, `resnet34d` and `resnet50`.
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
import type { AfterNorm } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

/** @param blocks of each stage, by default */
const configOf = (blocks: [number, number, number, number]) =>
  z.object({
    blocks: z
      .array(z.number().int().min(1))
      .length(4)
      .default(blocks)
      .describe(
        "residual blocks of each stage: 3, 4, 6, 3 is ResNet-34 and ResNet-50, 2, 2, 2, 2 is ResNet-18",
      ),
    width: z
      .number()
      .int()
      .min(2)
      .multipleOf(2)
      .default(64)
      .describe("channels of the first stage; of bottlenecks, of its 3×3 convolutions"),
  });

/** How a network differs from ResNet-18. */
interface Kind {
  /** The stem and the shortcuts of "D". */
  d: boolean;
  bottleneck: boolean;
}
const RELU = { activation: "relu" } as const;
/** Output channels of a bottleneck, divided by those of its 3×3 convolution. */
const EXPANSION = 4;

const byFanOut = (shape: Shape, generator: Generator) => init.kaimingNormal(shape, generator, { fan: "out" });

const conv = (input: number, output: number, kernel: number, stride: number, generator: Generator) =>
  new Conv2d(input, output, kernel, generator, {
    stride,
    padding: (kernel - 1) >> 1,
    bias: false,
    init: byFanOut,
  });

interface BlockShape {
  input: number;
  /** Of its 3×3 convolutions. */
  width: number;
  stride: number;
  d: boolean;
}

/** conv1 → bn1 → ReLU → conv2 → bn2, added to the shortcut, ReLU. x (B, I, H, W) → (B, width, H / stride, W / stride) */
class BasicBlock extends Module {
  private readonly conv1: Conv2d;
  private readonly bn1: BatchNorm;
  private readonly conv2: Conv2d;
  private readonly bn2: BatchNorm;
  private readonly downsample: Shortcut | null;

  constructor({ input, width, stride, d }: BlockShape, generator: Generator) {
    super();
    this.conv1 = this.child("conv1", conv(input, width, 3, stride, generator));
    this.bn1 = this.child("bn1", new BatchNorm(width));
    this.conv2 = this.child("conv2", conv(width, width, 3, 1, generator));
    this.bn2 = this.child("bn2", new BatchNorm(width, { scale: 0 }));
    const same = stride === 1 && input === width;
    this.downsample = same
      ? null
      : this.child("downsample", new Shortcut(input, width, stride, d, generator));
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv1.normed(x, this.bn1, RELU);
    const added = this.downsample === null ? x : this.downsample.forward(x);
    return this.conv2.normed(y, this.bn2, { added, ...RELU });
  }
}

/** 1×1 to narrower → 3×3 → 1×1 to wider, added to the shortcut. x (B, I, H, W) → (B, 4 width, H / stride, W / stride) */
class Bottleneck extends Module {
  private readonly conv1: Conv2d;
  private readonly bn1: BatchNorm;
  private readonly conv2: Conv2d;
  private readonly bn2: BatchNorm;
  private readonly conv3: Conv2d;
  private readonly bn3: BatchNorm;
  private readonly downsample: Shortcut | null;

  constructor({ input, width, stride, d }: BlockShape, generator: Generator) {
    super();
    const output = EXPANSION * width;
    this.conv1 = this.child("conv1", conv(input, width, 1, 1, generator));
    this.bn1 = this.child("bn1", new BatchNorm(width));
    this.conv2 = this.child("conv2", conv(width, width, 3, stride, generator));
    this.bn2 = this.child("bn2", new BatchNorm(width));
    this.conv3 = this.child("conv3", conv(width, output, 1, 1, generator));
    this.bn3 = this.child("bn3", new BatchNorm(output, { scale: 0 }));
    const same = stride === 1 && input === output;
    this.downsample = same
      ? null
      : this.child("downsample", new Shortcut(input, output, stride, d, generator));
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv1.normed(x, this.bn1, RELU);
    const z = this.conv2.normed(y, this.bn2, RELU);
    const added = this.downsample === null ? x : this.downsample.forward(x);
    return this.conv3.normed(z, this.bn3, { added, ...RELU });
  }
}

/** 1×1 convolution (`0`), batch norm (`1`); of "D" average pooling (`0`, without state) comes before both. */
class Shortcut extends Module {
  private readonly pool: AvgPool2d | null;
  private readonly conv: Conv2d;
  private readonly norm: BatchNorm;

  constructor(input: number, output: number, stride: number, d: boolean, generator: Generator) {
    super();
    // A window beyond the edge averages its pixels inside, so that odd sizes match the other branch.
    const averaged = d && stride > 1;
    this.pool = averaged ? new AvgPool2d(stride, stride, 0, { ceil: true, countPadding: false }) : null;
    const first = d ? 1 : 0;
    this.conv = this.child(`${first}`, conv(input, output, 1, d ? 1 : stride, generator));
    this.norm = this.child(`${first + 1}`, new BatchNorm(output));
  }

  override forward(x: Tensor): Tensor {
    return this.conv.normed(this.pool === null ? x : this.pool.forward(x), this.norm);
  }
}

/** Three 3×3 convolutions, the first of stride 2; the norm after the last belongs to the network (`bn1`). */
class DeepStem extends Sequential {
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
  normed(x: Tensor, norm: BatchNorm, after: AfterNorm): Tensor {
    const [conv1, norm1, , conv2, norm2, , conv3] = this.layers as unknown as [
      ...[Conv2d, BatchNorm, ReLU],
      ...[Conv2d, BatchNorm, ReLU],
      Conv2d,
    ];
    const y = conv1.normed(x, norm1, RELU);
    return conv3.normed(conv2.normed(y, norm2, RELU), norm, after);
  }
}

/** State `conv1.weight` (of "D" `conv1.0.weight`, …), `bn1.weight`, …, `layer1.0.conv1.weight`, … */
class ResNet extends ConvEncoder {
  readonly features: number;
  private readonly stem: Conv2d | DeepStem;
  private readonly bn1: BatchNorm;
  private readonly maxpool: MaxPool2d;
  private readonly stages: readonly Sequential[];

  constructor(
    { blocks, width }: z.output<ReturnType<typeof configOf>>,
    { d, bottleneck }: Kind,
    { channels, generator }: BuildContext,
  ) {
    super();
    const stem = d ? new DeepStem(channels, width, generator) : conv(channels, width, 7, 2, generator);
    this.stem = this.child("conv1", stem);
    this.bn1 = this.child("bn1", new BatchNorm(width));
    this.maxpool = new MaxPool2d(3, 2, 1);
    const [Block, expansion] = bottleneck ? [Bottleneck, EXPANSION] : [BasicBlock, 1];
    let input = width;
    this.stages = blocks.map((count, stage) => {
      const wide = width * 2 ** stage;
      const layers = Array.from({ length: count }, (_, i) => {
        const stride = i === 0 && stage > 0 ? 2 : 1;
        const block = new Block({ input, width: wide, stride, d }, generator);
        input = expansion * wide;
        return block;
      });
      return this.child(`layer${stage + 1}`, new Sequential(...layers));
    });
    this.features = input;
  }

  override featureMap(x: Tensor): Tensor {
    const y = this.maxpool.forward(this.stem.normed(x, this.bn1, RELU)); // (B, width, H / 4, W / 4)
    return run(this.stages, y); // (B, features, H / 32, W / 32)
  }

  /** Of each stage. */
  override blockMaps(x: Tensor): readonly Tensor[] {
    let y = this.maxpool.forward(this.stem.normed(x, this.bn1, RELU));
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

const entryOf = <const Name extends string>(
  name: Name,
  summary: string,
  { blocks, paper, ...kind }: Kind & { blocks: [number, number, number, number]; paper: string },
) =>
  encoderEntryOf({
    name,
    summary: `residual network of ${summary}; timm's ${name}`,
    paper,
    map: "the encoder's last feature map",
    config: configOf(blocks),
    tuning: { blocks: "fixed", width: "fixed" },
    build: (config, context) => new ResNet(config, kind, context),
  });

export const resnet18 = entryOf("resnet18", "18 layers", {
  ...{ blocks: [2, 2, 2, 2], d: false, bottleneck: false },
  paper: "arXiv 1512.03385",
});

export const resnet34d = entryOf("resnet34d", "34 layers with the D stem and shortcuts", {
  ...{ blocks: [3, 4, 6, 3], d: true, bottleneck: false },
  paper: "arXiv 1512.03385, 1812.01187",
});

export const resnet50 = entryOf("resnet50", "50 layers with bottlenecks", {
  ...{ blocks: [3, 4, 6, 3], d: false, bottleneck: true },
  paper: "arXiv 1512.03385",
});
