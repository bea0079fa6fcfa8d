/** Positions, and a profile's own frame. */
import type { Tensor } from "../../torch/tensor.ts";
import type { Numbers } from "./rows.ts";

/** Positions, arcsec; x and y broadcast against each other. (1 or N, …) for N profiles, or (…, M) for one a place */
export interface Positions {
  x: Tensor;
  y: Tensor;
}

/** Centre of a profile, arcsec. */
export interface Centre {
  x: number;
  y: number;
}

/** Centre and orientation of a profile: arcsec, and radians from the x axis to the major axis. */
export interface Placement extends Centre {
  angle: number;
}

export type FrameNumbers = "x" | "y" | "along_x" | "along_y" | "across_x" | "across_y";

/**
 * A profile's frame as numbers.
 *
 * @param units what counts as 1 along the major (x) and minor (y) axis, arcsec
 */
export const frameOf = (
  { x, y, angle }: Placement,
  units: Centre = { x: 1, y: 1 },
): Record<FrameNumbers, number> => ({
  x,
  y,
  along_x: Math.cos(angle) / units.x,
  along_y: Math.sin(angle) / units.x,
  across_x: -Math.sin(angle) / units.y,
  across_y: Math.cos(angle) / units.y,
});

/** Positions from each profile's centre, in tensors of their own. */
export const fromCentre = (at: Positions, of: Numbers<"x" | "y">): Positions => ({
  x: at.x.sub(of.x),
  y: at.y.sub(of.y),
});

/** Positions from each profile's centre along its major (x) and minor (y) axis, in tensors of their own. */
export function intoFrame(at: Positions, of: Numbers<FrameNumbers>): Positions {
  const { x, y } = fromCentre(at, of);
  return {
    x: x.mul(of.along_x).add(y.mul(of.along_y)),
    y: x.mul(of.across_x).add(y.mul(of.across_y)),
  };
}

/** A vector of each profile's frame (of units 1), in the sky's. */
export function outOfFrame({ x, y }: Positions, of: Numbers<FrameNumbers>): Positions {
  return {
    x: x.mul(of.along_x).add(y.mul(of.across_x)),
    y: x.mul(of.along_y).add(y.mul(of.across_y)),
  };
}

/** Axis ratio and position angle of eccentricity components: |e| = (1 − q) / (1 + q), e = |e| (cos 2φ, sin 2φ). */
export function axisRatioOf(e1: number, e2: number): { q: number; angle: number } {
  const e = Math.hypot(e1, e2);
  return { q: (1 - e) / (1 + e), angle: Math.atan2(e2, e1) / 2 };
}
