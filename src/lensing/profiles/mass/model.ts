/** The interface of mass profiles, and quantities derived from them. Angles in arcsec; κ and γ are dimensionless. */
import { tidy } from "../../../torch/scope.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { type FrameNumbers, intoFrame, type Positions } from "../frame.ts";
import { broadcast, type Lists, type Numbers, tableOf } from "../rows.ts";

/** Second derivatives of the potential. */
export interface Hessian {
  /** ∂²ψ/∂x² */
  xx: Tensor;
  /** ∂²ψ/∂x∂y */
  xy: Tensor;
  /** ∂²ψ/∂y² */
  yy: Tensor;
}

/** A mass profile: its formulas for many lenses P at once, in terms of numbers named K. */
export interface MassModel<P, K extends string = string> {
  /** A component that deflects nothing, for lenses that lack one. */
  readonly nothing: P;
  /** The lenses' parameters as lists, one number a lens. */
  numbers(lenses: readonly P[]): Lists<K>;
  /** α = ∇ψ, arcsec. */
  deflection(at: Positions, numbers: Numbers<K>): Positions;
  /** ψ, arcsec². */
  potential(at: Positions, numbers: Numbers<K>): Tensor;
  /** Second derivatives of ψ, without a unit. */
  hessian(at: Positions, numbers: Numbers<K>): Hessian;
}

/** Deflections of lenses of one profile, one row each: (N, …). */
export const deflection = <P, K extends string>(
  model: MassModel<P, K>,
  at: Positions,
  lenses: readonly P[],
): Positions => tidy(() => model.deflection(at, numbersOf(model, at, lenses)));

/** Potentials of lenses of one profile, one row each: (N, …). */
export const potential = <P, K extends string>(
  model: MassModel<P, K>,
  at: Positions,
  lenses: readonly P[],
): Tensor => tidy(() => model.potential(at, numbersOf(model, at, lenses)));

/** Second derivatives of the potentials of lenses of one profile, one row each: (N, …). */
export const hessian = <P, K extends string>(
  model: MassModel<P, K>,
  at: Positions,
  lenses: readonly P[],
): Hessian => tidy(() => model.hessian(at, numbersOf(model, at, lenses)));

function numbersOf<P, K extends string>(model: MassModel<P, K>, at: Positions, lenses: readonly P[]) {
  return broadcast(tableOf(model.numbers(lenses), at.x.dtype), at.x.ndim);
}

/** Surface density over the critical density: κ = ½ (ψ_xx + ψ_yy). */
export const convergenceOf = ({ xx, yy }: Hessian): Tensor => tidy(() => xx.add(yy).mul(0.5));

/** γ1 = ½ (ψ_xx − ψ_yy) and γ2 = ψ_xy. */
export const shearOf = ({ xx, xy, yy }: Hessian): { gamma1: Tensor; gamma2: Tensor } =>
  tidy(() => ({ gamma1: xx.sub(yy).mul(0.5), gamma2: xy.clone() }));

/** μ = 1 / ((1 − ψ_xx) (1 − ψ_yy) − ψ_xy²); negative where the image is mirrored. */
export const magnificationOf = ({ xx, xy, yy }: Hessian): Tensor =>
  tidy(() => xx.rsub(1).mul(yy.rsub(1)).sub(xy.square()).reciprocal());

/** Added to squared radii to avoid 0 / 0 at a centre, arcsec². */
export const TINY = 1e-24;

/** A value at every position, for formulas that are constant or depend on one coordinate only. */
export const everywhere = (value: Tensor, at: Positions): Tensor => value.add(at.x.mul(0)).add(at.y.mul(0));

/**
 * The Hessian of a round profile from its deflection over radius, α / r, and its convergence: ψ'' is 2κ − α / r along
 * the radius and α / r across it.
 */
export function roundHessian({ x, y }: Positions, overRadius: Tensor, kappa: Tensor): Hessian {
  const r2 = x.square().add(y.square()).add(TINY);
  const excess = kappa.sub(overRadius).mul(2).div(r2); // (ψ'' − α / r) / r²
  return {
    xx: excess.mul(x).mul(x).add(overRadius),
    xy: excess.mul(x).mul(y),
    yy: excess.mul(y).mul(y).add(overRadius),
  };
}

/** A Hessian from each profile's frame (with unit lengths) to the sky's. */
export function hessianOutOfFrame({ xx, xy, yy }: Hessian, numbers: Numbers<FrameNumbers>): Hessian {
  const [c, s] = [numbers.along_x, numbers.along_y];
  const [c2, s2, cs] = [c.mul(c), s.mul(s), c.mul(s)];
  return {
    xx: xx.mul(c2).sub(xy.mul(cs).mul(2)).add(yy.mul(s2)),
    xy: xx
      .sub(yy)
      .mul(cs)
      .add(xy.mul(c2.sub(s2))),
    yy: xx.mul(s2).add(xy.mul(cs).mul(2)).add(yy.mul(c2)),
  };
}

/** The product x · α in the profile's frame; for a homogeneous potential of degree m it is m ψ. */
export function radialProduct(at: Positions, alpha: Positions, numbers: Numbers<FrameNumbers>): Tensor {
  const local = intoFrame(at, numbers);
  return local.x.mul(alpha.x).add(local.y.mul(alpha.y));
}
