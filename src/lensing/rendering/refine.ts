/**
 * Adaptive supersampling. One ray through a pixel's centre gives its mean brightness up to h² / 24 (f_xx + f_yy) and
 * higher terms. Second differences between neighbouring pixels' rays estimate these two terms. Their sum is added, with
 * its sign: cores would otherwise come out too faint or outskirts too, and a galaxy's flux with them. Where the sum of
 * their sizes exceeds the allowed error, the pixel is computed again with k × k rays at the nodes of Gauss and Legendre;
 * k is the least of 3, 5, 9, 15 and 27 that would be enough for evenly spaced rays, whose error is k² times smaller. Only
 * cusps need the most, a pixel or two of a galaxy. Which pixels these are depends on the component alone.
 */
import { call } from "../../torch/call.ts";
import { tensor } from "../../torch/create.ts";
import { pad2d } from "../../torch/neural.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Positions } from "../profiles/frame.ts";
import { inPlace } from "../profiles/in-place.ts";
import { gaussLegendre, inParts } from "./gauss-legendre.ts";

/** Allowed error of a component in a pixel, in units of its typical brightness. */
export const TOLERANCE = 1e-2;
/** Rays along a refined pixel's side. */
const SIDES = [3, 5, 9, 15, 27] as const;
/** Rays computed together. */
const RAYS_AT_ONCE = 2 ** 17;

export interface Grid {
  /** Pixels along a side. */
  size: number;
  /** Centres of the pixels along either axis, arcsec. (size) */
  axis: Tensor;
  pixelScale: number;
}

/**
 * Replaces one ray's brightness by the mean of many, in the pixels that need it.
 *
 * @param pixels (N, size, size), contiguous: brightness on the rays through the pixels' centres; overwritten
 * @param allowed (N, 1, 1), the allowed error of each component in a pixel
 * @param brightness returns the brightness of component index[m] on rays (k, M): (k, M)
 */
export function refine(
  pixels: Tensor,
  allowed: Tensor,
  grid: Grid,
  brightness: (index: Tensor, rays: Positions) => Tensor,
): void {
  tidy(() => {
    const { sum, size } = curvature(pixels);
    const error = inPlace(size).div(allowed).tensor; // in units of the allowed error
    inPlace(pixels).add(sum);
    SIDES.forEach((side, k) => {
      const above = error.gt(k === 0 ? 1 : SIDES[k - 1]! ** 2);
      const mask = k === SIDES.length - 1 ? above : above.and(error.le(side ** 2));
      supersample(pixels, mask, side, grid, brightness);
    });
  });
}

/**
 * (f_xx + f_yy) / 24, and the same of the terms' sizes, from second differences; those of an edge pixel are its
 * neighbour's. (N, size, size) each
 */
function curvature(pixels: Tensor): { sum: Tensor; size: Tensor } {
  const [, h, w] = pixels.shape as [number, number, number];
  const along = (dim: 1 | 2, length: number): Tensor => {
    if (length < 3) return pixels.mul(0);
    const [before, at, after] = [0, 1, 2].map((first) => pixels.narrow(dim, first, length - 2));
    const inner = inPlace(before!.add(after!))
      .sub(at!)
      .sub(at!)
      .mul(1 / 24).tensor;
    return pad2d(inner, dim === 1 ? [0, 0, 1, 1] : [1, 1, 0, 0], "replicate");
  };
  const [yy, xx] = [along(1, h), along(2, w)];
  return { sum: yy.add(xx), size: inPlace(inPlace(yy).abs().tensor).add(inPlace(xx).abs()).tensor };
}

/**
 * The sum over the first dimension, of side² entries: (M). Part by part, since the order of libtorch's own sum depends on
 * a value's position in the array.
 */
function sumOf(values: Tensor, side: number): Tensor {
  const summed = (tensor: Tensor, rows: number) => {
    const sum = inPlace(tensor.narrow(0, 0, rows).clone());
    for (let k = 1; k < side; k++) sum.add(tensor.narrow(0, k * rows, rows));
    return sum.tensor;
  };
  return summed(summed(values, side), 1).select(0, 0);
}

/** From nine on they are three in every part, so that a cusp in the pixel's middle does not slip through. */
const ruleOf = (side: number) => (side < 9 ? gaussLegendre(side) : inParts(side / 3, gaussLegendre(3)));

function supersample(
  pixels: Tensor,
  mask: Tensor,
  side: number,
  { size, axis, pixelScale }: Grid,
  brightness: (index: Tensor, rays: Positions) => Tensor,
): void {
  const indices = (call("aten::nonzero", mask) as Tensor).transpose(0, 1).contiguous(); // (3, M)
  const count = indices.shape[1]!;
  if (count === 0) return;
  const { points, weights } = ruleOf(side);
  const perRay = (value: (column: number, row: number) => number) =>
    tensor(
      Float64Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side))),
      [side * side, 1],
      { dtype: pixels.dtype },
    );
  const dx = perRay((i) => points[i]! * pixelScale);
  const dy = perRay((_, j) => points[j]! * pixelScale);
  const weight = perRay((i, j) => weights[i]! * weights[j]!);
  const flat = call("aten::view", pixels, [-1]) as Tensor;
  const step = Math.max(1, Math.floor(RAYS_AT_ONCE / side ** 2));
  for (let first = 0; first < count; first += step)
    tidy(() => {
      const batch = indices.narrow(1, first, Math.min(step, count - first));
      const [index, row, column] = [batch.select(0, 0), batch.select(0, 1), batch.select(0, 2)];
      const x = axis.indexSelect(0, column).add(dx); // (side², M)
      const y = axis.indexSelect(0, row).add(dy);
      const mean = sumOf(inPlace(brightness(index, { x, y })).mul(weight).tensor, side);
      const flatIndex = index.mul(size).add(row).mul(size).add(column);
      call("aten::index_copy_", flat, 0, flatIndex, mean);
    });
}
