import { expect, test } from "vitest";
import { type AddaSettings, adda, lossAdvD, lossAdvM } from "../../src/adapt/adda.ts";
import type { MethodContext } from "../../src/adapt/method.ts";
import type { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Dropout } from "../../src/nn/dropout.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Network } from "../../src/nn/network.ts";
import { Sequential } from "../../src/nn/sequential.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { batchesOf, contextOf, FEATURES, numbersOf, pixels, stepAt, tinyNetwork } from "../tiny/network.ts";
import { adamW, affine, freshAdamW, gradient, logSumExp, mean, type Params, sigmoid } from "./plain.ts";

const settings: AddaSettings = adda.schema.parse({
  epochs: 1,
  batch: 5,
  lr: 0.02,
  discriminatorLr: 0.05,
  weightDecay: 0.1,
  warmup: 0,
  discriminator: [4],
});

/** Running statistics that the networks start from. */
const STATS = { mean: [0.3, -0.2, 0.1], var: [0.5, 1.5, 0.8] };

/** A trainer that begins at the adversarial stage, its batch norm with statistics worth keeping. */
function adversary(more: Partial<AddaSettings> = {}, context: Partial<MethodContext> = {}, classes = 3) {
  const network = tinyNetwork(classes);
  const norm = [...network.namedModules()].find(([name]) => name === "encoder.norm")![1] as BatchNorm;
  tidy(() => void norm.runningMean.copy_(tensor(STATS.mean)));
  tidy(() => void norm.runningVar.copy_(tensor(STATS.var)));
  const trainer = adda.build(
    { ...settings, ...more },
    contextOf(network, classes, { pretrained: true, ...context }),
  );
  trainer.begin(0);
  return { network, trainer };
}

const values = (numbers: Record<string, Tensor | number>) =>
  Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, typeof value === "number" ? value : value.item()]),
  );

const part = (state: ReadonlyMap<string, Tensor>, name: string) =>
  numbersOf(
    new Map(
      [...state].filter(([key]) => key.startsWith(`${name}.`)).map(([k, v]) => [k.slice(name.length + 1), v]),
    ),
  );

// ---- the tiny network in plain numbers ----
const M_NAMES = ["encoder.linear.weight", "encoder.linear.bias", "encoder.norm.weight", "encoder.norm.bias"];
const D_NAMES = ["0.weight", "0.bias", "1.weight", "2.weight", "2.bias"].map((name) => `layers.${name}`);

/** M in eval mode: normalised by the running statistics. */
const M = (p: Params, x: number[], stats: { mean: number[]; var: number[] }): number[] =>
  affine(x, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!).map((h, j) =>
    Math.tanh(
      ((h - stats.mean[j]!) / Math.sqrt(stats.var[j]! + 1e-5)) * p["encoder.norm.weight"]![j]! +
        p["encoder.norm.bias"]![j]!,
    ),
  );

/** Mean and standard deviation of each source feature over all batches so far. */
function moments(batches: number[][][]): { mean: number[]; deviation: number[] } {
  const average = (value: (f: number[], j: number) => number) =>
    batches[0]![0]!.map((_, j) => mean(batches.map((batch) => mean(batch.map((f) => value(f, j))))));
  const centre = average((f, j) => f[j]!);
  const square = average((f, j) => f[j]! ** 2);
  return { mean: centre, deviation: square.map((m2, j) => Math.sqrt(m2 - centre[j]! ** 2 + 1e-8)) };
}

/** D's probability that the features are the source's, whose moments standardise them. */
const D = (p: Params, f: number[], source: ReturnType<typeof moments>): number => {
  const z = f.map((value, j) => (value - source.mean[j]!) / source.deviation[j]!);
  const slope = p["layers.1.weight"]![0]!;
  const hidden = affine(z, p["layers.0.weight"]!, p["layers.0.bias"]!).map((v) => (v > 0 ? v : slope * v));
  return sigmoid(affine(hidden, p["layers.2.weight"]!, p["layers.2.bias"]!)[0]!);
};

const pick = (state: Map<string, number[]>, names: string[]): Params =>
  Object.fromEntries(names.map((name) => [name, state.get(name)!]));

