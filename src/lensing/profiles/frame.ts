/** Coordinates in a profile's own frame. */
import { type Operand, Tensor } from "../../torch/index.ts";

/** Positions, arcsec; x and y broadcast against each other. */
export interface Positions {
  x: Tensor;
  y: Tensor;
}

/** Centre and orientation of a profile: arcsec, and radians from the x axis to the major axis. */
export interface Placement {
  x: Operand;
  y: Operand;
  angle: Operand;
}

const cosine = (angle: Operand): Operand => (angle instanceof Tensor ? angle.cos() : Math.cos(angle));
const sine = (angle: Operand): Operand => (angle instanceof Tensor ? angle.sin() : Math.sin(angle));

/** Positions from the profile's centre along its major (x) and minor (y) axis. */
export function intoFrame(at: Positions, { x, y, angle }: Placement): Positions {
  const [c, s] = [cosine(angle), sine(angle)];
  const [dx, dy] = [at.x.sub(x), at.y.sub(y)];
  return { x: dx.mul(c).add(dy.mul(s)), y: dy.mul(c).sub(dx.mul(s)) };
}

/** A vector of the profile's frame, in the sky's. */
export function outOfFrame(vector: Positions, angle: Operand): Positions {
  const [c, s] = [cosine(angle), sine(angle)];
  return { x: vector.x.mul(c).sub(vector.y.mul(s)), y: vector.x.mul(s).add(vector.y.mul(c)) };
}

/** Axis ratio and position angle of eccentricity components: |e| = (1 − q) / (1 + q), e = |e| (cos 2φ, sin 2φ). */
export function axisRatioOf(e1: number, e2: number): { q: number; angle: number } {
  const e = Math.hypot(e1, e2);
  return { q: (1 - e) / (1 + e), angle: Math.atan2(e2, e1) / 2 };
}
