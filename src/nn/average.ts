/** Exponential moving averages of weights: the teachers of self-ensembling, the evaluated model of AdaMatch. */
import { noGrad } from "../torch/autograd.ts";
import { isFloating } from "../torch/dtype.ts";
import { tidy } from "../torch/scope.ts";
import { addLists_, scaleList_ } from "./foreach.ts";
import type { Module } from "./module.ts";

/**
 * θ' ← α θ' + (1 − α) θ over the whole state, batch-norm buffers included; integer buffers are copied
 * (arXiv 1703.01780, equation 2; buffers as in the code of arXiv 1706.05208).
 *
 * @param average the module that holds θ', a copy of `module`; changed in place
 * @param module the module that learns, θ
 * @param alpha α, from 0 (copy) to 1 (no change)
 * @param options whether buffers are averaged with the rest or copied
 */
export function updateAverage(
  average: Module,
  module: Module,
  alpha: number,
  { buffers = "average" }: { buffers?: "average" | "copy" } = {},
): void {
  const sources = module.state();
  const copied = buffers === "copy" ? average.namedBuffers() : new Map<string, unknown>();
  noGrad(() =>
    tidy(() => {
      const all = [...average.state()].map(([name, target]) => {
        const averaged = isFloating(target.dtype) && !copied.has(name);
        return { target, source: sources.get(name)!, averaged };
      });
      const floats = all.filter(({ averaged }) => averaged);
      const targets = floats.map(({ target }) => target);
      scaleList_(targets, alpha);
      addLists_(
        targets,
        floats.map(({ source }) => source),
        1 - alpha,
      );
      for (const { target, source, averaged } of all) if (!averaged) target.copy_(source);
    }),
  );
}
