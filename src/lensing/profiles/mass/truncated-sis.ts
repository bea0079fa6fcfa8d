/** The truncated singular isothermal sphere: a clump of dark matter in a larger halo. */
import type { Tensor } from "../../../torch/tensor.ts";
import { type Centre, fromCentre, type Positions } from "../frame.ts";
import { listsOf, type Numbers } from "../rows.ts";
import { type MassModel, roundHessian, TINY } from "./model.ts";

/** An isothermal sphere that ends at a radius. */
export interface TruncatedSis extends Centre {
  /** Einstein radius without truncation, arcsec. */
  b: number;
  /** Truncation radius, arcsec. */
  a: number;
}

/**
 * The "pseudo-Jaffe" profile (Muñoz, Kochanek & Keeton 2001, ApJ 558, 657): κ = (b / 2) (1 / r − 1 / √(r² + a²)), whose
 * mass is finite, π a b Σ_cr. With s = √(r² + a²):
 *   α = b (r + a − s) / r = b (1 − r / (s + a)),   ψ = b (r + a − s + a ln((a + s) / 2a)).
 */
export const truncatedSis: MassModel<TruncatedSis, "x" | "y" | "a" | "b"> = {
  nothing: { b: 0, a: 1, x: 0, y: 0 },
  numbers: (clumps) => listsOf(clumps, ({ x, y, a, b }) => ({ x, y, a, b })),
  deflection(at, numbers) {
    const { x, y } = fromCentre(at, numbers);
    const over = overRadius({ x, y }, numbers);
    return { x: x.mul(over), y: y.mul(over) };
  },
  potential(at, numbers) {
    const { r, s } = radii(fromCentre(at, numbers), numbers);
    const log = s.add(numbers.a).div(numbers.a).mul(0.5).log().mul(numbers.a);
    return r.sub(s).add(numbers.a).add(log).mul(numbers.b);
  },
  hessian(at, numbers) {
    const local = fromCentre(at, numbers);
    const { r, s } = radii(local, numbers);
    const kappa = r.reciprocal().sub(s.reciprocal()).mul(numbers.b).mul(0.5);
    return roundHessian(local, overRadius(local, numbers), kappa);
  },
};

function radii({ x, y }: Positions, numbers: Numbers<"a">): { r: Tensor; s: Tensor } {
  const r2 = x.square().add(y.square()).add(TINY);
  return { r: r2.sqrt(), s: r2.add(numbers.a.square()).sqrt() };
}

/** α / r = b (1 / r − 1 / (s + a)). */
function overRadius(local: Positions, numbers: Numbers<"a" | "b">): Tensor {
  const { r, s } = radii(local, numbers);
  return r.reciprocal().sub(s.add(numbers.a).reciprocal()).mul(numbers.b);
}
