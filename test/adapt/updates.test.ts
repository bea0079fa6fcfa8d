/**
 * Two steps of every method with a gradient, worked out again in plain numbers and double precision: the loss from the
 * paper's formulas, its gradient by central differences, the update of SGD with momentum. Classes are skewed, and an
 * expected prior is given.
 */
import { expect, test } from "vitest";
import { type Batches, findMethod, type View } from "../../src/adapt/index.ts";
import { Generator, tensor, tidy } from "../../src/torch/index.ts";
import { adamW, affine, freshAdamW, gradient, logSumExp, mean, type Params } from "./plain.ts";
import { contextOf, numbersOf, pixels, place, tinyNetwork } from "./tiny.ts";

const SOURCE_PRIOR = [0.6, 0.2, 0.2];
const PRIOR = [0.2, 0.3, 0.5];
const LABELS = [0, 0, 0, 1, 2];
const K = 3;
const RATE = 0.05;
const DECAY = 0.1;
const NETWORK = [
  "encoder.linear.weight",
  "encoder.linear.bias",
  "encoder.norm.weight",
  "encoder.norm.bias",
].concat(["classifier.weight", "classifier.bias"]);

// ---- the network in plain numbers, batch norm by the batch's own statistics ----

function statistics(p: Params, rows: number[][]) {
  const h = rows.map((x) => affine(x, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!));
  const centre = h[0]!.map((_, j) => mean(h.map((row) => row[j]!)));
  const variance = centre.map((m, j) => mean(h.map((row) => (row[j]! - m) ** 2)));
  return { h, centre, variance };
}

function features(p: Params, rows: number[][]): number[][] {
  const { h, centre, variance } = statistics(p, rows);
  return h.map((row) =>
    row.map((value, j) =>
      Math.tanh(
        ((value - centre[j]!) / Math.sqrt(variance[j]! + 1e-5)) * p["encoder.norm.weight"]![j]! +
          p["encoder.norm.bias"]![j]!,
      ),
    ),
  );
}

const logits = (p: Params, f: number[]) => affine(f, p["classifier.weight"]!, p["classifier.bias"]!);
const softmax = (z: number[]) => z.map((value) => Math.exp(value - logSumExp(z)));
const crossEntropy = (z: number[], y: number) => logSumExp(z) - z[y]!;
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const entropy = (q: number[]) => -sum(q.map((value) => value * Math.log(value)));

/** π_t(y) / π_s(y), shares of a batch. */
const shares = () => {
  const w = LABELS.map((y) => PRIOR[y]! / SOURCE_PRIOR[y]!);
  return w.map((value) => value / sum(w));
};
const equal = (n: number) => Array(n).fill(1 / n) as number[];

/** Source and target in one batch. */
function both(p: Params, xS: number[][], xT: number[][]) {
  const f = features(p, [...xS, ...xT]);
  const [fS, fT] = [f.slice(0, xS.length), f.slice(xS.length)];
  return { fS, fT, zS: fS.map((one) => logits(p, one)), zT: fT.map((one) => logits(p, one)) };
}
type Both = ReturnType<typeof both>;

const lossCls = ({ zS }: Both) => mean(zS.map((z, i) => crossEntropy(z, LABELS[i]!)));

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

// ---- the optimiser: SGD with momentum 0.9, decay added to the gradient ----

function sgd(p: Params, g: Params, velocity: Params, decay: (name: string) => number = () => DECAY): Params {
  return Object.fromEntries(
    Object.entries(p).map(([name, values]) => {
      velocity[name] = values.map(
        (value, i) => 0.9 * (velocity[name]?.[i] ?? 0) + g[name]![i]! + decay(name) * value,
      );
      return [name, values.map((value, i) => value - RATE * velocity[name]![i]!)];
    }),
  );
}

const pick = (state: ReadonlyMap<string, number[]>, part: string, names?: string[]): Params =>
  Object.fromEntries(
    [...state]
      .filter(([name]) => name.startsWith(`${part}.`))
      .map(([name, values]) => [name.slice(part.length + 1), values] as const)
      .filter(([name]) => names === undefined || names.includes(name)),
  );

function expectClose(actual: Params, expected: Params, digits = 4): void {
  for (const [name, values] of Object.entries(expected))
    values.forEach((value, i) => {
      expect(actual[name]![i]!, `${name}[${i}]`).toBeCloseTo(value, digits);
    });
}

/** Batches whose strong views differ from the weak ones. */
function batchesOf(xS: number[][], xT: number[][]): Batches {
  const view = (rows: number[][]) => (kind: View) => tensor(seen(rows, kind).flat(), [rows.length, 1, 2, 2]);
  return {
    source: { view: view(xS), labels: tensor(LABELS, [LABELS.length], { dtype: "int64" }) },
    target: { view: view(xT) },
  };
}
const seen = (rows: number[][], kind: View) =>
  kind === "strong" ? rows.map((row) => row.map((x, j) => 0.7 * x + 0.2 * j)) : rows;

