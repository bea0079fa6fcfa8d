/** Surface brightness of galaxies: pure functions of position. */
import { type Operand, Tensor } from "../../torch/index.ts";
import { intoFrame, type Placement, type Positions } from "./frame.ts";

/** b_n, which makes R the half-light radius: b_n = 1.9992 n − 0.3271 (Capaccioli 1989), for 0.5 < n < 10. */
export const sersicB = (n: number): number => Math.max(1.9992 * n - 0.3271, 1e-5);

/**
 * Sérsic (1968) profile of unit brightness at R: exp(−b_n ((r / R)^(1/n) − 1)), with the elliptical radius
 * r = √(q x² + y² / q), so that an ellipse keeps the circle's area.
 *
 * @param R half-light radius, arcsec
 * @param n Sérsic index
 * @param b `sersicB` of n
 * @param ring radius of a ring, arcsec: the profile then falls off from there, not from the centre
 */
export function sersic(
  at: Positions,
  R: Operand,
  n: Operand,
  b: Operand,
  q: Operand,
  place: Placement,
  ring?: Tensor,
): Tensor {
  const local = intoFrame(at, place);
  let radius = local.x.square().mul(q).add(local.y.square().div(q)).add(1e-12).sqrt();
  if (ring !== undefined) radius = radius.sub(ring).abs().add(1e-6);
  const inverse = n instanceof Tensor ? n.reciprocal() : 1 / n;
  return radius.div(R).pow(inverse).sub(1).mul(b).neg().exp();
}

/** Total flux of the Sérsic profile of unit brightness at R: 2π n R² e^b b^(−2n) Γ(2n) (Graham & Driver 2005, eq. 4). */
export function sersicFlux(R: number, n: number): number {
  const b = sersicB(n);
  return 2 * Math.PI * n * R * R * Math.exp(b - 2 * n * Math.log(b) + logGamma(2 * n));
}

/**
 * Logarithmic spiral arms as a factor of mean one: 1 + A cos(m (φ − ln(r / R) / tan ψ)), φ and r in the plane of
 * the disc (the minor axis stretched by 1 / q).
 *
 * @param amplitude A in [0, 1]
 * @param arms m, how many
 * @param pitch ψ, radians; its sign is the winding's
 */
export function spiralArms(
  at: Positions,
  R: Operand,
  q: Operand,
  place: Placement,
  amplitude: Tensor,
  arms: Tensor,
  pitch: Tensor,
): Tensor {
  const local = intoFrame(at, place);
  const y = local.y.div(q);
  const r = local.x.square().add(y.square()).add(1e-6).sqrt();
  const phase = y.atan2(local.x).sub(r.div(R).log().div(pitch.sin().div(pitch.cos())));
  return phase.mul(arms).cos().mul(amplitude).add(1);
}

/** ln Γ(x) for x > 0: Stirling's series after shifting x above 8 (Abramowitz & Stegun 6.1.41). */
function logGamma(x: number): number {
  let shift = 0;
  while (x < 8) {
    shift += Math.log(x);
    x += 1;
  }
  const series =
    1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7) + 1 / (1188 * x ** 9);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
