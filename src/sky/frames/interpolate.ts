/**
 * A frame's light on another grid: each new pixel is the mean of the frame about its middle, weighed by a kernel. The new
 * pixels lie anywhere (another world coordinate system, turned and bent), and the frame has pixels without data; images
 * on two grids of one middle and direction are `data/importing/remap`'s, or for a network `data/adapting/resample`'s.
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { Window } from "./frame-image.ts";

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Interpolation kernels, and how far they reach, pixels. */
const KERNELS = {
  bilinear: { reach: 1, at: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  lanczos3: { reach: 3, at: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const;
export type Kernel = keyof typeof KERNELS;
export const KERNEL_NAMES = ["bilinear", "lanczos3"] as const satisfies Kernel[];

/** Pixels of the frame that may lie under one cutout. */
const MOST_PIXELS = 2 ** 24;

/**
 * Surface brightness at places of a frame, NaN where the pixel there, or half the kernel's weight, is without data.
 *
 * @param read the frame's pixels in a window, NaN where there are none
 * @param places pixels (x, y, x, y, …) of the frame, one a new pixel
 * @param widen new pixels' side over the frame's: the kernel of coarser pixels is wider, so that no light is left out
 * @throws ArcletError when the places lie too far apart to be one cutout
 */
export function interpolated(
  read: (window: Window) => Float32Array,
  places: Float64Array,
  kernel: Kernel,
  widen: number,
): Float32Array {
  const { reach: own, at } = KERNELS[kernel];
  const wide = Math.max(1, widen);
  const reach = own * wide;
  const window = around(places, Math.ceil(reach));
  const data = read(window);
  return Float32Array.from({ length: places.length / 2 }, (_, i) => {
    const [x, y] = [places[2 * i]! - window.x, places[2 * i + 1]! - window.y];
    if (!Number.isFinite(x + y)) return NaN;
    if (Number.isNaN(data[Math.round(y) * window.width + Math.round(x)]!)) return NaN;
    const [x0, x1] = [Math.ceil(x - reach), Math.floor(x + reach)];
    const along = Array.from({ length: x1 - x0 + 1 }, (_, k) => at((x0 + k - x) / wide));
    let [sum, weights, all] = [0, 0, 0];
    for (let v = Math.ceil(y - reach); v <= y + reach; v++) {
      const across = at((v - y) / wide);
      for (let k = 0; k < along.length; k++) {
        const weight = across * along[k]!;
        const value = data[v * window.width + x0 + k]!;
        all += weight;
        if (Number.isNaN(value)) continue;
        weights += weight;
        sum += weight * value;
      }
    }
    return weights > 0.5 * all ? sum / weights : NaN;
  });
}

function around(places: Float64Array, reach: number): Window {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < places.length; i += 2) {
    const [x, y] = [places[i]!, places[i + 1]!];
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
      problem: "its pixels lie too far apart on the frame",
    });
  return window;
}
