/** Steps of the methods that add a loss to the source's, held against plain numbers. */
import { expect } from "vitest";
import { tidy } from "../../src/torch/scope.ts";
import { pixels, place } from "../tiny/network.ts";
import { gradient, type Params } from "./plain.ts";
import {
  type Both,
  batchesOf,
  both,
  expectClose,
  lossCls,
  NETWORK,
  pick,
  sgd,
  stateOf,
  trainerOf,
} from "./plain-network.ts";

/** A method's own losses; `now` is what stands still in the gradient. */
export interface Own {
  settings: Record<string, unknown>;
  /** Of the network: what is added to L_cls. */
  loss(pass: Both, now: Both, d: Params, lambda: number): number;
  /** Of the discriminator, where there is one. */
  discriminatorLoss?(pass: Both, now: Both, d: Params): number;
}

/**
 * Two steps of a method that adds a loss to the source's, worked out again in plain numbers: the loss from the paper's
 * formulas, its gradient by central differences, the update of SGD with momentum.
 */
export function expectTwoSteps(name: string, own: Own): void {
  const { trainer, end } = trainerOf(name, own.settings);
  let p = pick(stateOf(trainer), "network", NETWORK);
  let d = own.discriminatorLoss === undefined ? {} : pick(stateOf(trainer), "discriminator");
  const velocity: Params = {};
  // Not the first steps, at which the gradient's reversal is 0.
  for (const step of [3, 4]) {
    const [xS, xT] = [pixels(5, step), pixels(7, step + 20)];
    const lambda = 2 / (1 + Math.exp(-step)) - 1; // γ p = 10 · step / 10
    const now = both(p, xS, xT);
    const gP = gradient(p, (at) => {
      const pass = both(at, xS, xT);
      return lossCls(pass) + own.loss(pass, now, d, lambda);
    });
    const gD = gradient(d, (at) => own.discriminatorLoss?.(now, now, at) ?? 0);
    const expected = lossCls(now);
    p = sgd(p, gP, velocity);
    d = sgd(d, gD, velocity);
    const made = tidy(() => {
      const { loss } = trainer.step(0, batchesOf(xS, xT), place(step));
      return typeof loss === "number" ? loss : loss!.item();
    });
    expect(made).toBeCloseTo(expected, 5);
    expectClose(pick(stateOf(trainer), "network"), p);
    if (own.discriminatorLoss !== undefined) expectClose(pick(stateOf(trainer), "discriminator"), d);
  }
  end();
}
