/** Anti-aliased average pooling (Zhang 2019, arXiv 1904.11486), exactly equivariant on even and odd sizes. */
import { Module } from "../../nn/module.ts";
import { tensor } from "../../torch/create.ts";
import { conv2d } from "../../torch/neural.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Taps farther out than this many standard deviations, of relative weight below 0.3 %, are left out. */
const REACH = 3.5;

/** An even kernel's first taps are half a pixel away: with a Gaussian narrower than 0.5 / REACH it would have none. */
export const LEAST_SIGMA = 0.15;
/** Wider than most images; the kernel's cost grows with its square. */
export const MOST_SIGMA = 16;

/**
 * Gaussian weights that sum to 1: at whole pixels from the centre when odd, at half pixels when even.
 *
 * @param sigma standard deviation in pixels, above 0.5 / REACH when even
 */
export function gaussianTaps(sigma: number, even: boolean): number[] {
  const reach = Math.floor(REACH * sigma + (even ? 0.5 : 0)) - (even ? 0.5 : 0);
  const taps: number[] = [];
  for (let x = -reach; x <= reach; x++) taps.push(Math.exp(-0.5 * (x / sigma) ** 2));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

/**
 * x (B, C, H, W) → (B, C, ⌈H / stride⌉, ⌈W / stride⌉), with zeros outside the image.
 *
 * The samples are symmetric about the image's centre, or a rotation would move them: with stride 2, on an odd side they
 * are pixels 0, 2, …, N − 1 under an odd kernel, on an even side the midpoints between pixels 0 and 1, 2 and 3, … under
 * an even kernel.
 */
export class AntialiasedPool extends Module {
  private readonly sigma: number;
  private readonly stride: 1 | 2;

  constructor(sigma: number, stride: 1 | 2) {
    super();
    this.sigma = sigma;
    this.stride = stride;
  }

  override forward(x: Tensor): Tensor {
    const [, channels, height, width] = x.shape as [number, number, number, number];
    const rows = this.taps(height);
    const columns = this.taps(width);
    const weight = this.weight(x, channels, rows, columns);
    const padding = [this.paddingOf(rows), this.paddingOf(columns)] as const;
    return conv2d(x, weight, { stride: this.stride, padding, groups: channels });
  }

  private taps(side: number): number[] {
    return gaussianTaps(this.sigma, this.stride === 2 && side % 2 === 0);
  }

  /** Puts the first sample at pixel 0, or half a pixel farther for an even kernel. */
  private paddingOf(taps: number[]): number {
    return Math.floor((taps.length - 1) / 2);
  }

  /** (C, 1, h, w), made once for each shape, type and device of the input. */
  private weight(x: Tensor, channels: number, rows: number[], columns: number[]): Tensor {
    const { dtype, device } = x;
    const key = `${channels}:${rows.length}x${columns.length}:${dtype}:${device}`;
    const existing = this.constantNamed(key);
    if (existing !== undefined) return existing;
    const kernel = rows.flatMap((row) => columns.map((column) => row * column));
    const make = () => {
      const values = tensor(Float64Array.from(kernel), [1, 1, rows.length, columns.length]);
      return values.repeat([channels, 1, 1, 1]).to(dtype).toDevice(device);
    };
    return this.constant(key, tidy(make));
  }
}
