/**
 * The tiny network in plain numbers, the optimiser of the updates' tests, and trainers to check against them. Classes are
 * skewed, and an expected prior is given.
 */
import { expect } from "vitest";
import type { Batches, MethodContext, View } from "../../src/adapt/method.ts";
import { methods } from "../../src/adapt/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { contextOf, numbersOf, tinyNetwork } from "../tiny/network.ts";
import { affine, logSumExp, mean, type Params } from "./plain.ts";

const SOURCE_PRIOR = [0.6, 0.2, 0.2];
export const PRIOR = [0.2, 0.3, 0.5];
export const LABELS = [0, 0, 0, 1, 2];
export const K = 3;
const RATE = 0.05;
export const DECAY = 0.1;
export const NETWORK = [
  "encoder.linear.weight",
  "encoder.linear.bias",
  "encoder.norm.weight",
  "encoder.norm.bias",
].concat(["classifier.weight", "classifier.bias"]);

// ---- the network, batch norm by the batch's own statistics ----

export function statistics(p: Params, rows: number[][]) {
  const h = rows.map((x) => affine(x, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!));
  const centre = h[0]!.map((_, j) => mean(h.map((row) => row[j]!)));
  const variance = centre.map((m, j) => mean(h.map((row) => (row[j]! - m) ** 2)));
  return { h, centre, variance };
}

export function features(p: Params, rows: number[][]): number[][] {
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

export const logits = (p: Params, f: number[]) => affine(f, p["classifier.weight"]!, p["classifier.bias"]!);
export const softmax = (z: number[]) => z.map((value) => Math.exp(value - logSumExp(z)));
export const crossEntropy = (z: number[], y: number) => logSumExp(z) - z[y]!;
export const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
export const entropy = (q: number[]) => -sum(q.map((value) => value * Math.log(value)));

/** π_t(y) / π_s(y), shares of a batch. */
export const shares = () => {
  const w = LABELS.map((y) => PRIOR[y]! / SOURCE_PRIOR[y]!);
  return w.map((value) => value / sum(w));
};
export const equal = (n: number) => Array(n).fill(1 / n) as number[];

/** Source and target in one batch. */
export function both(p: Params, xS: number[][], xT: number[][]) {
  const f = features(p, [...xS, ...xT]);
  const [fS, fT] = [f.slice(0, xS.length), f.slice(xS.length)];
  return { fS, fT, zS: fS.map((row) => logits(p, row)), zT: fT.map((row) => logits(p, row)) };
}
export type Both = ReturnType<typeof both>;

export const lossCls = ({ zS }: Both) => mean(zS.map((z, i) => crossEntropy(z, LABELS[i]!)));
// ---- the optimiser: SGD with momentum 0.9, decay added to the gradient ----

export function sgd(
  p: Params,
  g: Params,
  velocity: Params,
  decay: (name: string) => number = () => DECAY,
): Params {
  return Object.fromEntries(
    Object.entries(p).map(([name, values]) => {
      velocity[name] = values.map(
        (value, i) => 0.9 * (velocity[name]?.[i] ?? 0) + g[name]![i]! + decay(name) * value,
      );
      return [name, values.map((value, i) => value - RATE * velocity[name]![i]!)];
    }),
  );
}

export const pick = (state: ReadonlyMap<string, number[]>, part: string, names?: string[]): Params =>
  Object.fromEntries(
    [...state]
      .filter(([name]) => name.startsWith(`${part}.`))
      .map(([name, values]) => [name.slice(part.length + 1), values] as const)
      .filter(([name]) => names === undefined || names.includes(name)),
  );

export function expectClose(actual: Params, expected: Params, digits = 4): void {
  for (const [name, values] of Object.entries(expected))
    values.forEach((value, i) => {
      expect(actual[name]![i]!, `${name}[${i}]`).toBeCloseTo(value, digits);
    });
}

/** Labels of graded images, soft ones among them. */
export const GRADES = [
  [1, 0, 0],
  [0.2, 0.5, 0.3],
  [0, 0, 1],
  [0.75, 0.25, 0],
];
/** −E[Σ_k y_k log softmax(z)_k] of logits whose labels are those of GRADES, again and again. */
export const lossGraded = (z: number[][]) =>
  mean(z.map((row, i) => sum(GRADES[i % GRADES.length]!.map((y, k) => y * crossEntropy(row, k)))));

/** Batches whose strong views differ from the weak ones. */
export function batchesOf(xS: number[][], xT: number[][], xG?: number[][]): Batches<"optional"> {
  const view = (rows: number[][]) => (kind: View) => tensor(seen(rows, kind).flat(), [rows.length, 1, 2, 2]);
  return {
    source: { view: view(xS), labels: tensor(LABELS, [LABELS.length], { dtype: "int64" }) },
    target: { view: view(xT) },
    ...(xG && { graded: { view: view(xG), labels: tensor(GRADES) } }),
  };
}
export const seen = (rows: number[][], kind: View) =>
  kind === "strong" ? rows.map((row) => row.map((x, j) => 0.7 * x + 0.2 * j)) : rows;

/** Settings that all share, and a trainer on a fresh network. */
export function trainerOf(
  name: string,
  more: Record<string, unknown>,
  seed = 5,
  context: Partial<MethodContext> = {},
) {
  const network = tinyNetwork(K, seed);
  const method = methods.find(name);
  const rates = { epochs: 1, optimizer: "sgd", lr: RATE, weightDecay: DECAY, schedule: "constant" };
  const batch = "batch" in method.schema.shape ? { batch: LABELS.length } : {};
  const settings = method.schema.parse({ ...rates, ...batch, ...more });
  const known = { pretrained: true, sourcePrior: SOURCE_PRIOR, targetPrior: PRIOR, ...context };
  const trainer = method.build(settings, contextOf(network, K, known));
  trainer.begin(0);
  return { network, trainer, end: () => void [trainer.dispose(), network.dispose()] };
}

export const stateOf = (trainer: { state(): Parameters<typeof numbersOf>[0] }) =>
  tidy(() => numbersOf(trainer.state()));
