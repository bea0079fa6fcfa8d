/**
 * Adaptive supersampling. One ray through a pixel's centre gives its mean brightness up to h² / 24 (f_xx + f_yy) and
 * higher terms. Second differences between neighbouring pixels' rays estimate these two terms. Their sum is added, with
 * its sign: cores would otherwise come out too faint or outskirts too, and a galaxy's flux with them. Where the sum of
 * their sizes exceeds the allowed error, the pixel is computed again with k × k rays at the nodes of Gauss and Legendre;
 * k is the least that would be enough for evenly spaced rays, whose error is k² times smaller. Only cusps need the most, a
 * pixel or two of a galaxy. Which pixels these are depends on the component alone.
 */
import { call } from "../../torch/call.ts";
import { tensor, zerosLike } from "../../torch/create.ts";
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
    const error = inPlace(correct(pixels)).div(allowed.mul(24)).tensor; // in units of the allowed error
    SIDES.forEach((side, k) => {
      const above = error.gt(k === 0 ? 1 : SIDES[k - 1]! ** 2);
      const mask = k === SIDES.length - 1 ? above : above.and(error.le(side ** 2));
      supersample(pixels, mask, side, grid, brightness);
    });
  });
}

/**
 * Adds second differences, a 24th of them, to pixels. The first and last row (column) have none across it.
 *
 * @returns the sum of the sizes of both directions' second differences; an edge pixel's are its neighbour's (N, size, size)
 */
function correct(pixels: Tensor): Tensor {
  const sizes = zerosLike(pixels);
  if (pixels.shape[1]! < 3 || pixels.shape[2]! < 3) return sizes;
  const twice = pixels.mul(2);
  const along = (dim: 1 | 2) => {
    const length = pixels.shape[dim]! - 2;
    const [before, after] = [pixels.narrow(dim, 0, length), pixels.narrow(dim, 2, length)];
    return inPlace(before.add(after)).sub(twice.narrow(dim, 1, length));
  };
  const both = ([1, 2] as const).map((dim) => [dim, along(dim)] as const); // before any pixel is changed
  for (const [dim, difference] of both) {
    const length = pixels.shape[dim]! - 2;
    inPlace(sizes.narrow(dim, 1, length)).add(difference.tensor.abs());
    inPlace(pixels.narrow(dim, 1, length)).add(difference.mul(1 / 24));
  }
  for (const [dim] of both)
    for (const [edge, next] of [
      [0, 1],
      [pixels.shape[dim]! - 1, pixels.shape[dim]! - 2],
    ] as const)
      sizes.narrow(dim, edge, 1).copy_(sizes.narrow(dim, next, 1));
  return sizes;
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
