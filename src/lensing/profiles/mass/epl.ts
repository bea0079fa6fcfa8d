/** The elliptical power law. */
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
import { type Lists, listsOf, type Numbers } from "../rows.ts";
import { hessianOutOfFrame, type MassModel, radialProduct, TINY } from "./model.ts";

/** An elliptical power law (Tessore & Metcalf 2015, arXiv:1507.01819). */
export interface Epl extends Placement {
  /** Einstein radius, arcsec. */
  thetaE: number;
  /** Minor over major axis, in (0, 1]. */
  q: number;
  /** Slope of the density, ρ ∝ r^−slope, in (1, 3); 2 is isothermal. */
  slope: number;
}

/** Smaller coefficients are left out of the series. */
const LEAST = 1e-13;

/**
 * The elliptical power law (Tessore & Metcalf 2015, A&A 580, A79). In the lens's frame, with t = slope − 1,
 * R = √(q² x² + y²), b = θ_E √q and the angle φ of (q x, y):
 *   κ = (2 − t) / 2 · (b / R)^t                                                     (their eq. 2)
 *   α_x + i α_y = 2 b / (1 + q) · (b / R)^(t − 1) Σ a_n e^(i (2n + 1) φ)            (eq. 13)
 *   a_0 = 1,  a_n = −f (2n − 2 + t) / (2n + 2 − t) a_(n−1),  f = (1 − q) / (1 + q)  (eq. 27)
 * The potential is homogeneous of degree 2 − t: ψ = x · α / (2 − t), and (x · ∇) α = (1 − t) α gives the shear.
 * The sum is computed by Clenshaw's method (1955): one real recurrence for its real and imaginary part.
 */
export const epl: MassModel<Epl> = {
  nothing: { thetaE: 0, q: 1, slope: 2, angle: 0, x: 0, y: 0 },
  numbers(lenses) {
    const numbers = listsOf(lenses, (lens) => ({
      ...frameOf(lens),
      q: lens.q,
      degree: 3 - lens.slope, // 2 − t
      exponent: (2 - lens.slope) / 2, // of (R / b)²: (1 − t) / 2
      norm: (2 * lens.thetaE * Math.sqrt(lens.q)) / (1 + lens.q),
      b2: Math.max(lens.thetaE ** 2 * lens.q, TINY),
    }));
    return { ...numbers, ...coefficients(lenses) };
  },
  deflection: (at, numbers) => outOfFrame(localDeflection(at, numbers), numbers),
  potential: (at, numbers) => radialProduct(at, localDeflection(at, numbers), numbers).div(numbers.degree!),
  hessian(at, numbers) {
    const { x, y } = intoFrame(at, numbers as Numbers<FrameNumbers>);
    const alpha = localDeflection(at, numbers);
    const kappa = ratio(x, y, numbers) // (b / R)^t = (R / b)^(1 − t) · b / R
      .div(x.mul(numbers.q!).square().add(y.square()).add(TINY).div(numbers.b2!).sqrt())
      .mul(numbers.degree!)
      .mul(0.5);
    // x γ1 + y γ2 = (1 − t) α_x − κ x and x γ2 − y γ1 = (1 − t) α_y − κ y
    const factor = numbers.degree!.sub(1);
    const [a, b] = [alpha.x.mul(factor).sub(kappa.mul(x)), alpha.y.mul(factor).sub(kappa.mul(y))];
    const r2 = x.square().add(y.square()).add(TINY);
    const gamma1 = x.mul(a).sub(y.mul(b)).div(r2);
    const gamma2 = y.mul(a).add(x.mul(b)).div(r2);
    return hessianOutOfFrame({ xx: kappa.add(gamma1), xy: gamma2, yy: kappa.sub(gamma1) }, numbers);
  },
};

/** The series' coefficients a0, a1, …: as many as the flattest lens needs, zero where rounder ones need fewer. */
function coefficients(lenses: readonly Epl[]): Lists {
  const each = lenses.map(({ q, slope }) => {
    const [f, t] = [(1 - q) / (1 + q), slope - 1];
    const series = [1];
    for (let n = 1; Math.abs(series[n - 1]!) > LEAST; n++)
      series.push(((-f * (2 * n - 2 + t)) / (2 * n + 2 - t)) * series[n - 1]!);
    return series;
  });
  const most = Math.max(...each.map((series) => series.length));
  return Object.fromEntries(
    Array.from({ length: most }, (_, n) => [`a${n}`, each.map((series) => series[n] ?? 0)]),
  );
}

/** (R / b)^(1 − t), at positions in the lens's frame. */
const ratio = (x: Tensor, y: Tensor, numbers: Numbers): Tensor =>
  inPlace(x.mul(numbers.q!))
    .square()
    .add(y.square())
    .add(TINY)
    .div(numbers.b2!)
    .log()
    .mul(numbers.exponent!)
    .exp().tensor;

function localDeflection(at: Positions, numbers: Numbers): Positions {
  const { x, y } = intoFrame(at, numbers as Numbers<FrameNumbers>);
  const size = inPlace(ratio(x, y, numbers)).mul(numbers.norm!).tensor;
  const qx = inPlace(x).mul(numbers.q!).tensor;
  const over = inPlace(qx.square()).add(y.square()).add(TINY).sqrt().tensor.reciprocal();
  const cos = inPlace(qx).mul(over).tensor;
  const sin = inPlace(y).mul(over).tensor;
  // cos 2φ and sin 2φ, then b_n = a_n + 2 cos 2φ b_(n+1) − b_(n+2)
  const sin2 = inPlace(sin.mul(cos)).mul(2).tensor;
  const twice = inPlace(cos.square()).sub(sin.square()).mul(2).tensor;
  let last = Object.keys(numbers).filter((name) => /^a\d+$/.test(name)).length - 1;
  let [next, after] = [everyZero(cos), everyZero(cos)];
  for (; last >= 1; last--) {
    const current = inPlace(next.mul(twice)).sub(after).add(numbers[`a${last}`]!).tensor;
    after.dispose();
    [next, after] = [current, next];
  }
  const re = inPlace(next.mul(twice)).mul(0.5).sub(after).add(numbers.a0!).tensor;
  const im = inPlace(sin2).mul(next).tensor;
  return {
    x: inPlace(cos.mul(re)).sub(sin.mul(im)).mul(size).tensor,
    y: inPlace(sin.mul(re)).add(cos.mul(im)).mul(size).tensor,
  };
}

const everyZero = (like: Tensor): Tensor => like.mul(0);
