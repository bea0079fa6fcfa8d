/** Positions, and a profile's own frame. */
import type { Tensor } from "../../torch/tensor.ts";
import type { Numbers } from "./rows.ts";

/** Positions, arcsec; x and y broadcast against each other. (1 or N, …) for N profiles; (…, M) with a profile for each */
export interface Positions {
  x: Tensor;
  y: Tensor;
}

/** Centre of a profile, arcsec. */
export interface Centre {
  /** Arcsec. */
  x: number;
  /** Arcsec. */
  y: number;
}

/** Centre and orientation of a profile: arcsec, and radians from the x axis to the major axis. */
export interface Placement extends Centre {
  /** Radians from the x axis to the major axis. */
  angle: number;
}

export type FrameNumbers = "x" | "y" | "along_x" | "along_y" | "across_x" | "across_y";

/**
 * A profile's frame as numbers.
 *
 * @param units the units of length along the major (x) and minor (y) axis, arcsec
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

/** Positions relative to each profile's centre, as new tensors. */
export const fromCentre = (at: Positions, numbers: Numbers<"x" | "y">): Positions => ({
  x: at.x.sub(numbers.x),
  y: at.y.sub(numbers.y),
});

/** Positions relative to each profile's centre along its major (x) and minor (y) axis, as new tensors. */
export function intoFrame(at: Positions, numbers: Numbers<FrameNumbers>): Positions {
  const { x, y } = fromCentre(at, numbers);
  return {
    x: x.mul(numbers.along_x).add(y.mul(numbers.along_y)),
    y: x.mul(numbers.across_x).add(y.mul(numbers.across_y)),
  };
}

/** A vector from each profile's frame (with unit lengths) to the sky's. */
export function outOfFrame({ x, y }: Positions, numbers: Numbers<FrameNumbers>): Positions {
  return {
    x: x.mul(numbers.along_x).add(y.mul(numbers.across_x)),
    y: x.mul(numbers.along_y).add(y.mul(numbers.across_y)),
  };
}

/** Axis ratio and position angle of eccentricity components: |e| = (1 − q) / (1 + q), e = |e| (cos 2φ, sin 2φ). */
export function axisRatioOf(e1: number, e2: number): { q: number; angle: number } {
  const e = Math.hypot(e1, e2);
  return { q: (1 - e) / (1 + e), angle: Math.atan2(e2, e1) / 2 };
}
