/** WDGRL: the Wasserstein distance of the features, by a critic with a gradient penalty. */
import { test } from "vitest";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { pixels, stepAt } from "../tiny/network.ts";
import { adamW, affine, freshAdamW, gradient, mean, type Params } from "./plain.ts";
import {
  batchesOf,
  both,
  expectClose,
  lossCls,
  NETWORK,
  pick,
  sgd,
  shares,
  stateOf,
  sum,
  trainerOf,
} from "./plain-network.ts";

test("two steps of critic and network match a plain re-derivation", () => {
  const more = { weight: 0.6, criticSteps: 2, criticLr: 0.01, penalty: 3, discriminator: [4] };
  const { trainer, end } = trainerOf("wdgrl", more);
  let p = pick(stateOf(trainer), "network", NETWORK);
  let c = pick(stateOf(trainer), "critic");
  const critic = (w: Params, h: number[]) =>
    affine(
      affine(h, w["0.weight"]!, w["0.bias"]!).map((v) => Math.max(0, v)),
      w["2.weight"]!,
      w["2.bias"]!,
    )[0]!;
  /** ∇_h of the critic. */
  const slope = (w: Params, h: number[]) => {
    const on = affine(h, w["0.weight"]!, w["0.bias"]!).map((v) => Number(v > 0));
    return h.map((_, j) => sum(on.map((yes, o) => yes * w["2.weight"]![o]! * w["0.weight"]![o * 3 + j]!)));
  };
  const distance = (w: Params, fS: number[][], fT: number[][]) =>
    sum(fS.map((h, i) => shares()[i]! * critic(w, h))) - mean(fT.map((h) => critic(w, h)));
  const [velocity, moments] = [{} as Params, freshAdamW()];
  const generator = new Generator(1);
  for (const step of [0, 1]) {
    const [xS, xT] = [pixels(5, step), pixels(7, step + 20)];
    const { fS, fT } = both(p, xS, xT);
    for (let i = 0; i < 2; i++) {
      const part = tidy(() => generator.uniform([5, 1]).numbers());
      const between = part.map((t, n) => fT[n]!.map((value, j) => value + t * (fS[n]![j]! - value)));
      const points = [...fS, ...fT, ...between];
      const g = gradient(c, (w) => {
        const norms = points.map((h) => Math.sqrt(sum(slope(w, h).map((value) => value ** 2)) + 1e-12));
        return 3 * mean(norms.map((norm) => (norm - 1) ** 2)) - distance(w, fS, fT);
      });
      c = adamW(c, g, moments, { lr: 0.01, decay: 0 });
    }
    const g = gradient(p, (at) => {
      const pass = both(at, xS, xT);
      return lossCls(pass) + 0.6 * distance(c, pass.fS, pass.fT);
    });
    p = sgd(p, g, velocity);
    tidy(() => void trainer.step(0, batchesOf(xS, xT), stepAt(step)));
    expectClose(pick(stateOf(trainer), "critic"), c, 3);
    expectClose(pick(stateOf(trainer), "network"), p, 3);
  }
  end();
});
