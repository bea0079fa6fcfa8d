/**
 * Two steps of every method that adds a loss to the source's, worked out again in plain numbers: the loss from the paper's
 * formulas, its gradient by central differences, the update of SGD with momentum.
 */
import { expect, test } from "vitest";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { adamW, affine, freshAdamW, gradient, mean, type Params } from "./plain.ts";
import {
  type Both,
  batchesOf,
  both,
  entropy,
  equal,
  expectClose,
  K,
  lossCls,
  NETWORK,
  pick,
  sgd,
  shares,
  softmax,
  stateOf,
  sum,
  trainerOf,
} from "./plain-network.ts";
import { pixels, place } from "./tiny.ts";

/** Linear, PReLU, linear. */
const discriminator = (p: Params, f: number[]): number => {
  const slope = p["1.weight"]![0]!;
  const hidden = affine(f, p["0.weight"]!, p["0.bias"]!).map((v) => (v > 0 ? v : slope * v));
  return affine(hidden, p["2.weight"]!, p["2.bias"]!)[0]!;
};
const softplus = (z: number) => Math.log1p(Math.exp(z));

/** Mean over the domains of the discriminator's cross-entropy. */
const domainLoss = (d: Params, vS: number[][], vT: number[][], wS: number[], wT: number[]) =>
  (sum(vS.map((v, i) => wS[i]! * softplus(-discriminator(d, v)))) +
    sum(vT.map((v, i) => wT[i]! * softplus(discriminator(d, v))))) /
  2;

const outer = (f: number[], g: number[]) => f.flatMap((value) => g.map((part) => value * part));

function mmd(a: number[][], b: number[][], w: number[], v: number[], scale: number): number {
  const rows = [...a, ...b];
  const share = [...w, ...v.map((value) => -value)];
  let total = 0;
  rows.forEach((x, i) => {
    rows.forEach((y, j) => {
      const d = sum(x.map((value, at) => (value - y[at]!) ** 2));
      for (const width of [0.25, 0.5, 1, 2, 4])
        total += share[i]! * share[j]! * Math.exp(-d / (width * scale));
    });
  });
  return total;
}
const meanDistance = (rows: number[][]) =>
  sum(rows.flatMap((x) => rows.map((y) => sum(x.map((value, at) => (value - y[at]!) ** 2))))) /
  (rows.length * (rows.length - 1));

function covariance(f: number[][], w: number[]): number[][] {
  const centre = f[0]!.map((_, j) => sum(f.map((row, i) => w[i]! * row[j]!)));
  const left = 1 - sum(w.map((value) => value ** 2));
  return centre.map((_, j) =>
    centre.map(
      (_, k) => sum(f.map((row, i) => w[i]! * (row[j]! - centre[j]!) * (row[k]! - centre[k]!))) / left,
    ),
  );
}

/** The confusion of classes, image weights from the predictions of `at`. */
function confusion(zT: number[][], at: number[][], T: number): number {
  const y = zT.map((z) => softmax(z.map((value) => value / T)));
  const certain = at.map((z) => 1 + Math.exp(-entropy(softmax(z.map((value) => value / T)))));
  const w = certain.map((value) => (value * certain.length) / sum(certain));
  let total = 0;
  for (let j = 0; j < K; j++) {
    const row = Array.from({ length: K }, (_, k) => sum(y.map((p, i) => w[i]! * p[j]! * p[k]!)));
    total += (sum(row) - row[j]!) / sum(row) / K;
  }
  return total;
}

// ---- the methods' own losses; `now` is what stands still in the gradient ----

interface Own {
  settings: Record<string, unknown>;
  /** Of the network: what is added to L_cls. */
  loss(pass: Both, now: Both, d: Params, lambda: number): number;
  /** Of the discriminator, where there is one. */
  discriminatorLoss?(pass: Both, now: Both, d: Params): number;
}

const adversarial = (
  of: (pass: Both, now: Both, d: Params) => number,
  weight: number,
): Pick<Own, "loss" | "discriminatorLoss"> => ({
  // The gradient is turned round on its way into the network.
  loss: (pass, now, d, lambda) => -lambda * weight * of(pass, now, d),
  discriminatorLoss: (pass, now, d) => weight * of(pass, now, d),
});

const conditional = (pass: Both, now: Both, d: Params): number => {
  const [gS, gT] = [now.zS.map(softmax), now.zT.map(softmax)];
  const sure = (w: number[], g: number[][]) => {
    const weighed = w.map((value, i) => value * (1 + Math.exp(-entropy(g[i]!))));
    return weighed.map((value) => value / sum(weighed));
  };
  const [vS, vT] = [pass.fS.map((f, i) => outer(f, gS[i]!)), pass.fT.map((f, i) => outer(f, gT[i]!))];
  return domainLoss(d, vS, vT, sure(shares(), gS), sure(equal(vT.length), gT));
};

const METHODS: Record<string, Own> = {
  dann: {
    settings: { weight: 0.8, discriminator: [4] },
    ...adversarial(({ fS, fT }, _, d) => domainLoss(d, fS, fT, shares(), equal(fT.length)), 0.8),
  },
  cdan: {
    settings: { weight: 0.8, discriminator: [4], confusion: 0.5 },
    loss: (pass, now, d, lambda) =>
      -lambda * 0.8 * conditional(pass, now, d) + 0.5 * confusion(pass.zT, now.zT, 2.5),
    discriminatorLoss: (pass, now, d) => 0.8 * conditional(pass, now, d),
  },
  dan: {
    settings: { weight: 0.7 },
    loss: ({ fS, fT, zS, zT }, now) => {
      const [w, v] = [shares(), equal(fT.length)];
      const [pS, pT] = [zS.map(softmax), zT.map(softmax)];
      const outputs = meanDistance([...now.zS.map(softmax), ...now.zT.map(softmax)]);
      return 0.7 * (mmd(fS, fT, w, v, meanDistance([...now.fS, ...now.fT])) + mmd(pS, pT, w, v, outputs));
    },
  },
  coral: {
    settings: { weight: 5 },
    loss: ({ fS, fT }) => {
      const [a, b] = [covariance(fS, shares()), covariance(fT, equal(fT.length))];
      return (5 * sum(a.flatMap((row, j) => row.map((value, k) => (value - b[j]![k]!) ** 2)))) / (4 * 3 * 3);
    },
  },
  mcc: { settings: { weight: 0.9 }, loss: ({ zT }, now) => 0.9 * confusion(zT, now.zT, 2.5) },
};

test.each(Object.entries(METHODS))("%s: two steps match a plain re-derivation", (name, own) => {
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
});

test("wdgrl: two steps of critic and network match a plain re-derivation", () => {
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
    tidy(() => void trainer.step(0, batchesOf(xS, xT), place(step)));
    expectClose(pick(stateOf(trainer), "critic"), c, 3);
    expectClose(pick(stateOf(trainer), "network"), p, 3);
  }
  end();
});
