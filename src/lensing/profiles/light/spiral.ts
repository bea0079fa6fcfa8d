/** Spiral arms in a galaxy's disc. */
import { intoFrame } from "../frame.ts";
import { inPlace } from "../in-place.ts";
import { listsOf } from "../rows.ts";
import type { LightModel } from "./model.ts";
import { type Sersic, type SersicNumbers, sersic, sersicFlux, sersicNumbers } from "./sersic.ts";

/** Logarithmic spiral arms. */
export interface Arms {
  /** In [0, 1]. */
  amplitude: number;
  /** Number of arms. */
  count: number;
  /** Pitch angle, radians; its sign is the direction of winding. */
  pitch: number;
}

export interface Spiral extends Sersic {
  arms: Arms;
}

/**
 * A Sérsic profile times a factor of mean 1: 1 + A cos(m (φ − ln(r / R) / tan ψ)), φ and r in the plane of the disc
 * (the minor axis stretched by 1 / q).
 */
export const spiral: LightModel<Spiral, SersicNumbers | "rootQ" | "winding" | "count" | "amplitude"> = {
  numbers: (galaxies) =>
    listsOf(galaxies, (galaxy) => ({
      ...sersicNumbers(galaxy),
      rootQ: Math.sqrt(galaxy.q),
      winding: 0.5 / Math.tan(galaxy.arms.pitch),
      count: galaxy.arms.count,
      amplitude: galaxy.arms.amplitude,
    })),
  brightness(at, numbers) {
    const smooth = sersic.brightness(at, numbers);
    // From units of R / √q and R √q to units of R and R q
    const local = intoFrame(at, numbers);
    const [x, y] = [inPlace(local.x).div(numbers.rootQ).tensor, inPlace(local.y).div(numbers.rootQ).tensor];
    const winding = inPlace(x.square())
      .add(y.square())
      .add(1e-8) // no ln 0 at the centre
      .log()
      .mul(numbers.winding);
    // φ up to whole turns, from the arc tangent of one operand: that of two depends on a value's position in memory.
    const halfTurn = inPlace(x.lt(0).to(x.dtype)).mul(Math.PI);
    const factor = inPlace(y)
      .add(1e-20) // no 0 / 0 at the centre
      .div(x)
      .atan()
      .add(halfTurn)
      .sub(winding)
      .mul(numbers.count)
      .cos()
      .mul(numbers.amplitude)
      .add(1);
    return inPlace(smooth).mul(factor).tensor;
  },
  flux: ({ R, n }) => sersicFlux(R, n),
};
