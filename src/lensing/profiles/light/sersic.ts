/** The Sérsic profile, round or elliptical; a Gaussian for n = 0.5. */
import type { Tensor } from "../../../torch/tensor.ts";
import { type FrameNumbers, frameOf, intoFrame, type Placement, type Positions } from "../frame.ts";
import { type InPlace, inPlace } from "../in-place.ts";
import { listsOf, type Numbers } from "../rows.ts";
import { logGamma } from "./gamma.ts";
import type { LightModel } from "./model.ts";

/** b_n, which makes R the half-light radius: b_n = 1.9992 n − 0.3271 (Capaccioli 1989), for 0.5 < n < 10. */
export const sersicB = (n: number): number => Math.max(1.9992 * n - 0.3271, 1e-5);

/** An elliptical Sérsic profile. */
export interface Sersic extends Placement {
  /** Half-light radius, arcsec: of the circle with the half-light ellipse's area. */
  R: number;
  /** Sérsic index. */
  n: number;
  /** Minor over major axis, in (0, 1]. */
  q: number;
}

export type SersicNumbers = FrameNumbers | "power" | "halfPower" | "b" | "minusB";

/** The frame's unit is R along the rounded axes, so that squares add up to (q x² + y² / q) / R². */
export const sersicNumbers = (galaxy: Sersic): Record<SersicNumbers, number> => {
  const { R, q, n } = galaxy;
  const b = sersicB(n);
  const units = { x: R / Math.sqrt(q), y: R * Math.sqrt(q) };
  return { ...frameOf(galaxy, units), power: 1 / n, halfPower: 0.5 / n, b, minusB: -b };
};

/** Squared elliptical radius in units of R: (q x² + y² / q) / R². */
export function squaredRadius(at: Positions, numbers: Numbers<FrameNumbers>): InPlace {
  const { x, y } = intoFrame(at, numbers);
  return inPlace(x).square().add(inPlace(y).square());
}

/** exp(−b_n (s^p − 1)), the power as exp(p ln s): at s = 0, ln s is −∞ and the power 0. Overwrites s. */
export const falloff = (s: InPlace, power: Tensor, numbers: Numbers<"b" | "minusB">): Tensor =>
  s.log().mul(power).exp().mul(numbers.minusB).add(numbers.b).exp().tensor;

/**
 * Sérsic (1968) profiles of unit brightness at R: exp(−b_n ((r / R)^(1/n) − 1)), with the elliptical radius
 * r = √(q x² + y² / q), so that an ellipse keeps the circle's area.
 */
export const sersic: LightModel<Sersic, SersicNumbers> = {
  numbers: (galaxies) => listsOf(galaxies, sersicNumbers),
  brightness: (at, numbers) => falloff(squaredRadius(at, numbers), numbers.halfPower, numbers),
  flux: ({ R, n }) => sersicFlux(R, n),
};

/** Total flux of a Sérsic profile of unit brightness at R: 2π n R² e^b b^(−2n) Γ(2n) (Graham & Driver 2005, eq. 4). */
export function sersicFlux(R: number, n: number): number {
  const b = sersicB(n);
  return 2 * Math.PI * n * R * R * Math.exp(b - 2 * n * Math.log(b) + logGamma(2 * n));
}

/**
 * A Gaussian of standard deviation sigma (arcsec; √q sigma and sigma / √q along the axes of an ellipse) as a Sérsic
 * profile: exp(−b r² / R²) with R² = 2 b sigma².
 */
export const gaussian = (sigma: number): Pick<Sersic, "R" | "n"> => ({
  R: sigma * Math.sqrt(2 * sersicB(0.5)),
  n: 0.5,
});
