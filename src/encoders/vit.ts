/**
 * Vision transformer, tiny (Dosovitskiy et al. 2020, arXiv 2010.11929; the tiny size of arXiv 2012.12877): patches as
 * tokens, and a class token that is read out. Names are those of timm's `vit_tiny_patch16_224`; patch and image
 * size are free.
 *
 * Our deviations: none in the computed function. Explanations are drawn on the patch tokens that enter the last
 * block, since after it only the class token is used.
 */
import { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import { Conv2d } from "../nn/conv2d.ts";
import * as init from "../nn/init.ts";
import { LayerNorm } from "../nn/layernorm.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { run } from "../nn/sequential.ts";
import { noGrad } from "../torch/autograd.ts";
import { call } from "../torch/call.ts";
import { cat, zeros } from "../torch/create.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, Encoder, encoderEntryOf, type Mapped } from "./encoder.ts";

const whole = z.number().int().min(1);

export const vitConfig = z.object({
  patch: whole
    .default(16)
    .describe("side of a patch; must divide the image's sides")
    .meta({ unit: "pixels" }),
  width: whole.default(192).describe("length of a token"),
  depth: whole.default(12).describe("transformer blocks"),
  heads: whole.default(3).describe("attention heads; must divide the width"),
});

/** Image size of the published weights. */
const SIZE = [224, 224] as const;
const EPSILON = 1e-6;
/** Length of the hidden layer, divided by the token's. */
const HIDDEN = 4;

const small = (shape: Shape, generator: Generator) => init.normal(shape, 0.02, generator);
const affine = (input: number, output: number, generator: Generator) => {
  const layer = new Linear(input, output, generator, { init: small });
  noGrad(() => layer.bias!.copy_(zeros([output])));
  return layer;
};

/** Self-attention. x (B, N, D) → the same shape; queries, keys and values in one layer `qkv`. */
class Attention extends Module {
  private readonly qkv: Linear;
  private readonly proj: Linear;
  private readonly heads: number;

  constructor(width: number, heads: number, generator: Generator) {
    super();
    this.qkv = this.child("qkv", affine(width, 3 * width, generator));
    this.proj = this.child("proj", affine(width, width, generator));
    this.heads = heads;
  }

  override forward(x: Tensor): Tensor {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const length = width / this.heads;
    const all = this.qkv.forward(x).reshape([batch, tokens, 3, this.heads, length]).permute([2, 0, 3, 1, 4]); // (3, B, heads, N, length)
    const [q, k, v] = [all.select(0, 0), all.select(0, 1), all.select(0, 2)];
    const weights = q
      .mul(1 / Math.sqrt(length))
      .matmul(k.transpose(-2, -1))
      .softmax(-1); // (B, heads, N, N)
    const mixed = weights.matmul(v).transpose(1, 2).reshape([batch, tokens, width]);
    return this.proj.forward(mixed);
  }
}

/** Two layers, applied to every token. */
class Perceptron extends Module {
  private readonly fc1: Linear;
  private readonly fc2: Linear;

  constructor(width: number, generator: Generator) {
    super();
    this.fc1 = this.child("fc1", affine(width, HIDDEN * width, generator));
    this.fc2 = this.child("fc2", affine(HIDDEN * width, width, generator));
  }

  override forward(x: Tensor): Tensor {
    return this.fc2.forward(this.fc1.forward(x).gelu());
  }
}

/** x + attention(norm1 x), then x + mlp(norm2 x) (equations 2 and 3). */
class Block extends Module {
  private readonly norm1: LayerNorm;
  private readonly attn: Attention;
  private readonly norm2: LayerNorm;
  private readonly mlp: Perceptron;

  constructor(width: number, heads: number, generator: Generator) {
    super();
    this.norm1 = this.child("norm1", new LayerNorm(width, EPSILON));
    this.attn = this.child("attn", new Attention(width, heads, generator));
    this.norm2 = this.child("norm2", new LayerNorm(width, EPSILON));
    this.mlp = this.child("mlp", new Perceptron(width, generator));
  }

  override forward(x: Tensor): Tensor {
    const y = tidy(() => x.add(this.attn.forward(this.norm1.forward(x))));
    return y.add(this.mlp.forward(this.norm2.forward(y)));
  }
}

/** A convolution with one step per patch: x (B, C, H, W) → (B, D, h, w). */
class PatchEmbed extends Module {
  private readonly proj: Conv2d;

  constructor(channels: number, width: number, patch: number, generator: Generator) {
    super();
    this.proj = this.child("proj", new Conv2d(channels, width, patch, generator, { stride: patch }));
  }

  override forward(x: Tensor): Tensor {
    return this.proj.forward(x);
  }
}

/** State `cls_token`, `pos_embed`, `patch_embed.proj.weight`, …, `blocks.0.norm1.weight`, …, `norm.weight`, `norm.bias`. */
export class VisionTransformer extends Encoder {
  readonly features: number;
  /** Number of patches, down and across. */
  readonly grid: readonly [number, number];
  private readonly size: readonly [number, number];
  private readonly classToken: Tensor;
  private readonly positions: Tensor;
  private readonly patches: PatchEmbed;
  private readonly blocks: readonly Block[];
  private readonly norm: LayerNorm;

  /** @throws ArcletError when the patch does not divide the image, or the heads the width */
  constructor(
    { patch, width, depth, heads }: z.output<typeof vitConfig>,
    { channels, size = SIZE, generator }: BuildContext,
  ) {
    super();
    const where = "encoder vit_tiny_patch16_224";
    if (width % heads !== 0) refuse(where, "heads", `a divisor of the width ${width}`, heads);
    const [height, across] = size;
    if (height % patch !== 0 || across % patch !== 0)
      refuse(where, "patch", `a divisor of the image's sides ${height} and ${across}`, patch);
    this.size = size;
    this.grid = [height / patch, across / patch];
    this.features = width;
    const tokens = 1 + this.grid[0] * this.grid[1];
    this.classToken = this.param("cls_token", init.normal([1, 1, width], 1e-6, generator));
    this.positions = this.param("pos_embed", small([1, tokens, width], generator));
    this.patches = this.child("patch_embed", new PatchEmbed(channels, width, patch, generator));
    const blocks = Array.from({ length: depth }, () => new Block(width, heads, generator));
    this.blocks = this.childList("blocks", blocks);
    this.norm = this.child("norm", new LayerNorm(width, EPSILON));
  }

  /** Tokens after the last norm, x (B, C, H, W) → (B, 1 + h w, D): the class token, then the patches. */
  tokens(x: Tensor): Tensor {
    return this.finished(this.entering(x));
  }

  override mapped(x: Tensor): Mapped {
    const [h, w] = this.grid;
    const entering = this.entering(x); // (B, 1 + h w, D)
    const map = entering.slice(1, 1).transpose(1, 2).reshape([x.shape[0]!, this.features, h, w]);
    const patches = map.flatten(2).transpose(1, 2); // (B, h w, D)
    const features = this.finished(cat([entering.slice(1, 0, 1), patches], 1)).select(1, 0);
    return { map, features };
  }

  override forward(x: Tensor): Tensor {
    return this.tokens(x).select(1, 0);
  }

  /** The tokens' embedding, then each transformer block; the last norm belongs to the last one. */
  override blockNames() {
    const blocks = this.blocks.map((_, i) => [`blocks.${i}`]);
    return [["cls_token", "pos_embed", "patch_embed"], ...blocks.slice(0, -1), [...blocks.at(-1)!, "norm"]];
  }

  /** Position embeddings of another grid are resampled as in timm: bicubic, antialiased; the class token's is kept. */
  override fitted(name: string, value: Tensor): { value: Tensor; how?: string } {
    const tokens = value.shape[1] ?? 0;
    const side = Math.round(Math.sqrt(tokens - 1));
    const same = tokens === this.positions.shape[1];
    if (name !== "pos_embed" || same || side * side !== tokens - 1) return { value };
    const wide = value.to("float32");
    const old = wide.slice(1, 1).reshape([1, side, side, -1]).permute([0, 3, 1, 2]); // (1, D, side, side)
    const [h, w] = this.grid;
    const resampled = call("aten::_upsample_bicubic2d_aa", old, [h, w], false) as Tensor;
    const grid = resampled.permute([0, 2, 3, 1]).reshape([1, h * w, -1]);
    return { value: cat([wide.slice(1, 0, 1), grid], 1), how: `${side} × ${side} positions to ${h} × ${w}` };
  }

  /** The tokens that enter the last block. */
  private entering(x: Tensor): Tensor {
    const [batch, , height, width] = x.shape as [number, number, number, number];
    if (height !== this.size[0] || width !== this.size[1])
      refuse(
        "encoder vit_tiny_patch16_224",
        "images",
        `${this.size.join(" × ")} pixels`,
        `${height} × ${width}`,
      );
    const patches = this.patches.forward(x).flatten(2).transpose(1, 2); // (B, h w, D)
    const token = this.classToken.expand([batch, 1, this.features]).to(patches.dtype);
    const embedded = cat([token, patches], 1).add(this.positions); // (B, 1 + h w, D)
    return run(this.blocks.slice(0, -1), embedded);
  }

  private finished(tokens: Tensor): Tensor {
    return this.norm.forward(this.blocks.at(-1)!.forward(tokens));
  }
}

/** The largest patch that divides both sides and is at most an eighth of the shorter one. */
function patchFor(height: number, width: number): number {
  let patch = Math.max(1, Math.min(height, width) >> 3);
  while (height % patch !== 0 || width % patch !== 0) patch--;
  return patch;
}

export const vitTiny = encoderEntryOf({
  name: "vit_tiny_patch16_224",
  summary: "vision transformer, tiny; timm's vit_tiny_patch16_224 for any patch and image size",
  paper: "arXiv 2010.11929, 2012.12877",
  map: "the patch tokens that enter the last transformer block (after it only the class token is used)",
  config: vitConfig,
  tuning: { patch: "fixed", width: "fixed", depth: "fixed", heads: "fixed" },
  fitting: ([height, width]) => ({ patch: patchFor(height, width) }),
  build: (config, context) => new VisionTransformer(config, context),
});
