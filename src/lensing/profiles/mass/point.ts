/** A point mass. */
import { type Centre, fromCentre } from "../frame.ts";
import { listsOf } from "../rows.ts";
import { type MassModel, roundHessian, TINY } from "./model.ts";

/** A point mass. */
export interface PointMass extends Centre {
  /** Einstein radius, arcsec. */
  thetaE: number;
}

/** α = θ_E² / r, ψ = θ_E² ln r (r in arcsec), κ = 0 except at the point. */
export const point: MassModel<PointMass, "x" | "y" | "thetaE2"> = {
  nothing: { thetaE: 0, x: 0, y: 0 },
  numbers: (lenses) => listsOf(lenses, ({ x, y, thetaE }) => ({ x, y, thetaE2: thetaE ** 2 })),
  deflection(at, numbers) {
    const { x, y } = fromCentre(at, numbers);
    const over = x.square().add(y.square()).add(TINY).reciprocal().mul(numbers.thetaE2);
    return { x: x.mul(over), y: y.mul(over) };
  },
  potential(at, numbers) {
    const { x, y } = fromCentre(at, numbers);
    return x.square().add(y.square()).add(TINY).log().mul(numbers.thetaE2).mul(0.5);
  },
  hessian(at, numbers) {
    const local = fromCentre(at, numbers);
    const over = local.x.square().add(local.y.square()).add(TINY).reciprocal().mul(numbers.thetaE2);
    return roundHessian(local, over, over.mul(0));
  },
};
