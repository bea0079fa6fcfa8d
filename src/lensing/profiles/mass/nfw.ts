/** The profile of Navarro, Frenk & White. */
import { where } from "../../../torch/create.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { type Centre, fromCentre, type Positions } from "../frame.ts";
import { listsOf, type Numbers } from "../rows.ts";
import { type MassModel, roundHessian, TINY } from "./model.ts";

/** A halo of Navarro, Frenk & White 1997 (ApJ 490, 493). */
export interface Nfw extends Centre {
  /** Scale radius, arcsec. */
  Rs: number;
  /** Deflection at the scale radius, arcsec: 4 κ_s R_s (1 − ln 2). */
  alphaRs: number;
}

/** 4 κ_s R_s of a halo, arcsec, the scale of its formulas. κ_s = ρ_s R_s / Σ_cr. */
export const nfwNorm = (alphaRs: number): number => alphaRs / (1 - Math.LN2);

/**
 * ρ ∝ 1 / ((r / R_s) (1 + r / R_s)²) (Navarro, Frenk & White 1996; lensing: Bartelmann 1996, A&A 313, 697; Wright &
 * Brainerd 2000). With X = r / R_s and F(X) = artanh √(1 − X²) / √(1 − X²), arctan √(X² − 1) / √(X² − 1) beyond X = 1:
 *   κ = 2 κ_s (1 − F) / (X² − 1),   α = 4 κ_s R_s (ln(X / 2) + F) / X,
 *   ψ = 2 κ_s R_s² (ln²(X / 2) − (1 − X²) F²).
 */
export const nfw: MassModel<Nfw, "x" | "y" | "Rs" | "norm"> = {
  nothing: { Rs: 1, alphaRs: 0, x: 0, y: 0 },
  numbers: (halos) => listsOf(halos, ({ x, y, Rs, alphaRs }) => ({ x, y, Rs, norm: nfwNorm(alphaRs) })),
  deflection(at, numbers) {
    const { x, y, X, X2 } = scaled(at, numbers);
    const over = enclosed(X, X2).div(X2).mul(numbers.norm);
    return { x: x.mul(over), y: y.mul(over) };
  },
  potential(at, numbers) {
    const { X, X2 } = scaled(at, numbers);
    const log = X.mul(0.5).log();
    const { F, u } = logarithmic(X2);
    return log.square().sub(u.mul(F.square())).mul(numbers.norm).mul(numbers.Rs).mul(0.5);
  },
  hessian(at, numbers) {
    const { X, X2 } = scaled(at, numbers);
    const local = fromCentre(at, numbers);
    const over = enclosed(X, X2).div(X2).mul(numbers.norm).div(numbers.Rs);
    const kappa = decrement(X2).mul(numbers.norm).div(numbers.Rs).mul(0.5);
    return roundHessian(local, over, kappa);
  },
};

function scaled(at: Positions, numbers: Numbers<"x" | "y" | "Rs">) {
  const centred = fromCentre(at, numbers);
  const [x, y] = [centred.x.div(numbers.Rs), centred.y.div(numbers.Rs)];
  const X2 = x.square().add(y.square()).add(TINY);
  return { x, y, X2, X: X2.sqrt() };
}

/** If |1 − X²| is below this, the closed forms lose digits and a series is used. */
const NEAR = 0.04;
/** NEAR^12 is 2e-17. */
const TERMS = 12;

/** F(X), and u = 1 − X². F = Σ u^k / (2k + 1) near u = 0, on either side. */
function logarithmic(X2: Tensor): { F: Tensor; u: Tensor } {
  const u = X2.rsub(1);
  const root = u
    .abs()
    .clamp(NEAR / 2)
    .sqrt();
  const inner = X2.sqrt().add(0); // artanh √u = ln((1 + √u) / X)
  const inside = root.add(1).div(inner).log().div(root);
  const outside = root.atan().div(root);
  return { F: near(u, series(u, 0), where(u.gt(0), inside, outside)), u };
}

/** ln(X / 2) + F: the mass within X. For X < 1 in a form without cancellation at small X. */
function enclosed(X: Tensor, X2: Tensor): Tensor {
  const u = X2.rsub(1);
  const root = u.clamp(NEAR / 2).sqrt();
  const log = X.mul(0.5).log();
  const within = X2.div(root.add(1)); // 1 − √u
  const inside = within.mul(-0.5).log1p().sub(log.mul(within)).div(root);
  const { F } = logarithmic(X2);
  return where(u.gt(NEAR), inside, log.add(F));
}

/** (1 − F) / (X² − 1), which is 1 / 3 at X = 1. */
function decrement(X2: Tensor): Tensor {
  const { F, u } = logarithmic(X2);
  const safe = where(u.abs().gt(NEAR / 2), u, u.mul(0).add(1));
  return near(u, series(u, 1), F.sub(1).div(safe));
}

const near = (u: Tensor, close: Tensor, far: Tensor): Tensor => where(u.abs().lt(NEAR), close, far);

/** Σ u^k / (2 (k + from) + 1), by Horner's rule, for small u. */
function series(u: Tensor, from: number): Tensor {
  const small = u.clamp(-NEAR, NEAR);
  let sum = small.mul(0).add(1 / (2 * (TERMS + from) + 1));
  for (let k = TERMS - 1; k >= 0; k--) sum = sum.mul(small).add(1 / (2 * (k + from) + 1));
  return sum;
}
