/** Dropout (Srivastava et al. 2014, JMLR 15, 1929). */
import { ArcletError, refuse } from "../foundation/errors.ts";
import { full } from "../torch/create.ts";
import type { Generator } from "../torch/random.ts";
import { currentDivision } from "../torch/ranks.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Module } from "./module.ts";

/**
 * In training, sets elements to zero with the given probability and scales the rest by 1 / (1 − probability); otherwise
 * changes nothing. Draws from the generator given to `setGenerator`.
 */
export class Dropout extends Module {
  private readonly probability: number;
  private generator: Generator | null = null;

  constructor(probability: number) {
    super();
    if (!(probability >= 0 && probability < 1))
      refuse("Dropout", "probability", "from 0 to below 1", probability);
    this.probability = probability;
  }

  override setGenerator(generator: Generator): this {
    this.generator = generator;
    return this;
  }

  /** @throws ArcletError when it should drop and has no generator */
  override forward(x: Tensor): Tensor {
    if (!this.training || this.probability === 0) return x;
    if (this.generator === null)
      throw new ArcletError({
        where: "Dropout",
        code: "missing",
        problem: "needs a generator",
        fix: "call setGenerator first",
      });
    const kept = 1 - this.probability;
    // Of several ranks each draws for the whole batch, and takes its rows: one generator is in one state everywhere.
    const division = currentDivision();
    const shape = division === null ? x.shape : [division.rows, ...x.shape.slice(1)];
    const whole = this.generator.bernoulli(full(shape, kept, { device: x.device }));
    const mask = division === null ? whole : whole.narrow(0, division.from, division.own);
    return x.mul(mask.mul(1 / kept).to(x.dtype));
  }
}
