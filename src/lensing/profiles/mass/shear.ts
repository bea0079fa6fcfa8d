/** External shear. */

import { listsOf } from "../rows.ts";
import { everywhere, type MassModel } from "./model.ts";

export interface Shear {
  gamma1: number;
  gamma2: number;
}

/** α = (γ1 x + γ2 y, γ2 x − γ1 y) about the origin; ψ = ½ γ1 (x² − y²) + γ2 x y. */
export const shear: MassModel<Shear, "gamma1" | "gamma2"> = {
  nothing: { gamma1: 0, gamma2: 0 },
  numbers: (shears) => listsOf(shears, ({ gamma1, gamma2 }) => ({ gamma1, gamma2 })),
  deflection: (at, of) => ({
    x: at.x.mul(of.gamma1).add(at.y.mul(of.gamma2)),
    y: at.x.mul(of.gamma2).sub(at.y.mul(of.gamma1)),
  }),
  potential: (at, of) =>
    at.x.square().sub(at.y.square()).mul(of.gamma1).mul(0.5).add(at.x.mul(at.y).mul(of.gamma2)),
  hessian: (at, of) => ({
    xx: everywhere(of.gamma1, at),
    xy: everywhere(of.gamma2, at),
    yy: everywhere(of.gamma1.neg(), at),
  }),
};
