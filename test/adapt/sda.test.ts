/** Supervised adaptation by contrastive semantic alignment (Motiian et al. 2017). */
import { expect, test } from "vitest";
import { contrast } from "../../src/adapt/sda.ts";
import { tensor } from "../../src/torch/create.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { pixels, stepAt } from "../tiny/network.ts";
import { gradient, type Params } from "./plain.ts";
import {
  batchesOf,
  both,
  expectClose,
  GRADES,
  LABELS,
  lossCls,
  NETWORK,
  pick,
  sgd,
  stateOf,
  sum,
  trainerOf,
} from "./plain-network.ts";

test("pairs of one class by half their squared distance, pairs of two by how far they are inside the margin", () => {
  const before = liveTensors();
  tidy(() => {
    const fS = tensor([
      [0, 0],
      [3, 0],
    ]);
    const yS = tensor([
      [1, 0],
      [0, 1],
    ]);
    const fG = tensor([
      [0, 1],
      [0.6, 0.8],
    ]);
    const sure = tensor([
      [1, 0],
      [0, 1],
    ]);
    // One class: D² of (0, 0)–(0, 1) is 1, of (3, 0)–(0.6, 0.8) 6.4. Two: D of (0, 0)–(0.6, 0.8) is 1, of (3, 0)–(0, 1) √10.
    const { alignment, separation } = contrast(fS, yS, fG, sure, 1.5);
    expect(alignment.item()).toBeCloseTo((1 + 6.4) / 2 / 2, 5);
    expect(separation.item()).toBeCloseTo((0.5 ** 2 + 0) / 2 / 2, 5);
    // The second grade half sure: its pairs count half for each term. Of one class: weights 1, 0.5, 0.5 of D² 1, 1, 6.4.
    const half = tensor([
      [1, 0],
      [0.5, 0.5],
    ]);
    const soft = contrast(fS, yS, fG, half, 1.5);
    expect(soft.alignment.item()).toBeCloseTo((1 + 0.5 * 1 + 0.5 * 6.4) / 2 / 2, 5);
    // Of two: weights 1 (√10: outside), 0.5 (1: inside by 0.5), 0.5 (√6.4: outside).
    expect(soft.separation.item()).toBeCloseTo((0.5 * 0.5 ** 2) / 2 / 2, 5);
  });
  expect(liveTensors()).toBe(before);
});

test("a term without a pair is 0, and images with the same features have a gradient", () => {
  tidy(() => {
    const f = tensor([[1, 2]]).withGrad();
    const one = tensor([[1, 0]]);
    const { alignment, separation } = contrast(f, one, tensor([[1, 2]]), tensor([[0, 1]]), 1);
    expect(alignment.item()).toBe(0);
    expect(separation.item()).toBeCloseTo(0.5, 5);
    separation.backward();
    expect(f.grad!.numbers().every(Number.isFinite)).toBe(true);
    expect(contrast(f, one, tensor([[1, 2]]), one, 1).separation.item()).toBe(0);
  });
});

test("two steps match a plain re-derivation", () => {
  const settings = { gamma: 0.4, margin: 1.2 };
  const { trainer, end } = trainerOf("sda", settings, 5, { gradedBatch: 4 });
  expect(trainer.phases[0]!.batch).toEqual({ source: 5, target: 0, graded: 4 });
  let p = pick(stateOf(trainer), "network", NETWORK);
  const velocity: Params = {};
  for (const step of [3, 4]) {
    const [xS, xG] = [pixels(5, step), pixels(4, step + 40)];
    const loss = (at: Params) => {
      const pass = both(at, xS, xG);
      const pairs = pass.fS.flatMap((f, i) =>
        pass.fT.map((g, j) => ({
          same: GRADES[j]![LABELS[i]!]!,
          distance: Math.hypot(...f.map((value, k) => value - g[k]!)),
        })),
      );
      const weighted = (w: number[], x: number[]) => sum(x.map((value, i) => w[i]! * value)) / sum(w) / 2;
      const same = pairs.map((pair) => pair.same);
      const alignment = weighted(
        same,
        pairs.map(({ distance }) => distance ** 2),
      );
      const separation = weighted(
        same.map((value) => 1 - value),
        pairs.map(({ distance }) => Math.max(0, 1.2 - distance) ** 2),
      );
      return 0.6 * lossCls(pass) + 0.4 * (alignment + separation);
    };
    p = sgd(p, gradient(p, loss), velocity);
    tidy(() => void trainer.step(0, batchesOf(xS, pixels(5, 1), xG), stepAt(step)));
    expectClose(pick(stateOf(trainer), "network"), p);
  }
  end();
});
