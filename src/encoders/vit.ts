/**
 * Vision transformers (Dosovitskiy et al. 2020, arXiv 2010.11929): patches as tokens, and a class token that is read out.
 * Tiny (arXiv 2012.12877); DINOv2's small one (arXiv 2304.07193), whose branches are scaled (layer scale, arXiv 2103.17239),
 * also with registers, tokens that are thrown away (arXiv 2309.16588). Names are those of timm's `vit_tiny_patch16_224`,
 * `vit_small_patch14_dinov2` and `vit_small_patch14_reg4_dinov2`; patch and image size are free.
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
import { cat, full, zeros } from "../torch/create.ts";
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";
import { type BuildContext, Encoder, encoderEntryOf, type Fitted, type Mapped } from "./encoder.ts";
import { resampledPatches, resampledPositions } from "./resampling.ts";

const whole = z.number().int().min(1);

interface Defaults {
  patch: number;
  width: number;
  heads: number;
}

const configOf = ({ patch, width, heads }: Defaults) =>
  z.object({
    patch: whole
      .default(patch)
      .describe("side of a patch; must divide the image's sides")
      .meta({ unit: "pixels" }),
    width: whole.default(width).describe("length of a token"),
    depth: whole.default(12).describe("transformer blocks"),
    heads: whole.default(heads).describe("attention heads; must divide the width"),
  });

/** What a network's name fixes. */
interface Kind {
  name: string;
  /** Image size of the published weights. */
  side: number;
  /** Initial scale of a block's branches; null: they are not scaled. */
  layerScale: number | null;
  registers: number;
  /** Whether the class token has a position. */
  classPosition: boolean;
}

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

/** Each feature by its own factor: state `gamma` (D). */
class LayerScale extends Module {
  private readonly gamma: Tensor;

  constructor(width: number, scale: number) {
    super();
    this.gamma = this.param("gamma", full([width], scale));
  }
  override forward(x: Tensor): Tensor {
    return x.mul(this.gamma);
  }
}

/** x + scale1 attention(norm1 x), then x + scale2 mlp(norm2 x) (equations 2 and 3). */
class Block extends Module {
  private readonly norm1: LayerNorm;
  private readonly attn: Attention;
  private readonly ls1: LayerScale | null;
  private readonly norm2: LayerNorm;
  private readonly mlp: Perceptron;
  private readonly ls2: LayerScale | null;

  constructor(width: number, heads: number, scale: number | null, generator: Generator) {
    super();
    const layerScale = (name: string) =>
      scale === null ? null : this.child(name, new LayerScale(width, scale));
    this.norm1 = this.child("norm1", new LayerNorm(width, EPSILON));
    this.attn = this.child("attn", new Attention(width, heads, generator));
    this.ls1 = layerScale("ls1");
    this.norm2 = this.child("norm2", new LayerNorm(width, EPSILON));
    this.mlp = this.child("mlp", new Perceptron(width, generator));
    this.ls2 = layerScale("ls2");
  }