function expectClose(actual: Map<string, number[]>, expected: Params): void {
  for (const [name, list] of Object.entries(expected))
    list.forEach((value, i) => {
      expect(actual.get(name)![i]!, `${name}[${i}]`).toBeCloseTo(value, 4);
    });
}

test.each([
  ["as in the paper", {}, null],
  ["with an expected prior and an anchor", { sourceAnchor: 0.7 }, [0.9, 0.08, 0.02]],
] as const)("two steps %s match a plain re-derivation of losses, gradients and updates", (_, more, prior) => {
  const sourcePrior = [0.6, 0.2, 0.2];
  const { network, trainer } = adversary({ ...more, warmup: 0.2 }, { targetPrior: prior, sourcePrior });
  const start = trainer.state();
  const s = pick(part(start, "source"), M_NAMES);
  const c = pick(part(start, "source"), ["classifier.weight", "classifier.bias"]);
  let t = pick(part(start, "target"), M_NAMES);
  let d = pick(part(start, "discriminator"), D_NAMES);
  expect(t).toEqual(s);
  const [stateM, stateD] = [freshAdamW(), freshAdamW()];
  const sourceFeatures: number[][][] = [];

  // M_t is warmed up over two steps, D is not: the cosine of steps 0 and 1 of 10.
  for (const [step, factorM, factorD] of [
    [0, 0.5, 1],
    [1, 1, 0.5 * (1 + Math.cos(Math.PI / 10))],
  ] as const) {
    const [xS, y, xT] = [pixels(5, step), [0, 0, 0, 1, 2], pixels(7, step + 20)];
    sourceFeatures.push(xS.map((x) => M(s, x, STATS)));
    const seen = moments(sourceFeatures);
    const w = y.map((k) => (prior === null ? 1 : prior[k]! / sourcePrior[k]!));
    const total = w.reduce((a, b) => a + b, 0);
    const lossD = (p: Params) =>
      -xS.reduce((sum, x, i) => sum + (w[i]! / total) * Math.log(D(p, M(s, x, STATS), seen)), 0) -
      mean(xT.map((x) => Math.log(1 - D(p, M(t, x, STATS), seen))));
    const anchor = (p: Params) =>
      mean(
        xS.map((x, i) => {
          const z = affine(M(p, x, STATS), c["classifier.weight"]!, c["classifier.bias"]!);
          return logSumExp(z) - z[y[i]!]!;
        }),
      );
    const expectedD = lossD(d);
    const gD = gradient(d, lossD);
    const d1 = adamW(d, gD, stateD, { lr: 0.05 * factorD, beta1: 0.5, decay: 0.1 });
    const lossM = (p: Params) => -mean(xT.map((x) => Math.log(D(d1, M(p, x, STATS), seen))));
    const expectedM = lossM(t);
    const expectedAnchor = anchor(t);
    const gM = gradient(t, (p) => lossM(p) + (prior === null ? 0 : 0.7 * anchor(p)));
    t = adamW(t, gM, stateM, { lr: 0.02 * factorM, beta1: 0.5, decay: 0.1 });
    d = d1;

    const numbers = tidy(() => values(trainer.step(0, batchesOf(xS, y, xT), stepAt(step))));
    expect(numbers.lossD).toBeCloseTo(expectedD, 5);
    expect(numbers.lossM).toBeCloseTo(expectedM, 5);
    if (prior !== null) expect(numbers.lossAnchor).toBeCloseTo(expectedAnchor, 5);
    const now = trainer.state();
    expectClose(part(now, "discriminator"), d);
    expectClose(part(now, "target"), t);
  }
  trainer.dispose();
  network.dispose();
});

