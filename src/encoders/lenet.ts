/**
 * LeNet: two convolutions with pooling and a dense layer, as the digits of the ADDA paper have it (Tzeng et al. 2017,
 * arXiv:1702.05464, section 5.1; LeCun et al. 1998, Proc. IEEE 86, 2278): 20 and 50 channels, kernels of 5, 500 features.
 *
 * Our deviation: batch norm after each convolution is an option (off), which methods that adapt through it need.
 */
import { z } from "zod";
import { BatchNorm, Conv2d, Linear, MaxPool2d } from "../nn/index.ts";
import { relu_, type Tensor } from "../torch/index.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

const lenetConfig = z.object({
  widths: z
    .tuple([z.number().int().min(1), z.number().int().min(1)])
    .default([20, 50])
    .describe("channels of the two convolutions"),
  features: z.number().int().min(1).default(500).describe("length of the features"),
  norm: z.boolean().default(false).describe("batch norm after each convolution"),
});

/** State `conv1.weight`, `conv1.bias`, (`norm1.weight`, …,) `conv2.weight`, …, `fc.weight`, `fc.bias`. */
export class LeNet extends ConvEncoder {
  readonly features: number;
  private readonly convs: readonly Conv2d[];
  private readonly norms: readonly (BatchNorm | null)[];
  private readonly halve = new MaxPool2d(2);
  private readonly fc: Linear;

  constructor({ widths, features, norm }: z.output<typeof lenetConfig>, context: BuildContext) {
    super();
    const { channels, generator, size = [28, 28] } = context;
    const inputs = [channels, ...widths];
    this.convs = widths.map((width, i) =>
      this.child(`conv${i + 1}`, new Conv2d(inputs[i]!, width, 5, generator, {})),
    );
    this.norms = widths.map((width, i) => (norm ? this.child(`norm${i + 1}`, new BatchNorm(width)) : null));
    const side = (length: number) => ((((length - 4) >> 1) - 4) >> 1) as number;
    this.fc = this.child("fc", new Linear(widths[1] * side(size[0]) * side(size[1]), features, generator));
    this.features = features;
  }

  override featureMap(x: Tensor): Tensor {
    return this.convs.reduce((y, conv, i) => {
      const norm = this.norms[i]!;
      return this.halve.forward(relu_(norm === null ? conv.forward(y) : conv.normed(y, norm)));
    }, x);
  }

  override pool(map: Tensor): Tensor {
    return relu_(this.fc.forward(map.contiguous().flatten(1)));
  }
}

export const lenet = encoderEntryOf({
  summary: "two convolutions and a dense layer: for digits, of one image size",
  paper: "LeCun et al. 1998, Proc. IEEE 86, 2278; arXiv 1702.05464",
  config: lenetConfig,
  build: (config, context) => new LeNet(config, context),
});
