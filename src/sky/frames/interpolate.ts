/**
 * A frame's light on another grid: each new pixel is the mean of the frame around it, weighted by a kernel. The new pixels
 * may lie anywhere (on another world coordinate system, rotated and distorted), and the frame may have pixels without
 * data. For two grids with the same middle and direction see `making/importing/remap`, or for a network
 * `dataset/views/fitting/resample`.
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { Window } from "./frame-image.ts";

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Interpolation kernels, and their reach in pixels. */
const KERNELS = {
  bilinear: { reach: 1, at: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  lanczos3: { reach: 3, at: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const;
export type Kernel = keyof typeof KERNELS;
export const KERNEL_NAMES = ["bilinear", "lanczos3"] as const satisfies Kernel[];

/** Largest number of the frame's pixels under one cutout. */
const MOST_PIXELS = 2 ** 24;

/**
 * Surface brightness at positions on a frame; NaN where the nearest pixel, or half the kernel's weight, has no data.
 *
 * @param read the frame's pixels in a window, NaN where there are none
 * @param positions pixels (x, y, x, y, …) of the frame, one pair for each new pixel
 * @param widen new pixels' side over the frame's: coarser pixels have a wider kernel, so that no light is left out
 * @throws ArcletError when the positions are too far apart for one cutout
 */
export function interpolated(
  read: (window: Window) => Float32Array,
  positions: Float64Array,
  kernel: Kernel,
  widen: number,
): Float32Array {
  const { reach: kernelReach, at } = KERNELS[kernel];
  const wide = Math.max(1, widen);
  const reach = kernelReach * wide;
  const window = around(positions, Math.ceil(reach));
  const data = read(window);
  return Float32Array.from({ length: positions.length / 2 }, (_, i) => {
    const [x, y] = [positions[2 * i]! - window.x, positions[2 * i + 1]! - window.y];
    if (!Number.isFinite(x + y)) return NaN;
    if (Number.isNaN(data[Math.round(y) * window.width + Math.round(x)]!)) return NaN;
    const [x0, x1] = [Math.ceil(x - reach), Math.floor(x + reach)];
    const along = Array.from({ length: x1 - x0 + 1 }, (_, k) => at((x0 + k - x) / wide));
    let [sum, weights, total] = [0, 0, 0];
    for (let v = Math.ceil(y - reach); v <= y + reach; v++) {
      const across = at((v - y) / wide);
      for (let k = 0; k < along.length; k++) {
        const weight = across * along[k]!;
        const value = data[v * window.width + x0 + k]!;
        total += weight;
        if (Number.isNaN(value)) continue;
        weights += weight;
        sum += weight * value;
      }
    }
    return weights > 0.5 * total ? sum / weights : NaN;
  });
}

function around(positions: Float64Array, reach: number): Window {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 2) {
    const [x, y] = [positions[i]!, positions[i + 1]!];
    if (!Number.isFinite(x + y)) continue;
    [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
  }
  const window = {
    x: Math.floor(x0) - reach,
    y: Math.floor(y0) - reach,
    width: Math.ceil(x1) - Math.floor(x0) + 2 * reach + 1,
    height: Math.ceil(y1) - Math.floor(y0) + 2 * reach + 1,
  };
  if (!(window.width * window.height <= MOST_PIXELS))
    throw new ArcletError({
      where: "cutout",
      code: "too-large",
      problem: "its pixels are too far apart on the frame",
    });
  return window;
}