test("M_s and C are the same to the last bit after training, buffers included", () => {
  for (const batchNorm of ["source", "target"] as const) {
    const { network, trainer } = adversary({ batchNorm, sourceAnchor: 0.5 });
    const before = new Map([...network.state()].map(([name, value]) => [name, value.data()]));
    for (let i = 0; i < 10; i++)
      tidy(
        () => void trainer.step(0, batchesOf(pixels(5, i), [0, 0, 0, 1, 2], pixels(5, i + 50)), stepAt(i)),
      );
    for (const [name, value] of network.state()) expect(value.data(), name).toEqual(before.get(name));
    const target = trainer.model(0);
    expect(target).not.toBe(network);
    // C is M_t's classifier too.
    expect(target.classifier.state().get("weight")!.data()).toEqual(before.get("classifier.weight"));
    trainer.dispose();
    network.dispose();
  }
});

test("batchNorm source: M_t's running statistics are M_s's; target: they move to the target's by the momentum", () => {
  const stats = (network: Network) => part(network.state(), "encoder.norm");
  const batches = batchesOf(pixels(5, 0), [0, 0, 0, 1, 2], pixels(6, 9));
  const source = adversary({ batchNorm: "source" });
  source.trainer.step(0, batches, stepAt(0));
  for (const name of ["running_mean", "running_var", "num_batches_tracked"])
    expect(stats(source.trainer.model(0)).get(name)).toEqual(stats(source.network).get(name));

  const target = adversary({ batchNorm: "target" });
  const p = pick(part(target.trainer.state(), "target"), M_NAMES);
  target.trainer.step(0, batches, stepAt(0));
  const h = pixels(6, 9).map((x) => affine(x, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!));
  for (let j = 0; j < FEATURES; j++) {
    const mu = mean(h.map((row) => row[j]!));
    const unbiased = h.reduce((sum, row) => sum + (row[j]! - mu) ** 2, 0) / 5;
    const now = stats(target.trainer.model(0));
    expect(now.get("running_mean")![j]).toBeCloseTo(0.9 * STATS.mean[j]! + 0.1 * mu, 5);
    expect(now.get("running_var")![j]).toBeCloseTo(0.9 * STATS.var[j]! + 0.1 * unbiased, 5);
  }
  for (const { trainer, network } of [source, target]) {
    trainer.dispose();
    network.dispose();
  }
});

test("before M_t has moved, D can't tell equal images of the two domains apart: no mode reveals the domain", () => {
  const generator = new Generator(3);
  // With dropout and batch norm in the features' way, as in the real networks.
  const base = tinyNetwork(2);
  const head = new Sequential(new Dropout(0.5), new Linear(FEATURES, FEATURES, generator));
  const network = new Network(base.encoder, head, base.classifier).setGenerator(generator);
  const trainer = adda.build(
    { ...settings, lr: 0, discriminatorLr: 0.05, weightDecay: 0 },
    contextOf(network, 2, { pretrained: true }),
  );
  trainer.begin(0);
  const images = pixels(8, 4);
  for (let i = 0; i < 30; i++) {
    const numbers = tidy(() =>
      values(trainer.step(0, batchesOf(images, [0, 0, 0, 0, 0, 0, 0, 1], images), stepAt(i, 100, 100))),
    );
    // Equal features: D is as often wrong as right, and its loss can't go below 2 log 2.
    expect(numbers.sourceFound! + numbers.targetFound!).toBeCloseTo(1, 6);
    expect(numbers.lossD).toBeGreaterThan(2 * Math.log(2) - 1e-5);
  }
  trainer.dispose();
  network.dispose();
});

