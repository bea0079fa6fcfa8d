/** A sheet of constant convergence. */

import { listsOf } from "../rows.ts";
import { everywhere, type MassModel } from "./model.ts";

/** A sheet of constant convergence, without a unit. */
export interface Sheet {
  /** May be negative, to take out of the smooth lens the mass that other components add. */
  kappa: number;
}

/** α = κ x about the origin; ψ = ½ κ r². */
export const sheet: MassModel<Sheet, "kappa"> = {
  nothing: { kappa: 0 },
  numbers: (sheets) => listsOf(sheets, ({ kappa }) => ({ kappa })),
  deflection: (at, numbers) => ({
    x: everywhere(at.x.mul(numbers.kappa), { x: at.y, y: at.y }),
    y: everywhere(at.y.mul(numbers.kappa), { x: at.x, y: at.x }),
  }),
  potential: (at, numbers) => at.x.square().add(at.y.square()).mul(numbers.kappa).mul(0.5),
  hessian: (at, numbers) => {
    const kappa = everywhere(numbers.kappa, at);
    return { xx: kappa, xy: kappa.mul(0), yy: kappa.clone() };
  },
};
