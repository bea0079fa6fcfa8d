/** A sheet of constant convergence. */

import { listsOf } from "../rows.ts";
import { everywhere, type MassModel } from "./model.ts";

export interface Sheet {
  /** May be negative, where other components hold mass that the smooth lens is to lose. */
  kappa: number;
}

/** α = κ x about the origin; ψ = ½ κ r². */
export const sheet: MassModel<Sheet, "kappa"> = {
  nothing: { kappa: 0 },
  numbers: (sheets) => listsOf(sheets, ({ kappa }) => ({ kappa })),
  deflection: (at, of) => ({
    x: everywhere(at.x.mul(of.kappa), { x: at.y, y: at.y }),
    y: everywhere(at.y.mul(of.kappa), { x: at.x, y: at.x }),
  }),
  potential: (at, of) => at.x.square().add(at.y.square()).mul(of.kappa).mul(0.5),
  hessian: (at, of) => {
    const kappa = everywhere(of.kappa, at);
    return { xx: kappa, xy: kappa.mul(0), yy: kappa.clone() };
  },
};
