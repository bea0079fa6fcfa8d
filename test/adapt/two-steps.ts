/** Steps of the methods that add a loss to the source's, checked against plain numbers. */
import { expect } from "vitest";
import { tidy } from "../../src/torch/scope.ts";
import { pixels, stepAt } from "../tiny/network.ts";
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

/** A method's own losses; `now` is what the gradient holds constant. */
export interface AddedLoss {
  settings: Record<string, unknown>;
  /** Of the network: the loss added to L_cls. */
  loss(pass: Both, now: Both, d: Params, lambda: number): number;
  /** Of the discriminator, if there is one. */
  discriminatorLoss?(pass: Both, now: Both, d: Params): number;
}

/**
 * Two steps of a method that adds a loss to the source's, computed again in plain numbers: the loss from the paper's
 * formulas, its gradient by central differences, the update of SGD with momentum.
 */
export function expectTwoSteps(name: string, added: AddedLoss): void {
  const { trainer, end } = trainerOf(name, added.settings);
  let p = pick(stateOf(trainer), "network", NETWORK);
  let d = added.discriminatorLoss === undefined ? {} : pick(stateOf(trainer), "discriminator");
  const velocity: Params = {};
  // Not the first steps, at which the gradient's reversal is 0.
  for (const step of [3, 4]) {
    const [xS, xT] = [pixels(5, step), pixels(7, step + 20)];
    const lambda = 2 / (1 + Math.exp(-step)) - 1; // γ p = 10 · step / 10
    const now = both(p, xS, xT);
    const gP = gradient(p, (at) => {
      const pass = both(at, xS, xT);
      return lossCls(pass) + added.loss(pass, now, d, lambda);
    });
    const gD = gradient(d, (at) => added.discriminatorLoss?.(now, now, at) ?? 0);
    const expected = lossCls(now);
    p = sgd(p, gP, velocity);
    d = sgd(d, gD, velocity);
    const loss = tidy(() => {
      const numbers = trainer.step(0, batchesOf(xS, xT), stepAt(step));
      return typeof numbers.loss === "number" ? numbers.loss : numbers.loss!.item();
    });
    expect(loss).toBeCloseTo(expected, 5);
    expectClose(pick(stateOf(trainer), "network"), p);
    if (added.discriminatorLoss !== undefined) expectClose(pick(stateOf(trainer), "discriminator"), d);
  }
  end();
}