  override forward(x: Tensor): Tensor {
    const scaled = (layer: LayerScale | null, branch: Tensor) => layer?.forward(branch) ?? branch;
    const y = tidy(() => x.add(scaled(this.ls1, this.attn.forward(this.norm1.forward(x)))));
    return y.add(scaled(this.ls2, this.mlp.forward(this.norm2.forward(y))));
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

/**
 * State `cls_token`, `reg_token` (with registers), `pos_embed`, `patch_embed.proj.weight`, …, `blocks.0.norm1.weight`, …,
 * `norm.weight`, `norm.bias`.
 */
export class VisionTransformer extends Encoder {
  readonly features: number;
  /** Number of patches, down and across. */
  readonly grid: readonly [number, number];
  private readonly kind: Kind;
  private readonly size: readonly [number, number];
  private readonly classToken: Tensor;
  private readonly registers: Tensor | null;
  private readonly positions: Tensor;
  private readonly patches: PatchEmbed;
  private readonly blocks: readonly Block[];
  private readonly norm: LayerNorm;

  /** @throws ArcletError when the patch does not divide the image, or the heads the width */
  constructor(
    { patch, width, depth, heads }: z.output<ReturnType<typeof configOf>>,
    kind: Kind,
    { channels, size = [kind.side, kind.side], generator }: BuildContext,
  ) {
    super();
    const where = `encoder ${kind.name}`;
    if (width % heads !== 0) refuse(where, "heads", `a divisor of the width ${width}`, heads);
    const [height, across] = size;
    if (height % patch !== 0 || across % patch !== 0)
      refuse(where, "patch", `a divisor of the image's sides ${height} and ${across}`, patch);
    this.kind = kind;
    this.size = size;
    this.grid = [height / patch, across / patch];
    this.features = width;
    const positions = Number(kind.classPosition) + this.grid[0] * this.grid[1];
    this.classToken = this.param("cls_token", init.normal([1, 1, width], 1e-6, generator));
    const registers = () => this.param("reg_token", init.normal([1, kind.registers, width], 1e-6, generator));
    this.registers = kind.registers === 0 ? null : registers();
    this.positions = this.param("pos_embed", small([1, positions, width], generator));
    this.patches = this.child("patch_embed", new PatchEmbed(channels, width, patch, generator));
    const blocks = Array.from({ length: depth }, () => new Block(width, heads, kind.layerScale, generator));
    this.blocks = this.childList("blocks", blocks);
    this.norm = this.child("norm", new LayerNorm(width, EPSILON));
  }

  /** Tokens after the last norm, x (B, C, H, W) → (B, 1 + R + h w, D): the class token, R registers, the patches. */
  tokens(x: Tensor): Tensor {
    return this.finished(this.entering(x));
  }

  override mapped(x: Tensor): Mapped {
    const [h, w] = this.grid;
    const before = 1 + this.kind.registers;
    const entering = this.entering(x); // (B, 1 + R + h w, D)
    const map = entering.slice(1, before).transpose(1, 2).reshape([x.shape[0]!, this.features, h, w]);
    const patches = map.flatten(2).transpose(1, 2); // (B, h w, D)
    const features = this.finished(cat([entering.slice(1, 0, before), patches], 1)).select(1, 0);
    return { map, features };
  }

  override forward(x: Tensor): Tensor {
    return this.tokens(x).select(1, 0);
  }

  /** The tokens' embedding, then each transformer block; the last norm belongs to the last one. */
  override blockNames() {
    const blocks = this.blocks.map((_, i) => [`blocks.${i}`]);
    const tokens = this.registers === null ? ["cls_token"] : ["cls_token", "reg_token"];
    return [[...tokens, "pos_embed", "patch_embed"], ...blocks.slice(0, -1), [...blocks.at(-1)!, "norm"]];
  }

  /** Positions of another grid and patches of another side are resampled as in timm; the class token's position is kept. */
  override fitted(name: string, value: Tensor, shape: Shape): Fitted {
    if (name === "pos_embed") return resampledPositions(value, Number(this.kind.classPosition), this.grid);
    if (name === "patch_embed.proj.weight") return resampledPatches(value, shape[2]!);
    return { value };
  }

  /** The tokens that enter the last block. */
  private entering(x: Tensor): Tensor {
    const [batch, , height, width] = x.shape as [number, number, number, number];
    if (height !== this.size[0] || width !== this.size[1])
      refuse(
        `encoder ${this.kind.name}`,
        "images",
        `${this.size.join(" × ")} pixels`,
        `${height} × ${width}`,
      );
    const patches = this.patches.forward(x).flatten(2).transpose(1, 2); // (B, h w, D)
    const repeated = (token: Tensor) =>
      token.expand([batch, token.shape[1]!, this.features]).to(patches.dtype);
    const before = [this.classToken, ...(this.registers === null ? [] : [this.registers])].map(repeated);
    const embedded = this.kind.classPosition
      ? cat([...before, patches], 1).add(this.positions)
      : cat([...before, patches.add(this.positions)], 1); // (B, 1 + R + h w, D)
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

const entryOf = <const Name extends string>(
  summary: string,
  paper: string,
  defaults: Defaults,
  kind: Kind & { name: Name },
) =>
  encoderEntryOf({
    name: kind.name,
    summary: `${summary}; timm's ${kind.name} for any patch and image size`,
    paper,
    map: "the patch tokens that enter the last transformer block (after it only the class token is used)",
    config: configOf(defaults),
    tuning: { patch: "fixed", width: "fixed", depth: "fixed", heads: "fixed" },
    fitting: ([height, width]) => ({ patch: patchFor(height, width) }),
    build: (config, context) => new VisionTransformer(config, kind, context),
  });

export const vitTiny = entryOf(
  "vision transformer, tiny",
  "arXiv 2010.11929, 2012.12877",
  { patch: 16, width: 192, heads: 3 },
  { name: "vit_tiny_patch16_224", side: 224, layerScale: null, registers: 0, classPosition: true },
);

const DINOV2 = { patch: 14, width: 384, heads: 6 };

export const vitSmallDinov2 = entryOf("DINOv2's vision transformer, small", "arXiv 2304.07193", DINOV2, {
  name: "vit_small_patch14_dinov2",
  side: 518,
  layerScale: 1e-5,
  registers: 0,
  classPosition: true,
});

export const vitSmallRegistersDinov2 = entryOf(
  "DINOv2's vision transformer with four registers, small",
  "arXiv 2309.16588, 2304.07193",
  DINOV2,
  { name: "vit_small_patch14_reg4_dinov2", side: 518, layerScale: 1e-5, registers: 4, classPosition: false },
);
