/**
 * The equivariant CNN: group convolutions on regular fields (Cohen and Welling 2016, arXiv 1602.07576; Weiler and
 * Cesa 2019, arXiv 1911.08251). Rotating or mirroring the image by an element of the group moves the feature map in the
 * same way and leaves the features unchanged, for any weights.
 */
import type { z } from "zod";
import { between } from "../../foundation/tuning.ts";
import { ELU } from "../../nn/activations.ts";
import { BatchNorm } from "../../nn/batchnorm.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { run, Sequential } from "../../nn/sequential.ts";
import { relu_ } from "../../torch/neural.ts";
import type { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { type BuildContext, ConvEncoder, encoderEntryOf } from "../encoder.ts";
import { equivariantConfig, resolvePreset } from "./config.ts";
import { GroupConv, type GroupConvOptions } from "./conv.ts";
import { Group } from "./group.ts";
import { discMask } from "./mask.ts";
import { FieldNorm } from "./norm.ts";
import { AntialiasedPool } from "./pool.ts";

/** Group convolution, batch norm shared across the group axis, ReLU, and optional pooling. */
class Block extends Module {
  private readonly conv: GroupConv;
  private readonly norm: FieldNorm;
  private readonly pool: AntialiasedPool | null;

  constructor(options: GroupConvOptions, pool: AntialiasedPool | null, generator: Generator) {
    super();
    this.conv = this.child("conv", new GroupConv(options, generator));
    this.norm = this.child("norm", new FieldNorm(options.output));
    this.pool = pool && this.child("pool", pool);
  }

  override forward(x: Tensor): Tensor {
    // Channels-last: merging the group axis into the width is then free (FieldNorm), and pooling twice as fast.
    const y = relu_(this.conv.normed(x, this.norm));
    return this.pool === null ? y : this.pool.forward(y);
  }
}

/** State `blocks.0.conv.weight`, `blocks.0.norm.weight`, …, and `head.0.weight`, … if there is a head. */
export class EquivariantCnn extends ConvEncoder {
  readonly features: number;
  /** The group it is equivariant to. */
  readonly group: Group;
  private readonly blocks: readonly Block[];
  private readonly head: Sequential | null;
  private readonly margin: number | null;
  private readonly fields: number;

  constructor(config: z.output<typeof equivariantConfig>, { channels, generator }: BuildContext) {
    super();
    const { group, fields, kernels, paddings, poolAfter, smoothAfter, sigma, margin, head } =
      resolvePreset(config);
    this.group = new Group(group);
    this.margin = margin;
    const inputs = [channels, ...fields];
    const blocks = fields.map((output, i) => {
      const stride = poolAfter.includes(i + 1) ? 2 : smoothAfter.includes(i + 1) ? 1 : null;
      const pool = stride && new AntialiasedPool(sigma, stride);
      const shape = { input: inputs[i]!, output, kernel: kernels[i]!, padding: paddings[i]! };
      return new Block({ group: this.group, lifting: i === 0, ...shape }, pool, generator);
    });
    this.blocks = this.childList("blocks", blocks);
    this.fields = fields[fields.length - 1]!;
    this.head =
      head === null
        ? null
        : this.child(
            "head",
            new Sequential(new Linear(this.fields, head, generator), new BatchNorm(head), new ELU()),
          );
    this.features = head ?? this.fields;
  }

  /**
   * The equivariant map, x (B, C, H, W) → (B, |G|, F, h, w). Moving the image by g moves the map by g and permutes its
   * group axis: channel k becomes channel g k.
   */
  regularMap(x: Tensor): Tensor {
    return this.regular(run(this.blocks, this.masked(x))); // of (B, |G| F, h, w)
  }

  private masked(x: Tensor): Tensor {
    return this.margin === null ? x : x.mul(this.mask(x, this.margin));
  }

  /** (B, |G| F, h, w) → (B, |G|, F, h, w) */
  private regular(y: Tensor): Tensor {
    const [batch, channels, height, width] = y.shape as [number, number, number, number];
    const { order } = this.group;
    return y.reshape([batch, order, channels / order, height, width]);
  }

  /** Of each block the maximum over the group, (B, F, h, w). */
  override blockMaps(x: Tensor): readonly Tensor[] {
    let y = this.masked(x);
    return this.blocks.map((block) => {
      y = block.forward(y);
      return this.regular(y).max(1);
    });
  }

  /** The maximum over the group, x (B, C, H, W) → (B, F, h, w): it moves with the image, without permutation. */
  override featureMap(x: Tensor): Tensor {
    return this.regularMap(x).max(1);
  }

  /** The mean over positions (inside the disc, if there is a mask), then the head. */
  override pool(map: Tensor): Tensor {
    const pooled = this.margin === null ? map.mean([2, 3]) : this.meanInDisc(map);
    return this.head === null ? pooled : this.head.forward(pooled);
  }

  /** The group convolutions, then the head if there is one. */
  override blockNames() {
    return [...this.blocks.map((_, i) => [`blocks.${i}`]), ...(this.head === null ? [] : [["head"]])];
  }

  private meanInDisc(map: Tensor): Tensor {
    const mask = this.mask(map, 0);
    return map.mul(mask).sum([2, 3]).div(mask.sum());
  }

  private mask(x: Tensor, margin: number): Tensor {
    const [, , height, width] = x.shape as [number, number, number, number];
    const key = `mask:${height}x${width}:${margin}:${x.dtype}:${x.device}`;
    const make = () => tidy(() => discMask(height, width, margin).to(x.dtype).toDevice(x.device));
    return this.constantNamed(key) ?? this.constant(key, make());
  }
}

export const equivariant = encoderEntryOf({
  name: "equivariant",
  summary: "group convolutions: features invariant to rotations and reflections of the image",
  paper: "arXiv 1602.07576, 1911.08251",
  invariant: true,
  map: "the maximum over the group of the encoder's last feature map: it rotates with the image",
  config: equivariantConfig,
  tuning: {
    preset: "choices",
    group: "choices",
    fields: "fixed",
    kernels: "fixed",
    paddings: "fixed",
    poolAfter: "fixed",
    smoothAfter: "fixed",
    sigma: between(0.3, 1.5),
    margin: "fixed",
    head: "fixed",
  },
  build: (config, context) => new EquivariantCnn(config, context),
});
