/** The lifting convolution (image → regular fields) and the group convolution (regular fields → regular fields). */
import { Module } from "../../nn/module.ts";
import { autocastType, isRecording, noGrad } from "../../torch/autograd.ts";
import { call } from "../../torch/call.ts";
import { imageLayout } from "../../torch/machine.ts";
import { conv2d } from "../../torch/neural.ts";
import type { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { isWatched } from "../../torch/watching.ts";
import { expandFilters, tapIndex } from "./filters.ts";
import type { Group } from "./group.ts";
import type { FieldNorm } from "./norm.ts";
import { type Parity, parityConv, parityFilters, parityOf, paysFor } from "./parity.ts";
import { channelIndex, expandSteerable, harmonicCount, steerableBank } from "./steerable.ts";

export interface GroupConvOptions {
  group: Group;
  /** Whether the input is an image (its channels carry no group axis). */
  lifting: boolean;
  /** Input channels of an image, or input fields. */
  input: number;
  /** Output fields. */
  output: number;
  /** Side of the kernel. */
  kernel: number;
  padding: number;
}

/**
 * x (B, I, H, W) when lifting, else (B, |G| I, H, W) → (B, |G| O, H', W'). State `weight` (O, I, 1 or |G|, k, k), or
 * (O, I, 1 or |G|, harmonics) for groups with rotations by 45°.
 * Batch norm follows, so there is no bias.
 */
export class GroupConv extends Module {
  readonly weight: Tensor;
  private readonly order: number;
  private readonly exact: boolean;
  private readonly padding: number;
  private readonly parity: Parity | null;
  /** The weight, with its version, from which the expanded filters were made. */
  private expandedFrom = "";
  /** The state and precision from which the folded filters were made. */
  private foldedFrom = "";
  /** The folded filters' state from which those by parity were made. */
  private parityFrom = "";

  constructor({ group, lifting, input, output, kernel, padding }: GroupConvOptions, generator: Generator) {
    super();
    const inputs = lifting ? 1 : group.order;
    this.order = group.order;
    this.padding = padding;
    this.parity = lifting ? null : parityOf(group);
    // He's variance: every output sums over all group channels of every field.
    const deviation = Math.sqrt(2 / (input * inputs * kernel * kernel));
    this.exact = group.exact;
    if (group.exact) {
      const start = tidy(() => generator.normal([output, input, inputs, kernel, kernel]).mul(deviation));
      this.weight = this.param("weight", start);
      this.constant("index", tapIndex(group, inputs, kernel));
    } else {
      // Harmonics have unit norm: with as many of them as taps the variance would be the same.
      const count = harmonicCount(kernel);
      const each = deviation * Math.sqrt((kernel * kernel) / count);
      const start = tidy(() => generator.normal([output, input, inputs, count]).mul(each));
      this.weight = this.param("weight", start);
      this.constant("index", channelIndex(group, inputs));
      this.constant("bank", steerableBank(group, kernel));
    }
  }

  override forward(x: Tensor): Tensor {
    return conv2d(x, this.filters(x), { padding: this.padding });
  }

  /**
   * The convolution, then `norm`, in the memory layout that is fast for it. In evaluation without gradients this is one
   * convolution, as in `Conv2d.normed`: a field's scale and shift are those of all its |G| channels.
   */
  normed(x: Tensor, norm: FieldNorm): Tensor {
    const layout = imageLayout(x.device);
    if (norm.training || isRecording()) return norm.forward(this.forward(x).contiguous(layout));
    this.fold(x, norm);
    const [weight, bias] = [this.constantNamed("folded filters")!, this.constantNamed("folded bias")!];
    const { parity, padding } = this;
    // A watcher writes operators down, for others to run: they know convolutions best.
    const plain =
      weight.dtype !== "float32" || x.dtype !== "float32" || weight.device !== "cpu" || isWatched();
    if (parity !== null && !plain && paysFor(weight)) {
      const shape = { kernel: weight.shape[2]!, padding, parity };
      const fields = bias.narrow(0, 0, bias.shape[0]! / this.order);
      return parityConv(x, this.byParity(weight, parity), fields, shape).contiguous(layout);
    }
    return conv2d(x, weight, { bias, padding: this.padding }).contiguous(layout);
  }

  private byParity(filters: Tensor, parity: Parity): Tensor {
    if (this.parityFrom !== this.foldedFrom) {
      this.constant(
        "filters by parity",
        tidy(() => parityFilters(filters, parity)),
      );
      this.parityFrom = this.foldedFrom;
    }
    return this.constantNamed("filters by parity")!;
  }

  private fold(x: Tensor, norm: FieldNorm): void {
    const dtype = autocastType() ?? this.weight.dtype;
    const parts = [this.weight, norm.weight, norm.bias, norm.runningMean, norm.runningVar];
    const state = parts.map((part) => `${part.handle}:${call("aten::_version", part)}`);
    const from = `${dtype} ${x.device} ${state.join(" ")}`;
    if (from === this.foldedFrom) return;
    tidy(() => {
      const { scale, shift } = norm.affine();
      const [scales, shifts] = [scale, shift].map((each) => each.repeat([this.order])) as [Tensor, Tensor];
      const filters = this.filters(x).mul(scales.reshape([-1, 1, 1, 1]));
      this.constant("folded filters", filters.to(dtype));
      this.constant("folded bias", shifts.to(dtype));
    });
    this.foldedFrom = from;
  }

  /**
   * The expanded filters (|G| O, inputs I, k, k). While gradients are recorded they are expanded at every call, so that
   * gradients reach the base; otherwise once for each version of the weight.
   */
  private filters(x: Tensor): Tensor {
    if (isRecording() && this.weight.requiresGrad) return this.expanded();
    const version = `${this.weight.handle}:${call("aten::_version", this.weight)}:${x.device}`;
    if (version !== this.expandedFrom) {
      this.constant(
        "filters",
        noGrad(() => tidy(() => this.expanded())),
      );
      this.expandedFrom = version;
    }
    return this.constantNamed("filters")!;
  }

  private expanded(): Tensor {
    const index = this.constantNamed("index")!;
    return this.exact
      ? expandFilters(this.weight, index, this.order)
      : expandSteerable(this.weight, this.constantNamed("bank")!, index);
  }
}
