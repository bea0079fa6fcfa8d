/** A vortex of superfluid dark matter: a straight string of mass in the lens plane. */
import type { Tensor } from "../../../torch/tensor.ts";
import {
  type FrameNumbers,
  frameOf,
  intoFrame,
  outOfFrame,
  type Placement,
  type Positions,
} from "../frame.ts";
import { listsOf, type Numbers } from "../rows.ts";
import { hessianOutOfFrame, type MassModel, TINY } from "./model.ts";

/** A string of mass, as a vortex of superfluid dark matter would be. */
export interface Vortex extends Placement {
  /** Length of the string, arcsec. */
  length: number;
  /** Einstein radius of a point with its mass, arcsec: the mass is π thetaE² Σ_cr. */
  thetaE: number;
}

/**
 * Vortices of axion dark matter (Alexander et al. 2020, ApJ 893, 15; arXiv:1909.07346) as strings of uniform mass per
 * length. The deflection is that of point masses along the string, from −h to h on the frame's x axis:
 *   α_x − i α_y = (θ_E² / 2h) ∫ ds / (z − s) = (θ_E² / 2h) ln((z + h) / (z − h)),   z = x + i y.
 */
export const vortex: MassModel<Vortex, FrameNumbers | "h" | "norm"> = {
  nothing: { length: 1, thetaE: 0, angle: 0, x: 0, y: 0 },
  numbers: (strings) =>
    listsOf(strings, (string) => ({
      ...frameOf(string),
      h: string.length / 2,
      norm: string.thetaE ** 2 / string.length,
    })),
  deflection(at, numbers) {
    return outOfFrame(local(at, numbers).alpha, numbers);
  },
  potential(at, numbers) {
    // Re ((z + h) ln(z + h) − (z − h) ln(z − h) − 2h)
    const { right, left, near, far, y, alpha } = local(at, numbers);
    return right
      .mul(far)
      .sub(left.mul(near))
      .mul(0.5)
      .sub(numbers.h.mul(2))
      .mul(numbers.norm)
      .add(y.mul(alpha.y));
  },
  hessian(at, numbers) {
    // d(α_x − i α_y) / dz = ψ_xx − i ψ_xy, since κ = 0 off the string
    const { right, left, y } = local(at, numbers);
    const [r2, l2] = [squared(right, y), squared(left, y)];
    const xx = right.div(r2).sub(left.div(l2)).mul(numbers.norm);
    const xy = y.div(r2).sub(y.div(l2)).mul(numbers.norm);
    return hessianOutOfFrame({ xx, xy, yy: xx.neg() }, numbers);
  },
};

const squared = (x: Tensor, y: Tensor): Tensor => x.square().add(y.square()).add(TINY);

/** In the string's frame: x + h, x − h, ln of the squared distances to the ends, and the deflection. */
function local(at: Positions, numbers: Numbers<FrameNumbers | "h" | "norm">) {
  const { x, y } = intoFrame(at, numbers);
  const [right, left] = [x.add(numbers.h), x.sub(numbers.h)];
  const [far, near] = [squared(right, y).log(), squared(left, y).log()];
  // The angle that the string subtends, with y's sign; on its line y is 1e-20.
  const height = y.add(1e-20);
  const angle = right.div(height).atan().sub(left.div(height).atan());
  return {
    right,
    left,
    far,
    near,
    y,
    alpha: { x: far.sub(near).mul(numbers.norm).mul(0.5), y: angle.mul(numbers.norm) },
  };
}
