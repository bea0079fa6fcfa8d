/** Rings: a Sérsic profile falling off on both sides of a radius. */
import { listsOf } from "../rows.ts";
import { logGamma } from "./gamma.ts";
import type { LightModel } from "./model.ts";
import {
  falloff,
  type Sersic,
  type SersicNumbers,
  sersicB,
  sersicFlux,
  sersicNumbers,
  squaredRadius,
} from "./sersic.ts";

export interface Ring extends Sersic {
  /** Radius of the ring, arcsec; R is its half width. */
  ring: number;
}

/** Rings of unit brightness at a distance R from their radius: exp(−b_n ((|r − r₀| / R)^(1/n) − 1)). */
export const sersicRing: LightModel<Ring, SersicNumbers | "ring"> = {
  numbers: (rings) => listsOf(rings, (ring) => ({ ...sersicNumbers(ring), ring: ring.ring / ring.R })),
  brightness: (at, numbers) =>
    falloff(squaredRadius(at, numbers).sqrt().sub(numbers.ring).abs(), numbers.power, numbers),
  flux: (ring) => ringFlux(ring),
};

/**
 * Total flux of a ring of unit brightness at a distance R from its radius r₀. With s = |r − r₀| / R, it is
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
