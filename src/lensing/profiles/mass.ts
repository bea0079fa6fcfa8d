/** Deflection angles of lens models: pure functions of position, arcsec in, arcsec out. */
import { type Operand, Tensor } from "../../torch/index.ts";
import { intoFrame, outOfFrame, type Placement, type Positions } from "./frame.ts";

/**
 * Singular isothermal ellipsoid (Kormann, Schneider & Bartelmann 1994, A&A 284, 285; in the normalisation of Keeton
 * 2001): κ = θ_E / (2 √(q x² + y² / q)), so that θ_E is the radius of the circle of the critical curve's area.
 *
 * @param thetaE Einstein radius, arcsec
 * @param q minor over major axis, in (0, 1]
 */
export function sieDeflection(at: Positions, thetaE: Operand, q: Operand, place: Placement): Positions {
  const local = intoFrame(at, place);
  const ratio = q instanceof Tensor ? q.clamp(null, 1 - 1e-4) : Math.min(q, 1 - 1e-7);
  const q2 = times(ratio, ratio);
  const f = ratio instanceof Tensor ? ratio.square().rsub(1).sqrt() : Math.sqrt(1 - ratio * ratio); // √(1 − q²)
  const root = ratio instanceof Tensor ? ratio.sqrt() : Math.sqrt(ratio);
  const psi = local.x.square().mul(q2).add(local.y.square()).add(1e-18).sqrt(); // √(q² x² + y²)
  const norm = over(times(thetaE, root), f); // θ_E √q / √(1 − q²)
  const x = local.x.mul(f).div(psi).atan().mul(norm);
  const y = local.y.mul(f).div(psi).atanh().mul(norm);
  return outOfFrame({ x, y }, place.angle);
}

/** External shear: α = (γ1 x + γ2 y, γ2 x − γ1 y). */
export function shearDeflection(at: Positions, gamma1: Operand, gamma2: Operand): Positions {
  return {
    x: at.x.mul(gamma1).add(at.y.mul(gamma2)),
    y: at.x.mul(gamma2).sub(at.y.mul(gamma1)),
  };
}

/** Convergence of the singular isothermal ellipsoid, in units of the critical surface density. */
export function sieConvergence(at: Positions, thetaE: Operand, q: Operand, place: Placement): Tensor {
  const local = intoFrame(at, place);
  const radius = local.x.square().mul(q).add(local.y.square().div(q)).sqrt();
  return radius.reciprocal().mul(times(thetaE, 0.5));
}

const times = (a: Operand, b: Operand): Operand => {
  if (a instanceof Tensor) return a.mul(b);
  return b instanceof Tensor ? b.mul(a) : a * b;
};
const over = (a: Operand, b: Operand): Operand => {
  if (a instanceof Tensor) return a.div(b);
  return b instanceof Tensor ? b.reciprocal().mul(a) : a / b;
};