/** Settings that all share, and a trainer on a fresh network. */
function trainerOf(name: string, more: Record<string, unknown>, seed = 5) {
  const network = tinyNetwork(K, seed);
  const method = findMethod(name);
  const rates = { epochs: 1, optimizer: "sgd", lr: RATE, weightDecay: DECAY, schedule: "constant" };
  const settings = method.schema.parse({ ...rates, batch: LABELS.length, ...more });
  const context = contextOf(network, K, { pretrained: true, sourcePrior: SOURCE_PRIOR, targetPrior: PRIOR });
  const trainer = method.build(settings, context);
  trainer.begin(0);
  return { network, trainer, end: () => void [trainer.dispose(), network.dispose()] };
}

const stateOf = (trainer: { state(): Parameters<typeof numbersOf>[0] }) =>
  tidy(() => numbersOf(trainer.state()));

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

test("self-ensembling: two steps of student and teacher match a plain re-derivation, buffers averaged too", () => {
  // Confidences of a tiny network: the mask is on for some images and off for others.
  const more = { consistency: 3, classBalance: 0.4, confidence: 0.5, alpha: 0.9 };
  const { trainer, end } = trainerOf("self-ensembling", more);
  let p = pick(stateOf(trainer), "student", NETWORK);
  let teacher = p;
  let running = pick(stateOf(trainer), "student", ["encoder.norm.running_mean", "encoder.norm.running_var"]);
  let averaged = running;
  const velocity: Params = {};
  const masks: number[] = [];
  for (const step of [0, 1]) {
    const [xS, xT] = [pixels(5, step), pixels(7, step + 20)];
    const predicted = (at: Params) => features(at, xT).map((f) => softmax(logits(at, f)));
    const pTeacher = predicted(teacher);
    const mask = pTeacher.map((q) => Number(Math.max(...q) > 0.5));
    masks.push(...mask);
    const g = gradient(p, (at) => {
      const cls = mean(features(at, xS).map((f, i) => crossEntropy(logits(at, f), LABELS[i]!)));
      const q = predicted(at);
      const consistency = mean(
        q.map((row, i) => mask[i]! * mean(row.map((value, k) => (value - pTeacher[i]![k]!) ** 2))),
      );
      const part = PRIOR.map((_, k) => mean(q.map((row) => row[k]!)));
      const balance = -sum(part.map((m, k) => PRIOR[k]! * Math.log(m) + (1 - PRIOR[k]!) * Math.log(1 - m)));
      return cls + 3 * consistency + 0.4 * balance * mean(mask);
    });
    // The student's running statistics are the target's; the teacher's move by its own pass, and then to the student's.
    const moved = (at: Params, before: Params): Params => {
      const { centre, variance } = statistics(at, xT);
      return {
        "encoder.norm.running_mean": centre.map(
          (m, j) => 0.9 * before["encoder.norm.running_mean"]![j]! + 0.1 * m,
        ),
        "encoder.norm.running_var": variance.map(
          (v, j) => 0.9 * before["encoder.norm.running_var"]![j]! + (0.1 * v * 7) / 6,
        ),
      };
    };
    [running, averaged] = [moved(p, running), moved(teacher, averaged)];
    p = sgd(p, g, velocity);
    const follow = (before: Params, to: Params): Params =>
      Object.fromEntries(
        Object.entries(before).map(([name, values]) => [
          name,
          values.map((value, i) => 0.9 * value + 0.1 * to[name]![i]!),
        ]),
      );
    [teacher, averaged] = [follow(teacher, p), follow(averaged, running)];
    tidy(() => void trainer.step(0, batchesOf(xS, xT), place(step)));
    expectClose(pick(stateOf(trainer), "student"), { ...p, ...running });
    expectClose(pick(stateOf(trainer), "teacher"), { ...teacher, ...averaged });
  }
  expect(new Set(masks)).toEqual(new Set([0, 1]));
  end();
});

