/** The interface of light profiles. */
import { tidy } from "../../../torch/scope.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import type { Positions } from "../frame.ts";
import { broadcast, type Lists, type Numbers, tableOf } from "../rows.ts";

/** A light profile: its formulas for many galaxies P at once, in terms of numbers named K. */
export interface LightModel<P, K extends string = string> {
  /** The galaxies' parameters as lists, one number a galaxy. */
  numbers(galaxies: readonly P[]): Lists<K>;
  /** Surface brightness in the profile's own unit, as a new tensor. */
  brightness(at: Positions, numbers: Numbers<K>): Tensor;
  /** Integral of the brightness over the sky, arcsec². */
  flux(galaxy: P): number;
}

/** Surface brightness of galaxies of one profile, one row each: (N, …). */
export const brightness = <P, K extends string>(
  model: LightModel<P, K>,
  at: Positions,
  galaxies: readonly P[],
): Tensor =>
  tidy(() => model.brightness(at, broadcast(tableOf(model.numbers(galaxies), at.x.dtype), at.x.ndim)));
