/** External shear. */

import { listsOf } from "../rows.ts";
import { everywhere, type MassModel } from "./model.ts";

/** An external shear, without a unit. */
export interface Shear {
  /** Along the axes. */
  gamma1: number;
  /** Along the diagonals. */
  gamma2: number;
}

/** α = (γ1 x + γ2 y, γ2 x − γ1 y) about the origin; ψ = ½ γ1 (x² − y²) + γ2 x y. */
export const shear: MassModel<Shear, "gamma1" | "gamma2"> = {
  nothing: { gamma1: 0, gamma2: 0 },
  numbers: (shears) => listsOf(shears, ({ gamma1, gamma2 }) => ({ gamma1, gamma2 })),
  deflection: (at, numbers) => ({
    x: at.x.mul(numbers.gamma1).add(at.y.mul(numbers.gamma2)),
    y: at.x.mul(numbers.gamma2).sub(at.y.mul(numbers.gamma1)),
  }),
  potential: (at, numbers) =>
    at.x.square().sub(at.y.square()).mul(numbers.gamma1).mul(0.5).add(at.x.mul(at.y).mul(numbers.gamma2)),
  hessian: (at, numbers) => ({
    xx: everywhere(numbers.gamma1, at),
    xy: everywhere(numbers.gamma2, at),
    yy: everywhere(numbers.gamma1.neg(), at),
  }),
};
