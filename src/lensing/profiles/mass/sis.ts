/** The singular isothermal sphere. */
import { type Centre, fromCentre } from "../frame.ts";
import { listsOf } from "../rows.ts";
import { type MassModel, roundHessian, TINY } from "./model.ts";

/** A singular isothermal sphere. */
export interface Sis extends Centre {
  /** Einstein radius, arcsec. */
  thetaE: number;
}

/** κ = θ_E / 2r, α = θ_E, ψ = θ_E r (Schneider, Kochanek & Wambsganss 2006, Saas-Fee 33, part 2, section B.3). */
export const sis: MassModel<Sis, "x" | "y" | "thetaE"> = {
  nothing: { thetaE: 0, x: 0, y: 0 },
  numbers: (lenses) => listsOf(lenses, ({ x, y, thetaE }) => ({ x, y, thetaE })),
  deflection(at, numbers) {
    const { x, y } = fromCentre(at, numbers);
    const over = x.square().add(y.square()).add(TINY).sqrt().reciprocal().mul(numbers.thetaE);
    return { x: x.mul(over), y: y.mul(over) };
  },
  potential(at, numbers) {
    const { x, y } = fromCentre(at, numbers);
    return x.square().add(y.square()).sqrt().mul(numbers.thetaE);
  },
  hessian(at, numbers) {
    const local = fromCentre(at, numbers);
    const over = local.x.square().add(local.y.square()).add(TINY).sqrt().reciprocal().mul(numbers.thetaE);
    return roundHessian(local, over, over.mul(0.5));
  },
};
