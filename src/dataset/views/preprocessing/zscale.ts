/**
 * IRAF's and DS9's z-scale: each band of each image from z1 to z2, clipped to [0, 1]. A line is fitted repeatedly to a
 * sample of up to 1000 sorted pixels, without those more than 2.5 standard deviations off it and their neighbours; its
 * slope over the contrast gives the range shown about the median. Numbers and order of steps are those of
 * astropy.visualization.ZScaleInterval (from NOAO's zscale). A constant band becomes zeros.
 */
import { z } from "zod";
import { call } from "../../../torch/call.ts";
import { arange, stack, where } from "../../../torch/create.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { isWatched } from "../../../torch/watching.ts";
import { about, kindOf } from "./kind.ts";

const SAMPLES = 1000;
/** The fit is given up when less than this fraction of the sample is left, or fewer than 5 pixels. */
const LEFT = 0.5;
const FEWEST = 5;
const OUTLYING = 2.5;
const ROUNDS = 5;
/** The fraction of the sample that is rejected around an outlier. */
const GROWN = 0.01;

export const zscale = kindOf({
  schema: z.strictObject({ kind: z.literal("zscale"), ...about, contrast: z.number().positive().max(1) }),
  summary: "each band of each image by IRAF's z-scale to [0, 1]",
  pixels: "any",
  takes: ["contrast"],
  fit: ({ options }) => ({ contrast: options.contrast ?? 0.25 }),
  apply({ contrast }, x) {
    const [z1, z2] = zscaleLimits(x, contrast);
    const range = z2.sub(z1);
    const flat = range.gt(0).not().to("float32");
    return x.sub(z1).div(range.add(flat)).clamp(0, 1).mul(flat.rsub(1));
  },
});

/**
 * The limits of each band of each image.
 *
 * @param x (B, C, H, W) float32
 * @returns z1 and z2, each (B, C, 1, 1) float32
 */
export function zscaleLimits(x: Tensor, contrast: number): [Tensor, Tensor] {
  const [batch, bands, height, width] = x.shape as [number, number, number, number];
  const stride = Math.max(1, Math.trunc((height * width) / SAMPLES));
  const flat = x.reshape([batch * bands, height * width]).slice(1, 0, undefined, stride);
  const [ordered] = call("aten::sort", flat.slice(1, 0, SAMPLES), 1, false) as [Tensor, Tensor];
  const sorted = ordered.to("float64"); // (N, n)
  const n = sorted.shape[1]!;
  const fewest = Math.max(FEWEST, Math.trunc(n * LEFT));
  const { slope, left } = slopeOf(sorted, fewest);
  const median = sorted
    .select(1, (n - 1) >> 1)
    .add(sorted.select(1, n >> 1))
    .div(2);
  const centre = (n - 1) >> 1;
  const step = slope.div(contrast);
  const [least, most] = [sorted.select(1, 0), sorted.select(1, n - 1)];
  const low = least.maximum(median.sub(step.mul(centre - 1)));
  const high = most.minimum(median.add(step.mul(n - centre)));
  const fitted = left.ge(fewest);
  const shaped = (limit: Tensor) => limit.to("float32").reshape([batch, bands, 1, 1]);
  return [shaped(where(fitted, low, least)), shaped(where(fitted, high, most))];
}

/** The last fit's slope, and how many pixels were left after it, for each row (N, n) of sorted values. */
function slopeOf(sorted: Tensor, fewest: number): { slope: Tensor; left: Tensor } {
  const n = sorted.shape[1]!;
  // Indices from their middle, with powers 0 to 2 as columns: (n, 3)
  const index = arange(0, n, 1, { dtype: "float64", device: sorted.device }).sub((n - 1) / 2);
  const powers = stack([index.mul(0).add(1), index, index.square()], 1);
  let good = sorted.mul(0).add(1); // (N, n) 1 for a pixel that counts
  let left = good.sum(1); // (N)
  let before = left.add(1);
  let slope = left.mul(0);
  for (let round = 0; round < ROUNDS; round++) {
    const going = left.lt(before).and(left.ge(fewest)); // (N)
    if (!isWatched() && going.any().item() === 0) break; // further rounds would change nothing
    // 1. A line by least squares: Σ x^k and Σ x^k y over the good pixels.
    const sums = good.matmul(powers); // (N, 3)
    const [count, x, xx] = [0, 1, 2].map((k) => sums.select(1, k)) as [Tensor, Tensor, Tensor];
    const moments = good.mul(sorted).matmul(powers.slice(1, 0, 2)); // (N, 2)
    const [y, xy] = [moments.select(1, 0), moments.select(1, 1)];
    const fit = xy.mul(count).sub(x.mul(y)).div(xx.mul(count).sub(x.square()));
    const middle = y.sub(fit.mul(x)).div(count);
    const residual = sorted.sub(fit.unsqueeze(1).mul(index)).sub(middle.unsqueeze(1)); // (N, n)
    // 2. Outliers are rejected, with their neighbours.
    const sigma = residual.square().mul(good).sum(1).div(count).sqrt();
    const outlying = residual.abs().gt(sigma.mul(OUTLYING).unsqueeze(1)).to("float64");
    const bad = grown(outlying.maximum(good.rsub(1)), Math.max(1, Math.trunc(n * GROWN)));
    slope = where(going, fit, slope);
    good = where(going.unsqueeze(1), bad.rsub(1), good);
    before = where(going, left, before);
    left = good.sum(1);
  }
  return { slope, left };
}

/** Marks the neighbours of marked pixels too: rows (N, n) of 0 and 1 convolved with `width` ones, cut to the middle. */
function grown(marks: Tensor, width: number): Tensor {
  const n = marks.shape[1]!;
  const after = width >> 1;
  const padded = call("aten::constant_pad_nd", marks, [after, width - 1 - after], 0) as Tensor;
  const sums = call("aten::constant_pad_nd", padded.cumsum(1), [1, 0], 0) as Tensor; // (N, n + width)
  return sums
    .narrow(1, width, n)
    .sub(sums.narrow(1, 0, n))
    .gt(0)
    .to("float64");
}
