/** The operators that networks are made of, as functions. Images are (B, C, H, W). */
import { wrap } from "./call.ts";
import { addCost } from "./cost.ts";
import { handleOf, operator } from "./operator.ts";
import { Tensor } from "./tensor.ts";

type Pair = number | readonly [number, number];

const op = {
  conv2d: handleOf("aten::conv2d"),
  linear: handleOf("aten::linear"),
  relu_: handleOf("aten::relu_"),
  silu_: handleOf("aten::silu_"),
  batchNorm: handleOf("aten::batch_norm"),
  batchNormActivation: handleOf("arclet::batch_norm_activation"),
  depthwiseConv2d: handleOf("arclet::depthwise_conv2d"),
  layerNorm: handleOf("aten::layer_norm"),
  maxPool2d: handleOf("aten::max_pool2d"),
  avgPool2d: handleOf("aten::avg_pool2d"),
  adaptiveAvgPool2d: handleOf("aten::adaptive_avg_pool2d"),
  pad: handleOf("aten::constant_pad_nd"),
  reflectPad: handleOf("aten::reflection_pad2d"),
  replicatePad: handleOf("aten::replication_pad2d"),
  bicubic: handleOf("aten::upsample_bicubic2d"),
  bilinear: handleOf("aten::upsample_bilinear2d"),
  gridSample: handleOf("aten::grid_sampler"),
  crossEntropy: handleOf("aten::cross_entropy_loss"),
  binaryCrossEntropy: handleOf("aten::binary_cross_entropy_with_logits"),
  logsumexp: handleOf("aten::logsumexp"),
};

/** How a convolution moves over its image; a number means the same for height and width. */
export interface ConvOptions {
  /** Added to each output channel (C'); none by default. */
  bias?: Tensor | null;
  /** Pixels from one output to the next; 1 by default. */
  stride?: Pair;
  /** Zeros around the image, pixels; 0 by default. */
  padding?: Pair;
  /** Pixels from one tap of the kernel to the next; 1 by default. */
  dilation?: Pair;
  /** Groups of channels that don't see each other; 1 by default. */
  groups?: number;
}

/** x (B, I, H, W), weight (O, I / groups, h, w) → (B, O, H', W') */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  const { bias = null, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const y = new Tensor(op.conv2d(x, weight, bias, pair(stride), pair(padding), pair(dilation), groups));
  addCost(() => (y.size * weight.size) / weight.shape[0]!);
  return y;
}

/**
 * Each channel convolved by itself: x (B, C, H, W), weight (C, 1, h, w) of x's type → (B, C, H', W'). Like `conv2d`, but for
 * the gradient of the weight, which is our own (native/torch/depthwise.cc): oneDNN's is slow.
 */
export function depthwiseConv2d(x: Tensor, weight: Tensor, stride: Pair, padding: Pair): Tensor {
  const y = new Tensor(op.depthwiseConv2d(x, weight, pair(stride), pair(padding)));
  addCost(() => (y.size * weight.size) / weight.shape[0]!);
  return y;
}

const pair = (value: Pair): readonly number[] => (typeof value === "number" ? [value, value] : value);

/** x (…, I), weight (O, I), bias (O) → (…, O) */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  addCost(() => x.size * weight.shape[0]!);
  return new Tensor(op.linear(x, weight, bias));
}

/** max(x, 0) in x's own memory: what made x must not need its values for the gradient. */
export const relu_ = (x: Tensor): Tensor => new Tensor(op.relu_(x));

/** x σ(x) in x's own memory; only without gradients. */
export const silu_ = (x: Tensor): Tensor => new Tensor(op.silu_(x));

/** The tensors of a batch norm, each (C); null for one that it does without. */
export interface BatchNormState {
  /** γ (C). */
  weight: Tensor | null;
  /** β (C). */
  bias: Tensor | null;
  /** Mean of each channel over the batches seen (C). */
  runningMean: Tensor | null;
  /** Variance of each channel over the batches seen (C). */
  runningVar: Tensor | null;
}

/**
 * Batch normalisation over every dimension but the second. In training it normalises by the batch's statistics and moves
 * the running ones by `momentum`; otherwise it normalises by the running ones.
 */
export function batchNorm(
  x: Tensor,
  state: BatchNormState,
  training: boolean,
  momentum = 0.1,
  epsilon = 1e-5,
): Tensor {
  const { weight, bias, runningMean, runningVar } = state;
  return new Tensor(
    op.batchNorm(x, weight, bias, runningMean, runningVar, training, momentum, epsilon, false),
  );
}

/** What is computed of each number of a map after its norm. */
export type Activation = "none" | "relu" | "silu";
const activations: Activation[] = ["none", "relu", "silu"];

/** What comes after a batch norm, in one pass over memory with it. */
export interface AfterNorm {
  /** Of the shape of x: the shortcut of a residual block. */
  added?: Tensor | null;
  /** None by default. */
  activation?: Activation;
}

/** act(batchNorm(x, …) + added) as one operator, whose gradient is one too (native/torch/norm_activation.cc). */
export function batchNormActivation(
  x: Tensor,
  { weight, bias, runningMean, runningVar }: BatchNormState & { weight: Tensor; bias: Tensor },
  training: boolean,
  momentum: number,
  epsilon: number,
  { added = null, activation = "none" }: AfterNorm = {},
): Tensor {
  const act = activations.indexOf(activation);
  return new Tensor(
    op.batchNormActivation(
      ...[x, added, weight, bias, runningMean, runningVar, training, momentum, epsilon, act],
    ),
  );
}