test("AdaMatch: two steps match a plain re-derivation; the pass of the source alone leaves no trace in batch norm", () => {
  const more = { uratio: 1, tau: 0.95, average: 0.6, pseudo: 1 };
  const { trainer, end } = trainerOf("adamatch", more);
  let p = pick(stateOf(trainer), "network", NETWORK);
  let average = p;
  let running = pick(stateOf(trainer), "network", ["encoder.norm.running_mean", "encoder.norm.running_var"]);
  const window: number[][] = Array.from({ length: 128 }, () => Array(K).fill(1 / K));
  const velocity: Params = {};
  const generator = new Generator(1);
  const masks: number[] = [];
  for (const step of [3, 4]) {
    const [xS, xT] = [pixels(5, step), pixels(5, step + 20)];
    const source = [...xS, ...seen(xS, "strong")];
    const all = [...source, ...xT, ...seen(xT, "strong")];
    const lambda = tidy(() => generator.uniform([10, K]).numbers());
    /** Interpolated logits of the source (weak, strong), and those of the target. */
    const passed = (at: Params) => {
      const alone = features(at, source).map((f) => logits(at, f));
      const z = features(at, all).map((f) => logits(at, f));
      const zS = alone.map((row, i) =>
        row.map((value, k) => z[i]![k]! + lambda[i * K + k]! * (value - z[i]![k]!)),
      );
      return { zS, weak: z.slice(10, 15), strong: z.slice(15) };
    };
    const now = passed(p);
    const y = now.weak.map(softmax);
    window[step - 3] = y[0]!.map((_, k) => mean(y.map((row) => row[k]!)));
    const pT = window[0]!.map((_, k) => mean(window.map((row) => row[k]!)));
    const aligned = y.map((row) => {
      const moved = row.map((value, k) => (value * (PRIOR[k]! + 1e-6)) / (pT[k]! + 1e-6));
      return moved.map((value) => value / sum(moved));
    });
    const threshold = 0.95 * mean(now.zS.slice(0, 5).map((z) => Math.max(...softmax(z))));
    const mask = aligned.map((row) => Number(Math.max(...row) >= threshold));
    masks.push(...mask);
    const pseudo = aligned.map((row) => row.indexOf(Math.max(...row)));
    const mu = 0.5 - Math.cos(Math.min(Math.PI, (2 * Math.PI * step) / 10)) / 2;
    const g = gradient(p, (at) => {
      const { zS, strong } = passed(at);
      const onSource = mean(zS.map((z, i) => crossEntropy(z, LABELS[i % 5]!)));
      return onSource + mu * mean(strong.map((z, i) => mask[i]! * crossEntropy(z, pseudo[i]!)));
    });
    const { centre, variance } = statistics(p, all);
    running = {
      "encoder.norm.running_mean": centre.map(
        (m, j) => 0.9 * running["encoder.norm.running_mean"]![j]! + 0.1 * m,
      ),
      "encoder.norm.running_var": variance.map(
        (v, j) => 0.9 * running["encoder.norm.running_var"]![j]! + (0.1 * v * 20) / 19,
      ),
    };
    // Matrices decay; biases and batch norm's scales don't.
    p = sgd(p, g, velocity, (name) => (/(linear|classifier).weight/.test(name) ? DECAY : 0));
    const alpha = Math.min(0.6, (1 + step) / (10 + step));
    average = Object.fromEntries(
      Object.entries(average).map(([name, values]) => [
        name,
        values.map((value, i) => alpha * value + (1 - alpha) * p[name]![i]!),
      ]),
    );
    tidy(() => void trainer.step(0, batchesOf(xS, xT), place(step)));
    expectClose(pick(stateOf(trainer), "network"), { ...p, ...running });
    // Batch norm's buffers are copied into the average, not averaged.
    expectClose(pick(stateOf(trainer), "average"), { ...average, ...running });
  }
  expect(new Set(masks)).toEqual(new Set([0, 1]));
  end();
});

test("AdaBN: statistics are the mean of the target's batches, and nothing else changes", () => {
  const network = tinyNetwork(K);
  const method = findMethod("adabn");
  const trainer = method.build(
    method.schema.parse({ batch: 7 }),
    contextOf(network, K, { pretrained: true }),
  );
  trainer.begin(0);
  const before = pick(stateOf(trainer), "network");
  const p = pick(stateOf(trainer), "network", NETWORK);
  const made = [0, 1].map((step) => {
    const xT = pixels(7, step + 20);
    tidy(() => void trainer.step(0, batchesOf(pixels(5, step), xT), place(step)));
    return statistics(p, xT);
  });
  const now = pick(stateOf(trainer), "network");
  for (const name of NETWORK) expect(now[name]).toEqual(before[name]);
  expectClose(now, {
    "encoder.norm.running_mean": made[0]!.centre.map((m, j) => (m + made[1]!.centre[j]!) / 2),
    "encoder.norm.running_var": made[0]!.variance.map((v, j) => ((v + made[1]!.variance[j]!) / 2) * (7 / 6)),
  });
  [trainer, network].forEach((one) => {
    one.dispose();
  });
});

test("batch norm apart: each domain by its own statistics, and the running ones are the target's alone", () => {
  const { trainer, end } = trainerOf("mcc", { batchNorm: "apart", weight: 0 });
  const p = pick(stateOf(trainer), "network", NETWORK);
  const [xS, xT] = [pixels(5, 1), pixels(7, 21)];
  const made = tidy(() => {
    const { loss } = trainer.step(0, batchesOf(xS, xT), place(0));
    return typeof loss === "number" ? loss : loss!.item();
  });
  expect(made).toBeCloseTo(mean(features(p, xS).map((f, i) => crossEntropy(logits(p, f), LABELS[i]!))), 5);
  const { centre } = statistics(p, xT);
  expectClose(pick(stateOf(trainer), "network"), { "encoder.norm.running_mean": centre.map((m) => 0.1 * m) });
  end();
});