test("it maps a shifted target onto the source: features meet and the classes are found again", () => {
  const network = tinyNetwork(2, 8);
  const context = contextOf(network, 2, {
    source: { epochs: 1, batch: 32, lr: 0.02, weightDecay: 0, warmup: 0, clip: null, labelSmoothing: 0 },
  });
  const trainer = adda.build(
    { ...settings, lr: 0.005, discriminatorLr: 0.01, weightDecay: 0, discriminator: [16] },
    context,
  );
  const generator = new Generator(21);
  const draw = (shift: number) => {
    const y = generator.integers(0, 2, [32]).numbers();
    const noise = generator.normal([32, 4]).numbers();
    // Class along the first pixel; the target is moved along it, so that the source's boundary misses.
    const x = y.map((k, i) =>
      [0, 1, 2, 3].map((j) => 0.3 * noise[i * 4 + j]! + (j === 0 ? 2 * k - 1 + shift : 0)),
    );
    return { x, y };
  };
  const test = draw(1.2);
  const accuracy = () =>
    tidy(() => {
      const phase = trainer.phases.length - 1;
      const { source } = batchesOf(test.x, test.y, []);
      const logits = trainer.model(phase).train(false).forward(source!.view("plain"));
      return logits.argmax(1).eq(source!.labels).to("float32").mean().item();
    });
  const step = (phase: number, i: number, total: number) => {
    const [s, t] = [draw(0), draw(1.2)];
    tidy(() => void trainer.step(phase, batchesOf(s.x, s.y, t.x), stepAt(i, total, total)));
  };
  expect(trainer.phases.map(({ name }) => name)).toEqual(["source", "adapt"]);
  trainer.begin(0);
  for (let i = 0; i < 200; i++) step(0, i, 200);
  trainer.begin(1);
  const before = accuracy();
  for (let i = 0; i < 400; i++) step(1, i, 400);
  expect(before).toBeLessThan(0.75);
  expect(accuracy()).toBeGreaterThan(0.9);
  trainer.dispose();
  network.dispose();
});

test("the losses at hand-computed logits", () => {
  const [zS, zT] = [tensor([[Math.log(3)], [0]]), tensor([[-Math.log(3)]])];
  // D: 3/4, 1/2 on the source, 1/4 on the target
  expect(lossAdvD(zS, zT).item()).toBeCloseTo(-(Math.log(0.75) + Math.log(0.5)) / 2 - Math.log(0.75), 6);
  expect(lossAdvM(zT).item()).toBeCloseTo(-Math.log(0.25), 6);
  const weighted = lossAdvD(zS, zT, tensor([[3], [1]])).item();
  expect(weighted).toBeCloseTo(-(3 * Math.log(0.75) + Math.log(0.5)) / 4 - Math.log(0.75), 6);
});

test("a batch of one class steps, with weights too", () => {
  const { network, trainer } = adversary({ sourceAnchor: 1 }, { targetPrior: [0.98, 0.01, 0.01] });
  const numbers = values(trainer.step(0, batchesOf(pixels(4, 1), [2, 2, 2, 2], pixels(4, 2)), stepAt(0)));
  for (const value of Object.values(numbers)) expect(Number.isFinite(value)).toBe(true);
  trainer.dispose();
  network.dispose();
});

test("a saved state resumes to the same bits", () => {
  const run = (steps: number[], trainer: ReturnType<typeof adversary>["trainer"]) => {
    for (const i of steps)
      tidy(() => void trainer.step(0, batchesOf(pixels(5, i), [0, 0, 1, 1, 2], pixels(5, i + 9)), stepAt(i)));
  };
  const whole = adversary({ batchNorm: "target" });
  run([0, 1, 2], whole.trainer);
  const saved = new Map([...whole.trainer.state()].map(([name, value]) => [name, value.clone()]));
  run([3, 4], whole.trainer);
  const resumed = adversary({ batchNorm: "target" });
  resumed.trainer.load(saved);
  run([3, 4], resumed.trainer);
  expect(numbersOf(resumed.trainer.state())).toEqual(numbersOf(whole.trainer.state()));
  saved.set("teacher.weight", tensor(0));
  expect(() => resumed.trainer.load(saved)).toThrow(
    "state: teacher.weight belongs to no part of this method",
  );
  for (const { trainer, network } of [whole, resumed]) {
    trainer.dispose();
    network.dispose();
  }
});

test("steps leave no tensor behind, and dispose frees all that is the trainer's", () => {
  tidy(() => {
    const start = liveTensors();
    const { network, trainer } = adversary({ batchNorm: "target", sourceAnchor: 1 });
    const step = (i: number) =>
      tidy(() => void trainer.step(0, batchesOf(pixels(4, i), [0, 1, 1, 2], pixels(4, i + 1)), stepAt(i)));
    step(0);
    const after = liveTensors();
    for (let i = 1; i < 10; i++) step(i);
    expect(liveTensors()).toBe(after);
    trainer.dispose();
    network.dispose();
    expect(liveTensors()).toBe(start);
  });
});
