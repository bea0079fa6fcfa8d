/** Initial values of weights, each from an explicit generator. A weight is (out, in, …kernel). */
import type { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";

/** How many inputs each output sums over, and how many outputs each input reaches. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  const [out = 1, input = 1, ...kernel] = shape;
  const taps = kernel.reduce((product, length) => product * length, 1);
  return { fanIn: input * taps, fanOut: out * taps };
}

/** Uniform in [−bound, bound). */
export const uniform = (shape: Shape, bound: number, generator: Generator): Tensor =>
  tidy(() =>
    generator
      .uniform(shape)
      .mul(2 * bound)
      .sub(bound),
  );

/** Normal with mean 0. */
export const normal = (shape: Shape, deviation: number, generator: Generator): Tensor =>
  tidy(() => generator.normal(shape).mul(deviation));

/** How `kaimingNormal` and its like scale. */
export interface KaimingOptions {
  /** `in` keeps the variance of the activations, `out` that of the gradients. */
  fan?: "in" | "out";
  /** Slope of the (leaky) ReLU that follows, left of zero. */
  slope?: number;
}

const kaimingDeviation = (shape: Shape, { fan = "in", slope = 0 }: KaimingOptions): number => {
  const { fanIn, fanOut } = fans(shape);
  return Math.sqrt(2 / (1 + slope ** 2) / (fan === "in" ? fanIn : fanOut));
};

/** Variance 2 / ((1 + slope²) fan), for layers before a ReLU. He et al. 2015 (arXiv 1502.01852), equations 10 and 14. */
export const kaimingNormal = (shape: Shape, generator: Generator, options: KaimingOptions = {}): Tensor =>
  normal(shape, kaimingDeviation(shape, options), generator);

/** Like `kaimingNormal`, but uniform. */
export const kaimingUniform = (shape: Shape, generator: Generator, options: KaimingOptions = {}): Tensor =>
  uniform(shape, Math.sqrt(3) * kaimingDeviation(shape, options), generator);

const xavierDeviation = (shape: Shape, gain: number): number => {
  const { fanIn, fanOut } = fans(shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
};

/** Variance 2 gain² / (fan in + fan out). Glorot and Bengio 2010 (AISTATS), equation 12. */
export const xavierNormal = (shape: Shape, generator: Generator, gain = 1): Tensor =>
  normal(shape, xavierDeviation(shape, gain), generator);

/** Like `xavierNormal`, but uniform (equation 16). */
export const xavierUniform = (shape: Shape, generator: Generator, gain = 1): Tensor =>
  uniform(shape, Math.sqrt(3) * xavierDeviation(shape, gain), generator);

/** The initial values of PyTorch's linear and convolution layers: weight and bias uniform within ±1/√(fan in). */
export function torchDefault(
  shape: Shape,
  bias: boolean,
  generator: Generator,
): { weight: Tensor; bias: Tensor | null } {
  const bound = 1 / Math.sqrt(fans(shape).fanIn);
  const weight = uniform(shape, bound, generator);
  return { weight, bias: bias ? uniform([shape[0] ?? 1], bound, generator) : null };
}