/**
 * Normalises the last dimensions, of that shape, to mean 0 and variance 1, then weight · x + bias (Ba et al. 2016,
 * arXiv:1607.06450). `weight` and `bias` have that shape.
 */
export const layerNorm = (
  x: Tensor,
  shape: readonly number[],
  weight: Tensor,
  bias: Tensor,
  epsilon = 1e-5,
): Tensor => new Tensor(op.layerNorm(x, shape, weight, bias, epsilon));

/** The largest value of each window: x (B, C, H, W) → (B, C, H', W'). Kernel, stride and padding in pixels. */
export const maxPool2d = (x: Tensor, kernel: Pair, stride: Pair = kernel, padding: Pair = 0): Tensor =>
  new Tensor(op.maxPool2d(x, pair(kernel), pair(stride), pair(padding)));

/** What counts at the edges of `avgPool2d`. */
export interface AvgPoolOptions {
  /** Whether a window that extends beyond the edge still counts. */
  ceil?: boolean;
  /** Whether the zeros of the padding count in the mean. */
  countPadding?: boolean;
}

/** The mean of each window: x (B, C, H, W) → (B, C, H', W'). Kernel, stride and padding in pixels. */
export const avgPool2d = (
  x: Tensor,
  kernel: Pair,
  stride: Pair = kernel,
  padding: Pair = 0,
  { ceil = false, countPadding = true }: AvgPoolOptions = {},
): Tensor => new Tensor(op.avgPool2d(x, pair(kernel), pair(stride), pair(padding), ceil, countPadding));

/** Means over as many windows as it takes for that size: x (B, C, H, W) → (B, C, ...size). */
export const adaptiveAvgPool2d = (x: Tensor, size: readonly [number, number]): Tensor =>
  new Tensor(op.adaptiveAvgPool2d(x, size));

/** Pads height and width. */
export function pad2d(
  x: Tensor,
  [left, right, top, bottom]: readonly [number, number, number, number],
  mode: "constant" | "reflect" | "replicate" = "constant",
): Tensor {
  const sizes = [left, right, top, bottom];
  if (mode === "reflect") return new Tensor(op.reflectPad(x, sizes));
  if (mode === "replicate") return new Tensor(op.replicatePad(x, sizes));
  return new Tensor(op.pad(x, sizes, 0));
}

/** Bilinear resizing; pixel centres at half-integers, as images have them. */
export const resize = (x: Tensor, size: readonly [number, number]): Tensor =>
  new Tensor(op.bilinear(x, size, false));

/** Like `resize`, by cubic convolution (a = -0.75). */
export const resizeBicubic = (x: Tensor, size: readonly [number, number]): Tensor =>
  new Tensor(op.bicubic(x, size, false));

/**
 * Samples x (B, C, H, W) at grid (B, H', W', 2) of (x, y) in [−1, 1] (pixel edges), by default bilinearly; outside is
 * zero, or the edge's pixels, or the image reflected at its edges.
 */
export const gridSample = (
  x: Tensor,
  grid: Tensor,
  mode: "bilinear" | "nearest" | "bicubic" = "bilinear",
  outside: "zeros" | "border" | "reflection" = "zeros",
): Tensor =>
  new Tensor(
    op.gridSample(
      x,
      grid,
      ["bilinear", "nearest", "bicubic"].indexOf(mode),
      ["zeros", "border", "reflection"].indexOf(outside),
      false,
    ),
  );

/** What becomes of the losses of a batch: each as it is (`none`), their mean or their sum. */
export type Reduction = "none" | "mean" | "sum";
const reductions: Reduction[] = ["none", "mean", "sum"];

/** Cross-entropy of logits (B, K) against class indices (B) int64, or class probabilities (B, K). */
export const crossEntropy = (
  logits: Tensor,
  target: Tensor,
  reduction: Reduction = "mean",
  smoothing = 0,
): Tensor =>
  new Tensor(op.crossEntropy(logits, target, null, reductions.indexOf(reduction), -100, smoothing));

/** −y log σ(z) − (1 − y) log(1 − σ(z)), computed from the logit z. */
export const binaryCrossEntropy = (logits: Tensor, target: Tensor, reduction: Reduction = "mean"): Tensor =>
  new Tensor(op.binaryCrossEntropy(logits, target, null, null, reductions.indexOf(reduction)));

/** log Σ exp x along a dimension. */
export const logsumexp = (x: Tensor, dim: number, keepdim = false): Tensor =>
  new Tensor(op.logsumexp(x, [dim], keepdim));

/** The k largest values along the last dimension and their indices. */
export const topk = (x: Tensor, k: number): [Tensor, Tensor] =>
  wrap(operator("aten::topk").call(x, k)) as [Tensor, Tensor];

/** x in `chunks` parts along a dimension. */
export const chunk = (x: Tensor, chunks: number, dim = 0): Tensor[] =>
  wrap(operator("aten::chunk").call(x, chunks, dim)) as Tensor[];

/** x in parts of the given sizes along a dimension. */
export const split = (x: Tensor, sizes: readonly number[], dim = 0): Tensor[] =>
  wrap(operator("aten::split_with_sizes").call(x, sizes, dim)) as Tensor[];
