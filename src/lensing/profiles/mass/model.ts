/** What a mass profile gives, and what follows from it. Angles in arcsec throughout; κ and γ are without unit. */
import { tidy } from "../../../torch/scope.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { type FrameNumbers, intoFrame, type Positions } from "../frame.ts";
import { broadcast, type Lists, type Numbers, tableOf } from "../rows.ts";

/** Second derivatives of the potential. */
export interface Hessian {
  xx: Tensor;
  xy: Tensor;
  yy: Tensor;
}

/** A mass profile: its formulas, for many lenses P at once, in numbers named K. */
export interface MassModel<P, K extends string = string> {
  /** One that deflects nothing: what a lens has in the place of a component it lacks. */
  readonly nothing: P;
  numbers(lenses: readonly P[]): Lists<K>;
  /** α = ∇ψ, arcsec. */
  deflection(at: Positions, of: Numbers<K>): Positions;
  /** ψ, arcsec². */
  potential(at: Positions, of: Numbers<K>): Tensor;
  hessian(at: Positions, of: Numbers<K>): Hessian;
}

/** Deflections of lenses of one profile, each a row: (N, …). */
export const deflection = <P, K extends string>(
  model: MassModel<P, K>,
  at: Positions,
  lenses: readonly P[],
): Positions => tidy(() => model.deflection(at, numbersOf(model, at, lenses)));

/** Potentials of lenses of one profile, each a row: (N, …). */
export const potential = <P, K extends string>(
  model: MassModel<P, K>,
  at: Positions,
  lenses: readonly P[],
): Tensor => tidy(() => model.potential(at, numbersOf(model, at, lenses)));

/** Second derivatives of the potential of lenses of one profile, each a row: (N, …). */
export const hessian = <P, K extends string>(
  model: MassModel<P, K>,
  at: Positions,
  lenses: readonly P[],
): Hessian => tidy(() => model.hessian(at, numbersOf(model, at, lenses)));

function numbersOf<P, K extends string>(model: MassModel<P, K>, at: Positions, lenses: readonly P[]) {
  return broadcast(tableOf(model.numbers(lenses), at.x.dtype), at.x.ndim);
}

/** Surface density over the critical one: κ = ½ (ψ_xx + ψ_yy). */
export const convergenceOf = ({ xx, yy }: Hessian): Tensor => tidy(() => xx.add(yy).mul(0.5));

/** γ1 = ½ (ψ_xx − ψ_yy) and γ2 = ψ_xy. */
export const shearOf = ({ xx, xy, yy }: Hessian): { gamma1: Tensor; gamma2: Tensor } =>
  tidy(() => ({ gamma1: xx.sub(yy).mul(0.5), gamma2: xy.clone() }));

/** μ = 1 / ((1 − ψ_xx) (1 − ψ_yy) − ψ_xy²); negative where the image is mirrored. */
export const magnificationOf = ({ xx, xy, yy }: Hessian): Tensor =>
  tidy(() => xx.rsub(1).mul(yy.rsub(1)).sub(xy.square()).reciprocal());

/** No 0 / 0 at a centre: added to squared radii, arcsec². */
export const TINY = 1e-24;

/** A tensor of a shape of its own, for a formula that is constant or depends on one coordinate. */
export const everywhere = (value: Tensor, at: Positions): Tensor => value.add(at.x.mul(0)).add(at.y.mul(0));

/**
 * The Hessian of a round profile from its deflection over radius α / r and its convergence: along the radius ψ'' is
 * 2κ − α / r, across it α / r.
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

/** A Hessian of each profile's frame (of units 1), in the sky's. */
export function hessianOutOfFrame({ xx, xy, yy }: Hessian, of: Numbers<FrameNumbers>): Hessian {
  const [c, s] = [of.along_x, of.along_y];
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

/** The product x · α, which for a homogeneous potential of degree m is m ψ; in the profile's frame. */
export function radialProduct(at: Positions, alpha: Positions, of: Numbers<FrameNumbers>): Tensor {
  const local = intoFrame(at, of);
  return local.x.mul(alpha.x).add(local.y.mul(alpha.y));
}
