/** Deflection angles of lens models: functions of position, arcsec in, arcsec out, for many lenses at once. */
import { type Tensor, tidy } from "../../torch/index.ts";
import { intoFrame, outOfFrame, type Placement, type Positions, perRow } from "./frame.ts";
import { inPlace } from "./in-place.ts";

/** A singular isothermal ellipsoid. */
export interface Sie extends Placement {
  /** Einstein radius, arcsec. */
  thetaE: number;
  /** Minor over major axis, in (0, 1]. */
  q: number;
}

/** A rounder lens is taken for one of this axis ratio, for the formula divides by √(1 − q²): an error below 1e-9. */
const ROUND = 1 - 1e-9;

/**
 * Singular isothermal ellipsoid (Kormann, Schneider & Bartelmann 1994, A&A 284, 285; in the normalisation of Keeton
 * 2001): κ = θ_E / (2 √(q x² + y² / q)), so that θ_E is the radius of the circle of the critical curve's area. In the
 * lens's frame, with f = √(1 − q²) and ψ = √(q² x² + y²):
 *   α_x = (θ_E √q / f) atan(f x / ψ),   α_y = (θ_E √q / f) atanh(f y / ψ).
 *
 * @returns deflections along the sky's x and y, (N, …)
 */
export function sieDeflection(at: Positions, lenses: readonly Sie[]): Positions {
  return tidy(() => {
    const shapes = lenses.map((lens) => {
      const q = Math.min(lens.q, ROUND);
      const f = Math.sqrt((1 - q) * (1 + q));
      return { q, f, norm: (lens.thetaE * Math.sqrt(q)) / f };
    });
    const local = intoFrame(at, lenses);
    const q2 = perRow(shapes, local.x, ({ q }) => q * q);
    const f = perRow(shapes, local.x, (shape) => shape.f);
    const norm = perRow(shapes, local.x, (shape) => shape.norm);
    const psi = inPlace(local.x.square()).mul(q2).add(local.y.square()).add(1e-24).sqrt(); // no 0 / 0 at the centre
    const x = inPlace(local.x).mul(f).div(psi).atan().mul(norm);
    // atanh(z) = ½ log1p(2 z / (1 − z)), as exact near zero and faster; here z = f y / ψ
    const fy = inPlace(local.y).mul(f);
    const y = fy.div(psi.sub(fy)).mul(2).log1p().mul(norm.mul(0.5));
    return outOfFrame({ x: x.tensor, y: y.tensor }, lenses);
  });
}

/** External shear. */
export interface Shear {
  gamma1: number;
  gamma2: number;
}

/** External shear about the origin: α = (γ1 x + γ2 y, γ2 x − γ1 y). (N, …) */
export function shearDeflection(at: Positions, shears: readonly Shear[]): Positions {
  return tidy(() => {
    const gamma1 = perRow(shears, at.x, (shear) => shear.gamma1);
    const gamma2 = perRow(shears, at.x, (shear) => shear.gamma2);
    return {
      x: at.x.mul(gamma1).add(at.y.mul(gamma2)),
      y: at.x.mul(gamma2).sub(at.y.mul(gamma1)),
    };
  });
}

/** Convergence of singular isothermal ellipsoids, in units of the critical surface density. (N, …) */
export function sieConvergence(at: Positions, lenses: readonly Sie[]): Tensor {
  return tidy(() => {
    const { x, y } = intoFrame(at, lenses);
    const q = perRow(lenses, x, (lens) => lens.q);
    const radius = x.square().mul(q).add(y.square().div(q)).sqrt();
    return radius.reciprocal().mul(perRow(lenses, x, ({ thetaE }) => thetaE / 2));
  });
}
