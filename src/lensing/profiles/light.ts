/** Surface brightness of galaxies: functions of position, for many galaxies at once. */
import { type Tensor, tidy } from "../../torch/index.ts";
import { intoFrame, type Placement, type Positions, perRow } from "./frame.ts";
import { type InPlace, inPlace } from "./in-place.ts";

/** b_n, which makes R the half-light radius: b_n = 1.9992 n − 0.3271 (Capaccioli 1989), for 0.5 < n < 10. */
export const sersicB = (n: number): number => Math.max(1.9992 * n - 0.3271, 1e-5);

/** An elliptical Sérsic profile. */
export interface Sersic extends Placement {
  /** Half-light radius, arcsec: of the circle that has the half-light ellipse's area. */
  R: number;
  /** Sérsic index. */
  n: number;
  /** Minor over major axis, in (0, 1]. */
  q: number;
}

/** Squared elliptical radius in units of R: (q x² + y² / q) / R². */
function squaredRadius(at: Positions, galaxies: readonly Sersic[]): InPlace {
  const units = galaxies.map(({ R, q }) => ({ x: R / Math.sqrt(q), y: R * Math.sqrt(q) }));
  const { x, y } = intoFrame(at, galaxies, units);
  return inPlace(x).square().add(inPlace(y).square());
}

/** exp(−b_n (s^(p / n) − 1)), the power as exp(p / n · ln s): at s = 0, ln s is −∞ and the power 0. */
function falloff(s: InPlace, p: number, galaxies: readonly Sersic[]): Tensor {
  const power = perRow(galaxies, s.tensor, ({ n }) => p / n);
  const b = perRow(galaxies, s.tensor, ({ n }) => -sersicB(n));
  return s.log().mul(power).exp().sub(1).mul(b).exp().tensor;
}

/**
 * Sérsic (1968) profiles of unit brightness at R: exp(−b_n ((r / R)^(1/n) − 1)), with the elliptical radius
 * r = √(q x² + y² / q), so that an ellipse keeps the circle's area. (N, …)
 */
export const sersic = (at: Positions, galaxies: readonly Sersic[]): Tensor =>
  tidy(() => falloff(squaredRadius(at, galaxies), 0.5, galaxies));

/** A ring: a Sérsic profile falling off to both sides of the radius `ring`, arcsec; R is its half width. */
export interface Ring extends Sersic {
  ring: number;
}

/** Rings of unit brightness at the distance R from their radius: exp(−b_n ((|r − r₀| / R)^(1/n) − 1)). (N, …) */
export const sersicRing = (at: Positions, rings: readonly Ring[]): Tensor =>
  tidy(() => {
    const radius = squaredRadius(at, rings).sqrt();
    const distance = radius.sub(perRow(rings, radius.tensor, ({ ring, R }) => ring / R)).abs();
    return falloff(distance, 1, rings);
  });

/** Total flux of the Sérsic profile of unit brightness at R: 2π n R² e^b b^(−2n) Γ(2n) (Graham & Driver 2005, eq. 4). */
export function sersicFlux(R: number, n: number): number {
  const b = sersicB(n);
  return 2 * Math.PI * n * R * R * Math.exp(b - 2 * n * Math.log(b) + logGamma(2 * n));
}

/**
 * Total flux of a ring of unit brightness at the distance R from its radius r₀. With s = |r − r₀| / R, it is
 * 2π R ∫ (r₀ + R s) f(s) ds outside r₀, in closed form, and 2π R ∫ (r₀ − R s) f(s) ds inside, from 0 to r₀ / R.
 */
export function ringFlux({ ring, R, n }: Pick<Ring, "ring" | "R" | "n">): number {
  const b = sersicB(n);
  const outside = sersicFlux(R, n) + 2 * Math.PI * R * ring * n * Math.exp(b - n * Math.log(b) + logGamma(n));
  // Simpson's rule in u, s = u^m, where f is smooth; f has faded to e^−40 at the end.
  const m = Math.max(1, n);
  const end = Math.min((ring / R) ** (1 / m), (1 + 40 / b) ** (n / m));
  const steps = 200;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const u = (end * i) / steps;
    const value = (ring - R * u ** m) * Math.exp(-b * (u ** (m / n) - 1)) * m * u ** (m - 1);
    sum += value * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return outside + (2 * Math.PI * R * sum * end) / steps / 3;
}

/** Logarithmic spiral arms in a galaxy's disc. */
export interface Arms {
  /** In [0, 1]. */
  amplitude: number;
  /** How many. */
  count: number;
  /** Pitch angle, radians; its sign is the winding's. */
  pitch: number;
}

/**
 * Spiral arms as a factor of mean one: 1 + A cos(m (φ − ln(r / R) / tan ψ)), φ and r in the plane of the disc (the
 * minor axis stretched by 1 / q). (N, …)
 */
export function spiralArms(at: Positions, galaxies: readonly (Sersic & { arms: Arms })[]): Tensor {
  return tidy(() => {
    const { x, y } = intoFrame(
      at,
      galaxies,
      galaxies.map(({ R, q }) => ({ x: R, y: R * q })),
    );
    const of = (value: (arms: Arms) => number) => perRow(galaxies, x, ({ arms }) => value(arms));
    const winding = inPlace(x.square())
      .add(y.square())
      .add(1e-8) // no ln 0 at the centre
      .log()
      .mul(of(({ pitch }) => 0.5 / Math.tan(pitch)));
    // φ but for whole turns, by the arc tangent of one operand: that of two depends on a value's place in memory.
    const left = inPlace(x.lt(0).to(x.dtype)).mul(Math.PI);
    return inPlace(y)
      .add(1e-20) // no 0 / 0 at the centre
      .div(x)
      .atan()
      .add(left)
      .sub(winding)
      .mul(of(({ count }) => count))
      .cos()
      .mul(of(({ amplitude }) => amplitude))
      .add(1).tensor;
  });
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
