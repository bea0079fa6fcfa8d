/**
 * Regression by a Gaussian process with a squared-exponential kernel: few rows, few features, and an answer that is not linear.
 *
 * Source: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning: the mean eq. 2.25, the evidence eq. 2.30 (here
 * with the signal's variance at its best), predictions of left-out rows eq. 5.12.
 */
import { safePoint } from "../../foundation/interrupt.ts";
import { call } from "../../torch/call.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/**
 * f(x) = mean + Σ_i α_i k(z, c_i) with z = (x − shift) / scale; k is the mean over parts p of F_p features of
 * exp(−γ |z_p − c_ip|² / F_p). Row-major.
 */
export interface GaussianProcess {
  /** Features of each part. */
  readonly parts: readonly number[];
  readonly shift: Float64Array;
  readonly scale: Float64Array;
  /** (N, F) */
  readonly centres: Float64Array;
  readonly alpha: Float64Array;
  readonly gamma: number;
  readonly mean: number;
  /** The noise's variance, in units of the signal's. */
  readonly noise: number;
  /** What the process says of each row if that row is left out (N). */
  readonly leftOut: Float64Array;
}

/** From nearly linear to nearest neighbours. */
const GAMMAS = [0.01, 0.03, 0.1, 0.3, 1, 3];
/** Variances of the noise: 10^-2 to 10^2 of the signal's, four a decade. */
const NOISES = Array.from({ length: 17 }, (_, k) => 10 ** (-2 + k / 4));

/**
 * Fits γ and the noise by the largest evidence.
 *
 * @param features row-major (N, F)
 * @param targets (N)
 * @param parts features of each part, sum F; one part if absent
 * @throws Interrupted when the user stops it
 */
export async function fitGaussianProcess(
  features: Float64Array,
  targets: Float64Array,
  parts: readonly number[] = [features.length / targets.length],
): Promise<GaussianProcess> {
  const rows = targets.length;
  const width = features.length / rows;
  const { shift, scale, centres } = standardised(features, width);
  const mean = targets.reduce((sum, y) => sum + y, 0) / rows;
  const residuals = targets.map((y) => y - mean);
  let best: Fit | null = null;
  for (const gamma of GAMMAS) {
    await safePoint("nothing was written");
    const fit = fitAt(gamma, centres, parts, residuals);
    if (best === null || fit.evidence > best.evidence) best = fit;
  }
  const { gamma, noise, alpha, precision } = best!;
  const leftOut = targets.map((y, i) => y - alpha[i]! / precision[i]!);
  return { parts, shift, scale, centres, alpha, gamma, mean, noise, leftOut };
}

/** @param features row-major (N, F) → f (N) */
export function gaussianProcessAt(process: GaussianProcess, features: Float64Array): Float64Array {
  const { parts, shift, scale, centres, alpha, gamma, mean } = process;
  const width = shift.length;
  const rows = features.length / width;
  return tidy(() => {
    const z = features.map((value, i) => (value - shift[i % width]!) / scale[i % width]!);
    const kernel = kernelOf(gamma, parts, tensor(z, [rows, width]), tensor(centres, [alpha.length, width]));
    const f = kernel.matmul(tensor(alpha, [alpha.length, 1])).add(mean);
    return Float64Array.from(f.squeeze(1).numbers());
  });
}

/** k of every row of a (A, F) with every row of b (B, F) → (A, B) */
function kernelOf(gamma: number, parts: readonly number[], a: Tensor, b: Tensor): Tensor {
  let from = 0;
  const kernels = parts.map((width) => {
    const [p, q] = [a.narrow(1, from, width), b.narrow(1, from, width)];
    from += width;
    const squares = p.square().sum(1, true).add(q.square().sum(1)); // (A, B)
    return squares
      .sub(p.matmul(q.transpose(0, 1)).mul(2))
      .clamp(0)
      .mul(-gamma / width)
      .exp();
  });
  return kernels.reduce((sum, one) => sum.add(one)).div(parts.length);
}

interface Fit {
  evidence: number;
  gamma: number;
  noise: number;
  /** C⁻¹ r, and the diagonal of C⁻¹; C = K + noise · 1. */
  alpha: Float64Array;
  precision: Float64Array;
}

/** The best noise for one γ: with K = Q Λ Qᵀ each noise costs no more than a sum over rows. */
function fitAt(gamma: number, centres: Float64Array, parts: readonly number[], residuals: Float64Array): Fit {
  const n = residuals.length;
  return tidy(() => {
    const z = tensor(centres, [n, centres.length / n]);
    const kernel = kernelOf(gamma, parts, z, z);
    const [values, Q] = call("aten::linalg_eigh", kernel, "L") as [Tensor, Tensor];
    const projected = Q.transpose(0, 1).matmul(tensor(residuals, [n, 1]));
    const lambda = values.clamp(0).numbers();
    const r = projected.squeeze(1).numbers();
    const evidences = NOISES.map((noise) => {
      const variance = lambda.reduce((sum, value, i) => sum + r[i]! ** 2 / (value + noise), 0) / n;
      const determinant = lambda.reduce((sum, value) => sum + Math.log(value + noise), 0);
      return -0.5 * (n * Math.log(Math.max(variance, Number.MIN_VALUE)) + determinant);
    });
    const evidence = Math.max(...evidences);
    const noise = NOISES[evidences.indexOf(evidence)]!;
    const inverse = tensor(
      Float64Array.from(lambda, (value) => 1 / (value + noise)),
      [n, 1],
    );
    const alpha = Q.matmul(projected.mul(inverse)).squeeze(1).numbers();
    const precision = Q.square().matmul(inverse).squeeze(1).numbers();
    return {
      evidence,
      gamma,
      noise,
      alpha: Float64Array.from(alpha),
      precision: Float64Array.from(precision),
    };
  });
}

/** Features less their mean, over their deviation; one that is the same everywhere keeps its unit. */
function standardised(features: Float64Array, width: number) {
  const rows = features.length / width;
  const shift = new Float64Array(width);
  const scale = new Float64Array(width);
  features.forEach((value, i) => {
    shift[i % width]! += value / rows;
  });
  features.forEach((value, i) => {
    scale[i % width]! += (value - shift[i % width]!) ** 2 / rows;
  });
  for (let k = 0; k < width; k++) scale[k] = scale[k]! > 0 ? Math.sqrt(scale[k]!) : 1;
  const centres = features.map((value, i) => (value - shift[i % width]!) / scale[i % width]!);
  return { shift, scale, centres };
}
