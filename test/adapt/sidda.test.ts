/** SIDDA: the Sinkhorn divergence of the features, both losses under learned weights. */
import { expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { tidy } from "../../src/torch/scope.ts";
import { contextOf, pixels, stepAt, tinyNetwork } from "../tiny/network.ts";
import { gradient, logSumExp, type Params } from "./plain.ts";
import {
  batchesOf,
  both,
  equal,
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

const half = (p: number[], q: number[]) => sum(p.map((value, k) => (value - q[k]!) ** 2)) / 2;

/** OT_ε by alternating updates of the dual potentials, until they stay. */
function transport(x: number[][], y: number[][], a: number[], b: number[], epsilon: number): number {
  const best = (rows: number[][], others: number[][], g: number[], share: number[]) =>
    rows.map(
      (p) => -epsilon * logSumExp(others.map((q, j) => Math.log(share[j]!) + (g[j]! - half(p, q)) / epsilon)),
    );
  let [f, g] = [a.map(() => 0), b.map(() => 0)];
  for (let change = 1; change > 1e-10; ) {
    f = best(x, y, g, b);
    const next = best(y, x, f, a);
    change = Math.max(...next.map((value, j) => Math.abs(value - g[j]!)));
    g = next;
  }
  return sum(f.map((value, i) => a[i]! * value)) + sum(g.map((value, j) => b[j]! * value));
}

function divergence(x: number[][], y: number[][], a: number[], b: number[], sigma: number): number {
  const epsilon = sigma ** 2;
  const within = transport(x, x, a, a, epsilon) + transport(y, y, b, b, epsilon);
  return transport(x, y, a, b, epsilon) - within / 2;
}

const distance = (p: number[], q: number[]) => Math.sqrt(2 * half(p, q));

test("two steps of network and weights match a plain re-derivation", () => {
  const { trainer, end } = trainerOf("sidda", { blur: 0.6, etaLr: 0.05, iterations: 2000 });
  let p = pick(stateOf(trainer), "network", NETWORK);
  let w: Params = pick(stateOf(trainer), "uncertainties");
  expect(w).toEqual({ eta: [1, 1] });
  const [velocity, ofEta] = [{} as Params, {} as Params];
  for (const step of [3, 4]) {
    const [xS, xT] = [pixels(5, step), pixels(7, step + 20)];
    const now = both(p, xS, xT);
    const sigma = 0.6 * Math.max(...now.fS.flatMap((f) => now.fT.map((other) => distance(f, other))));
    const sinkhorn = ({ fS, fT }: typeof now) => divergence(fS, fT, shares(), equal(fT.length), sigma);
    const loss = (pass: typeof now, [eta1, eta2]: number[]) =>
      lossCls(pass) / (2 * eta1! ** 2) + sinkhorn(pass) / (2 * eta2! ** 2) + Math.log(eta1! * eta2!);
    const gP = gradient(p, (at) => loss(both(at, xS, xT), w.eta!));
    const gW = gradient(w, (at) => loss(now, at.eta!));
    const [eta1, eta2] = w.eta as [number, number];
    const expected = {
      loss: lossCls(now),
      sinkhorn: sinkhorn(now),
      sigma,
      weight: eta1 ** 2 / (eta1 ** 2 + eta2 ** 2),
    };
    p = sgd(p, gP, velocity);
    w = sgd(w, gW, ofEta, () => 0);
    tidy(() => {
      const numbers = trainer.step(0, batchesOf(xS, xT), stepAt(step)) as Record<
        string,
        number | { item(): number }
      >;
      for (const [name, value] of Object.entries(expected)) {
        const got = numbers[name]!;
        expect(typeof got === "number" ? got : got.item(), name).toBeCloseTo(value, 5);
      }
    });
    expectClose(pick(stateOf(trainer), "network"), p);
    expectClose(pick(stateOf(trainer), "uncertainties"), w);
  }
  end();
});

test("η stays within its bounds: the divergence has at most sixteen times the weight", () => {
  // A rate so large that a step throws both far below 0.
  const { trainer, end } = trainerOf("sidda", { etaLr: 1e3, lr: 0 });
  const step = (at: number) =>
    tidy(() => trainer.step(0, batchesOf(pixels(5, 1), pixels(7, 2)), stepAt(at)).weight as number);
  expect(step(0)).toBe(0.5);
  const weight = step(1);
  expect(weight).toBeGreaterThan(0);
  expect(weight).toBeLessThanOrEqual(16 / 17 + 1e-6);
  end();
});

test("the warm-up is a phase of the source alone, and skipped for a network that has learned it", () => {
  const names = (pretrained: boolean) => {
    const network = tinyNetwork(2);
    const method = methods.find("sidda");
    const trainer = method.build(method.schema.parse({}), contextOf(network, 2, { pretrained }));
    const phases = trainer.phases.map(({ name }) => name);
    trainer.dispose();
    network.dispose();
    return phases;
  };
  expect(names(false)).toEqual(["source", "adapt"]);
  expect(names(true)).toEqual(["adapt"]);
});
