/**
 * LeNet and similar networks: a few unpadded convolutions with ReLU and pooling, for small images such as digits. The
 * defaults, 20 and 50 channels and kernels of 5, are those of the ADDA paper's digits (Tzeng et al. 2017,
 * arXiv:1702.05464, section 5.1, after LeCun et al. 1998, Proc. IEEE 86, 2278), whose dense layer of 500 is the head
 * (`--head.width 500`). With widths 32, 64, 64, kernels 5, 3, 3, pooling after 1 and 3, batch norm and a head of 256
 * it is Self-Ensembling's network for MNIST and USPS (French et al. 2018, arXiv:1706.05208, appendix).
 *
 * Our deviation: the head ends in a PReLU instead of the papers' ReLU.
 */
import { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import { BatchNorm } from "../nn/batchnorm.ts";
import { Conv2d } from "../nn/conv2d.ts";
import { MaxPool2d } from "../nn/pooling.ts";
import { relu_ } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "./encoder.ts";

const whole = z.number().int().min(1);

const lenetConfig = z.object({
  widths: z.array(whole).min(1).default([20, 50]).describe("channels of each convolution"),
  kernels: z.array(whole).min(1).default([5, 5]).describe("side of each kernel").meta({ unit: "pixels" }),
  pooled: z.array(whole).default([1, 2]).describe("convolutions, from 1, followed by 2 by 2 max pooling"),
  norm: z.boolean().default(false).describe("batch norm after each convolution"),
});

type LenetConfig = z.output<typeof lenetConfig>;

/** State `convs.0.weight`, `convs.0.bias`, (`norms.0.weight`, …,) `convs.1.weight`, … */
class LeNet extends ConvEncoder {
  readonly features: number;
  private readonly config: LenetConfig;
  private readonly convs: readonly Conv2d[];
  private readonly norms: readonly BatchNorm[];
  private readonly halve = new MaxPool2d(2);

  /** @throws ArcletError when kernels and widths differ in number, or the image is too small */
  constructor(config: LenetConfig, { channels, generator, size = [28, 28] }: BuildContext) {
    super();
    const { widths, kernels, norm } = config;
    if (kernels.length !== widths.length)
      refuse("encoder lenet", "kernels", `as many as widths (${widths.length})`, kernels);
    const inputs = [channels, ...widths];
    this.config = config;
    this.convs = this.childList(
      "convs",
      widths.map((width, i) => new Conv2d(inputs[i]!, width, kernels[i]!, generator, {})),
    );
    this.norms = this.childList("norms", norm ? widths.map((width) => new BatchNorm(width)) : []);
    const [height, width] = size.map((length) => sideOf(length, config)) as [number, number];
    if (Math.min(height, width) < 1)
      refuse("encoder lenet", "image", "large enough for its kernels and poolings", size.join(" × "));
    this.features = widths[widths.length - 1]! * height * width;
  }

  override featureMap(x: Tensor): Tensor {
    return this.convs.reduce((y, conv, i) => {
      const norm = this.norms[i];
      const z = norm === undefined ? conv.forward(y) : conv.normed(y, norm);
      // ReLU and max pooling commute; after pooling it has a quarter of the work.
      return relu_(this.config.pooled.includes(i + 1) ? this.halve.forward(z) : z);
    }, x); // (B, F, h, w)
  }

  override blockNames() {
    return this.convs.map((_, i) => [`convs.${i}`, `norms.${i}`]);
  }

  /** Every position has its own features: (B, F h w). */
  override pool(map: Tensor): Tensor {
    return map.contiguous().flatten(1);
  }
}

/** Side of the last map, from the image's side. */
const sideOf = (length: number, { kernels, pooled }: LenetConfig): number =>
  kernels.reduce((side, kernel, i) => {
    const valid = side - kernel + 1;
    return pooled.includes(i + 1) ? valid >> 1 : valid;
  }, length);

export const lenet = encoderEntryOf({
  name: "lenet",
  summary: "two convolutions with pooling, as in LeNet: for digits; takes one image size",
  paper: "LeCun et al. 1998, Proc. IEEE 86, 2278; arXiv 1702.05464",
  map: "the encoder's last feature map",
  config: lenetConfig,
  tuning: { widths: "fixed", kernels: "fixed", pooled: "fixed", norm: "choices" },
  build: (config, context) => new LeNet(config, context),
});
