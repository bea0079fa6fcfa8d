/**
 * Positions, and a profile's own frame. Functions of profiles take a list of N profiles at once: row i of the result
 * is profile i's, and the first dimension of the positions is 1 (every profile at the same places) or N.
 */
import { type Tensor, tensor } from "../../torch/index.ts";
import { inPlace } from "./in-place.ts";

/** Positions, arcsec; x and y broadcast against each other. (1 or N, …) */
export interface Positions {
  x: Tensor;
  y: Tensor;
}

/** Centre and orientation of a profile: arcsec, and radians from the x axis to the major axis. */
export interface Placement {
  x: number;
  y: number;
  angle: number;
}

/** A number of each row, (N, 1, …), to broadcast against `like`, in its type. */
export function perRow<T>(
  rows: readonly T[],
  like: Tensor,
  value: (row: T, index: number) => number,
): Tensor {
  const shape = [rows.length, ...Array<number>(like.ndim - 1).fill(1)];
  return tensor(Float64Array.from(rows, value), shape, { dtype: like.dtype });
}

/**
 * Positions from each profile's centre along its major (x) and minor (y) axis, in tensors of their own.
 *
 * @param units what counts as 1 along either axis, arcsec; 1 where left out
 */
export function intoFrame(
  at: Positions,
  places: readonly Placement[],
  units?: readonly { x: number; y: number }[],
): Positions {
  const dx = at.x.sub(perRow(places, at.x, (place) => place.x));
  const dy = at.y.sub(perRow(places, at.y, (place) => place.y));
  const along = (value: (angle: number) => number) =>
    perRow(places, dx, ({ angle }, i) => value(angle) / (units?.[i]?.x ?? 1));
  const across = (value: (angle: number) => number) =>
    perRow(places, dx, ({ angle }, i) => value(angle) / (units?.[i]?.y ?? 1));
  return {
    x: dx.mul(along(Math.cos)).add(dy.mul(along(Math.sin))),
    y: dy.mul(across(Math.cos)).sub(dx.mul(across(Math.sin))),
  };
}

/** A vector of each profile's frame, in the sky's. */
export function outOfFrame({ x, y }: Positions, places: readonly Placement[]): Positions {
  const c = perRow(places, x, ({ angle }) => Math.cos(angle));
  const s = perRow(places, x, ({ angle }) => Math.sin(angle));
  return {
    x: inPlace(x.mul(c)).sub(y.mul(s)).tensor,
    y: inPlace(x.mul(s)).add(y.mul(c)).tensor,
  };
}

/** Axis ratio and position angle of eccentricity components: |e| = (1 − q) / (1 + q), e = |e| (cos 2φ, sin 2φ). */
export function axisRatioOf(e1: number, e2: number): { q: number; angle: number } {
  const e = Math.hypot(e1, e2);
  return { q: (1 - e) / (1 + e), angle: Math.atan2(e2, e1) / 2 };
}
