/** Convolution over images, alone or with the batch norm that follows it. */
import { autocastType, isRecording } from "../torch/autograd.ts";
import { call } from "../torch/call.ts";
import { type AfterNorm, conv2d, depthwiseConv2d } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { isWatched } from "../torch/watching.ts";
import { finished } from "./activations.ts";
import { Affine, type AffineOptions } from "./affine.ts";
import type { BatchNorm } from "./batchnorm.ts";
import { convFewPixels, type Geometry, hasFewPixels } from "./few-pixels.ts";

type Pair = number | readonly [number, number];

const pair = (value: Pair): readonly [number, number] => (typeof value === "number" ? [value, value] : value);

/** Whether each channel is convolved by itself, and a gradient may be asked for: only that is ours. */
const isDepthwise = (x: Tensor, weight: Tensor, groups: number, dilation: Pair): boolean =>
  isRecording() &&
  !isWatched() &&
  x.device === "cpu" &&
  groups === weight.shape[0] &&
  weight.shape[1] === 1 &&
  pair(dilation).every((by) => by === 1);

function depthwise(x: Tensor, weight: Tensor, { stride, padding }: Geometry): Tensor {
  const dtype = autocastType() ?? x.dtype; // autocast knows libtorch's operators, not ours
  return depthwiseConv2d(x.to(dtype), weight.to(dtype), stride, padding);
}

/** Settings of `Conv2d`, in pixels; a number means the same for height and width. */
export interface Conv2dOptions extends AffineOptions {
  /** Pixels from one output to the next. */
  stride?: Pair;
  /** Zeros around the image. */
  padding?: Pair;
  /** Pixels from one tap of the kernel to the next. */
  dilation?: Pair;
  /** Groups of channels that don't see each other. */
  groups?: number;
}

/** x (B, input, H, W) → (B, output, H', W'); state `weight` (output, input / groups, h, w), `bias` (output). */
export class Conv2d extends Affine {
  private readonly options: Conv2dOptions;
  /** The state and precision from which the folded weight was made. */
  private foldedFrom = "";

  constructor(
    input: number,
    output: number,
    kernel: Pair,
    generator: Generator,
    options: Conv2dOptions = {},
  ) {
    const [h, w] = pair(kernel);
    super([output, input / (options.groups ?? 1), h, w], generator, options);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return this.convolved(x, this.weight, this.bias);
  }

  private convolved(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options;
    const geometry = { stride: pair(stride), padding: pair(padding) };
    if (groups > 1 && bias === null && isDepthwise(x, weight, groups, dilation))
      return depthwise(x, weight, geometry);
    if (groups === 1 && pair(dilation).every((by) => by === 1) && hasFewPixels(x, weight, geometry))
      return convFewPixels(x, weight, bias, geometry);
    return conv2d(x, weight, { bias, stride, padding, dilation, groups });
  }

  /**
   * The convolution, then `norm`, then what comes after. In evaluation without gradients convolution and norm are one
   * convolution: the norm's scale and shift are folded into weight and bias (Jacob et al. 2018, arXiv 1712.05877, equation
   * 14), again only when the state of the two changes.
   */
  normed(x: Tensor, norm: BatchNorm, after: AfterNorm = {}): Tensor {
    if (norm.training || isRecording()) return norm.followed(this.forward(x), after);
    this.fold(norm);
    const folded = [this.constantNamed("folded weight")!, this.constantNamed("folded bias")!] as const;
    return finished(this.convolved(x, ...folded), after);
  }

  private fold(norm: BatchNorm): void {
    const parts = [this.weight, this.bias, norm.weight, norm.bias, norm.runningMean, norm.runningVar];
    const dtype = autocastType() ?? this.weight.dtype;
    const state = parts.map((part) => part && `${part.handle}:${call("aten::_version", part)}`);
    const from = `${dtype} ${state.join(" ")}`;
    if (from === this.foldedFrom) return;
    tidy(() => {
      const { scale, shift } = norm.affine();
      const weight = this.weight.mul(scale.reshape([-1, 1, 1, 1]));
      const bias = this.bias === null ? shift : this.bias.mul(scale).add(shift);
      this.constant("folded weight", weight.to(dtype));
      this.constant("folded bias", bias.to(dtype));
    });
    this.foldedFrom = from;
  }
}
