import { expect, test } from "vitest";
import { foldsByGroup } from "../../../src/evaluate/folds.ts";
import { heldOutLogits } from "../../../src/evaluate/logistic.ts";
import { difference } from "../../../src/evaluate/realism/difference.ts";
import { measureRealism } from "../../../src/evaluate/realism/realism.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { tensor } from "../../../src/torch/create.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors } from "../../../src/torch/scope.ts";
import { slow } from "../../slow.ts";
import { settledTensors } from "../../torch/leaks.ts";

slow("trains small networks in folds");

test("the difference of two samples: pairs in order, and the largest gap between their distributions", () => {
  const straight = difference("x", Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 5, 6, 7));
  expect(straight.auroc.auroc).toBe((4 * 3 + 2.5) / 16); // 3 is above 1 and 2 and ties with 3
  expect(straight.ks).toBe(0.75);
  expect(straight.realLarger).toBe(true);
  const turned = difference("x", Float64Array.of(3, 5, 6, 7), Float64Array.of(1, 2, 3, 4));
  expect(turned.auroc.auroc).toBe(straight.auroc.auroc);
  expect(turned.realLarger).toBe(false);
});

test("folds never split a group, and each has its part of both kinds", () => {
  const groups = Array.from({ length: 200 }, (_, i) => `${i < 120 ? "s" : "r"} ${Math.floor(i / 3)}`);
  const real = Uint8Array.from(groups, (group) => Number(group.startsWith("r")));
  const folds = foldsByGroup(groups, real, 5, 1);
  const seen = new Map<string, number>();
  groups.forEach((group, i) => {
    expect(seen.get(group) ?? folds[i]).toBe(folds[i]);
    seen.set(group, folds[i]!);
  });
  for (let fold = 0; fold < 5; fold++)
    for (const side of [0, 1])
      expect(folds.filter((ofRow, i) => ofRow === fold && real[i] === side).length).toBeGreaterThan(10);
});

test("the linear probe's log-odds are where the gradient of its own objective vanishes", () => {
  const d = new Draws(2);
  const n = 60;
  const x = Float64Array.from({ length: n }, () => d.normal(3, 2));
  const labels = Uint8Array.from(x, (value) => Number(value + d.normal(0, 2) > 3));
  const held = Uint8Array.from({ length: n }, (_, i) => Number(i % 6 === 0));
  const ridge = 4;
  const features = tensor(x, [n, 1]);
  const logits = heldOutLogits(features, labels, held, ridge);
  features.dispose();
  // By gradient descent on −Σ log-likelihood + ridge w² / 2
  const rows = [...x.keys()].filter((i) => held[i] === 0);
  const mean = rows.reduce((sum, i) => sum + x[i]!, 0) / rows.length;
  const sd = Math.sqrt(rows.reduce((sum, i) => sum + (x[i]! - mean) ** 2, 0) / rows.length);
  let [w, b] = [0, 0];
  for (let k = 0; k < 20000; k++) {
    let [gw, gb] = [ridge * w, 0];
    for (const i of rows) {
      const z = (x[i]! - mean) / sd;
      const slip = 1 / (1 + Math.exp(-(w * z + b))) - labels[i]!;
      gw += slip * z;
      gb += slip;
    }
    w -= 0.02 * gw;
    b -= 0.02 * gb;
  }
  const tested = [...x.keys()].filter((i) => held[i] === 1);
  for (const [k, i] of tested.entries()) expect(logits[k]).toBeCloseTo((w * (x[i]! - mean)) / sd + b, 5);
});

/** Noise with a blob in the middle, of some width. */
function sample(count: number, width: number, seed: number) {
  const side = 24;
  const d = new Draws(seed);
  const data = Float32Array.from({ length: count * side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side) % side];
    return d.normal() + 12 * Math.exp(-((x - 11.5) ** 2 + (y - 11.5) ** 2) / (2 * width ** 2));
  });
  const groups = Array.from({ length: count }, (_, i) => String(i));
  return { images: tensor(data, [count, 1, side, side]), groups };
}

const options = { bands: ["r"], full: Number.POSITIVE_INFINITY, folds: 4, epochs: 6, seed: 1 };

test("two samples of one kind can't be told apart; of another seeing they can, and the statistic that shows it leads", async () => {
  const before = await settledTensors();
  const [a, b, wide] = [sample(120, 2, 1), sample(120, 2, 2), sample(120, 3.2, 3)];
  const same = await measureRealism(a, b, options);
  for (const { auroc, low, high } of same.probes) {
    expect(auroc).toBeLessThan(0.62);
    expect(low).toBeLessThan(0.55);
    expect(high).toBeGreaterThan(0.45);
  }
  const other = await measureRealism(a, wide, options);
  expect(other.probes.map(({ probe }) => probe)).toEqual(["network", "statistics"]);
  for (const { auroc } of other.probes) expect(auroc).toBeGreaterThan(0.9);
  expect(other.differences[0]!.name).toMatch(/concentration|light|sharpness/);
  expect(await measureRealism(a, wide, options)).toEqual(other);
  for (const { images } of [a, b, wide]) images.dispose();
  expect(liveTensors()).toBeLessThanOrEqual(before);
});

test("too few groups are refused, and an encoder's features are probed if there is one", async () => {
  const [a, b] = [sample(40, 2, 1), sample(40, 3, 2)];
  const few = { ...a, groups: a.groups.map(() => "one") };
  await expect(measureRealism(few, b, options)).rejects.toThrow(
    /simulated images must be of 8 groups or more, got 1/,
  );
  const weight = new Generator(1).normal([576, 8]);
  const features = await measureRealism(a, b, {
    ...options,
    epochs: 1,
    features: (images) => images.flatten(1).matmul(weight),
  });
  expect(features.probes.map(({ probe }) => probe)).toEqual(["network", "features", "statistics"]);
  for (const used of [a.images, b.images, weight]) used.dispose();
});
