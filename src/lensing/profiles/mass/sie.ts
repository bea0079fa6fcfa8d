/** The singular isothermal ellipsoid. */
import type { Tensor } from "../../../torch/tensor.ts";
import {
  type FrameNumbers,
  frameOf,
  intoFrame,
  outOfFrame,
  type Placement,
  type Positions,
} from "../frame.ts";
import { inPlace } from "../in-place.ts";
import { listsOf, type Numbers } from "../rows.ts";
import { hessianOutOfFrame, type MassModel, radialProduct, TINY } from "./model.ts";

/** A singular isothermal ellipsoid. */
export interface Sie extends Placement {
  /** Einstein radius, arcsec. */
  thetaE: number;
  /** Minor over major axis, in (0, 1]. */
  q: number;
}

/** Rounder lenses are given this axis ratio, since the formula divides by √(1 − q²): an error below 1e-9. */
const ROUND = 1 - 1e-9;

type SieNumbers = FrameNumbers | "q" | "q2" | "f" | "norm" | "halfNorm" | "thetaE";

/**
 * The singular isothermal ellipsoid (Kormann, Schneider & Bartelmann 1994, A&A 284, 285; in the normalisation of Keeton
 * 2001): κ = θ_E / (2 √(q x² + y² / q)), so that θ_E is the radius of the circle with the critical curve's area. In the
 * lens's frame, with f = √(1 − q²) and Ψ = √(q² x² + y²):
 *   α_x = (θ_E √q / f) atan(f x / Ψ),   α_y = (θ_E √q / f) atanh(f y / Ψ),
 *   ψ = x · α, and its Hessian is 2κ (y², −x y, x²) / r², since α is constant along a radius.
 */
export const sie: MassModel<Sie, SieNumbers> = {
  nothing: { thetaE: 0, q: 1, angle: 0, x: 0, y: 0 },
  numbers: (lenses) =>
    listsOf(lenses, (lens) => {
      const q = Math.min(lens.q, ROUND);
      const f = Math.sqrt((1 - q) * (1 + q));
      const norm = (lens.thetaE * Math.sqrt(q)) / f;
      return { ...frameOf(lens), q: lens.q, q2: q * q, f, norm, halfNorm: norm / 2, thetaE: lens.thetaE };
    }),
  deflection: (at, numbers) => outOfFrame(localDeflection(at, numbers), numbers),
  potential: (at, numbers) => radialProduct(at, localDeflection(at, numbers), numbers),
  hessian(at, numbers) {
    const local = intoFrame(at, numbers);
    const kappa2 = sieConvergence(at, numbers).mul(2);
    const r2 = local.x.square().add(local.y.square()).add(TINY);
    const over = kappa2.div(r2);
    const { x, y } = local;
    return hessianOutOfFrame(
      { xx: over.mul(y.square()), xy: over.mul(x).mul(y).neg(), yy: over.mul(x.square()) },
      numbers,
    );
  },
};

function localDeflection(at: Positions, numbers: Numbers<SieNumbers>): Positions {
  const local = intoFrame(at, numbers);
  const psi = inPlace(local.x.square()).mul(numbers.q2).add(local.y.square()).add(TINY).sqrt();
  const x = inPlace(local.x).mul(numbers.f).div(psi).atan().mul(numbers.norm);
  // atanh(z) = ½ log1p(2 z / (1 − z)), as exact near zero and faster; here z = f y / Ψ
  const fy = inPlace(local.y).mul(numbers.f);
  const y = fy.div(psi.sub(fy)).mul(2).log1p().mul(numbers.halfNorm);
  return { x: x.tensor, y: y.tensor };
}

function sieConvergence(at: Positions, numbers: Numbers<SieNumbers>): Tensor {
  const { x, y } = intoFrame(at, numbers);
  const radius = x.square().mul(numbers.q).add(y.square().div(numbers.q)).sqrt();
  return radius.reciprocal().mul(numbers.thetaE).mul(0.5);
}
