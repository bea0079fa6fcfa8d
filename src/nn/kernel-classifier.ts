/**
 * A classifier of two classes that is the mean of a Gaussian process over features, made a probability.
 *
 * Source: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, eq. 2.25.
 */
import { cat, zeros, zerosLike } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

/** Which classifier: the number of rows that it remembers, and the index of the class that its value speaks for. */
export interface KernelShape {
  readonly centres: number;
  /** Features of each part, sum F: a row is near another as it is near in its parts, on average. */
  readonly parts: readonly number[];
  readonly positive: 0 | 1;
}

/**
 * x = (features, l), l another classifier's log odds; z = (features − shift) / scale; f = own · (l, 1) + mean + Σ_i α_i k(z, c_i), where k is the mean over parts p of F_p features of
 * exp(−γ |z_p − c_ip|² / F_p); the logit of the positive class is slope · f + intercept, that of the other 0. Nothing of it is
 * learned by gradients.
 *
 * State `own` (2), `shift` (F), `scale` (F), `centres` (N, F), `alpha` (N), `gamma`, `mean`, `slope`, `intercept` (1 each).
 */
export class KernelClassifier extends Module {
  readonly positive: 0 | 1;
  private readonly parts: readonly number[];
  private readonly own: Tensor;
  private readonly shift: Tensor;
  private readonly scale: Tensor;
  private readonly centres: Tensor;
  private readonly alpha: Tensor;
  private readonly gamma: Tensor;
  private readonly mean: Tensor;
  private readonly slope: Tensor;
  private readonly intercept: Tensor;

  /** Values are zeros until a state is loaded. */
  constructor({ centres, parts, positive }: KernelShape) {
    super();
    const input = parts.reduce((sum, width) => sum + width, 0);
    this.positive = positive;
    this.parts = parts;
    this.own = this.buffer("own", zeros([2]));
    this.shift = this.buffer("shift", zeros([input]));
    this.scale = this.buffer("scale", zeros([input]));
    this.centres = this.buffer("centres", zeros([centres, input]));
    this.alpha = this.buffer("alpha", zeros([centres]));
    this.gamma = this.buffer("gamma", zeros([1]));
    this.mean = this.buffer("mean", zeros([1]));
    this.slope = this.buffer("slope", zeros([1]));
    this.intercept = this.buffer("intercept", zeros([1]));
  }

  /** x (B, F + 1) → logits (B, 2) float32 */
  override forward(x: Tensor): Tensor {
    const { centres, positive, parts } = this;
    const input = this.shift.shape[0]!;
    const features = x.to("float32");
    const z = features.narrow(1, 0, input).sub(this.shift).div(this.scale); // (B, F)
    let from = 0;
    const kernels = parts.map((width) => {
      const [rows, own] = [z.narrow(1, from, width), centres.narrow(1, from, width)];
      from += width;
      const squares = rows.square().sum(1, true).add(own.square().sum(1)); // (B, N)
      const distances = squares.sub(rows.matmul(own.transpose(0, 1)).mul(2)).clamp(0);
      return distances.div(width).mul(this.gamma).neg().exp();
    });
    const kernel = kernels.reduce((sum, one) => sum.add(one)).div(parts.length); // (B, N)
    const odds = features
      .narrow(1, input, 1)
      .mul(this.own.narrow(0, 0, 1))
      .add(this.own.narrow(0, 1, 1));
    const f = kernel.matmul(this.alpha.unsqueeze(1)).add(this.mean).add(odds); // (B, 1)
    const logit = f.mul(this.slope).add(this.intercept);
    const other = zerosLike(logit);
    return cat(positive === 1 ? [other, logit] : [logit, other], 1);
  }
}
