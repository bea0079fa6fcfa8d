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
  /** How many. */
  count: number;
  /** Pitch angle, radians; its sign is the winding's. */
  pitch: number;
}

export interface Spiral extends Sersic {
  arms: Arms;
}

/**
 * A Sérsic profile times a factor of mean one: 1 + A cos(m (φ − ln(r / R) / tan ψ)), φ and r in the plane of the disc
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
  brightness(at, of) {
    const smooth = sersic.brightness(at, of);
    // From units of R / √q and R √q to units of R and R q
    const local = intoFrame(at, of);
    const [x, y] = [inPlace(local.x).div(of.rootQ).tensor, inPlace(local.y).div(of.rootQ).tensor];
    const winding = inPlace(x.square())
      .add(y.square())
      .add(1e-8) // no ln 0 at the centre
      .log()
      .mul(of.winding);
    // φ but for whole turns, by the arc tangent of one operand: that of two depends on a value's place in memory.
    const left = inPlace(x.lt(0).to(x.dtype)).mul(Math.PI);
    const factor = inPlace(y)
      .add(1e-20) // no 0 / 0 at the centre
      .div(x)
      .atan()
      .add(left)
      .sub(winding)
      .mul(of.count)
      .cos()
      .mul(of.amplitude)
      .add(1);
    return inPlace(smooth).mul(factor).tensor;
  },
  flux: ({ R, n }) => sersicFlux(R, n),
};
