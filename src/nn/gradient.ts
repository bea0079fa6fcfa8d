/** Gradients between `backward` and the optimiser's step. */
import { noGrad } from "../torch/autograd.ts";
import { stack } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { normList, scaleList_ } from "./foreach.ts";

/**
 * Scales all gradients together so that their joint 2-norm is at most `maxNorm`
 * (Pascanu et al. 2013, arXiv 1211.5063, algorithm 1).
 *
 * @returns the norm before clipping; if it is not finite, because a gradient isn't, nothing is scaled
 */
export function clipGradients(parameters: Iterable<Tensor>, maxNorm: number): number {
  return noGrad(() =>
    tidy(() => {
      const gradients = [...parameters].flatMap((parameter) => parameter.grad ?? []);
      if (gradients.length === 0) return 0;
      const norm = stack(normList(gradients)).norm().item();
      if (Number.isFinite(norm) && norm > maxNorm) scaleList_(gradients, maxNorm / (norm + 1e-6));
      return norm;
    }),
  );
}
