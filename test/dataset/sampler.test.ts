import { describe, expect, test } from "vitest";
import { BalancedSampler, BatchSampler } from "../../src/dataset/sampler.ts";
import { keyOf, permutation, uniformAt } from "../../src/foundation/random.ts";

const rows = Array.from({ length: 10 }, (_, i) => 100 + i);
const epochOf = (sampler: BatchSampler, epoch: number) =>
  Array.from({ length: 10 }, (_, i) => sampler.draw(10 * epoch + i));

describe("BatchSampler", () => {
  test("draws each row once per epoch, in full batches that run over its end", () => {
    const sampler = new BatchSampler(rows, 4, 1);
    const drawn = Array.from({ length: 5 }, (_, step) => [...sampler.at(step)]);
    expect(drawn.every((batch) => batch.length === 4)).toBe(true);
    expect(drawn.flat().slice(0, 10).sort()).toEqual(rows);
    expect(drawn.flat().slice(10).sort()).toEqual(rows);
    expect(sampler.batchesPerEpoch).toBe(3);
  });

  test("gives the same batch for a step, whatever steps came before", () => {
    const far = new BatchSampler(rows, 4, 1).at(1000);
    const sampler = new BatchSampler(rows, 4, 1);
    for (let step = 0; step < 1000; step++) sampler.at(step);
    expect(sampler.at(1000)).toEqual(far);
  });

  test("orders epochs and seeds differently", () => {
    const sampler = new BatchSampler(rows, 1, 1);
    expect(epochOf(sampler, 0)).not.toEqual(epochOf(sampler, 1));
    expect(epochOf(sampler, 0)).not.toEqual(epochOf(new BatchSampler(rows, 1, 2), 0));
  });

  test("makes full batches from fewer rows than a batch has", () => {
    expect([...new BatchSampler([3], 4, 0).at(5)]).toEqual([3, 3, 3, 3]);
    expect(() => new BatchSampler([], 4, 0)).toThrow(/rows must be at least one/);
    expect(() => new BatchSampler(rows, 0, 0)).toThrow(/batch size must be at least 1, got 0/);
  });
});

test("BalancedSampler draws 2 lenses of 10 rows as often as the 8 others, all rows of a class in turn", () => {
  const labels = Int32Array.from(rows, (row) => (row < 102 ? 1 : 0));
  const sampler = new BalancedSampler(rows, labels, 8, 5);
  const drawn = Array.from({ length: 10 }, (_, step) => [...sampler.at(step)]);
  for (const batch of drawn) expect(batch.filter((row) => row < 102)).toHaveLength(4);
  const times = rows.map((row) => drawn.flat().filter((one) => one === row).length);
  expect(times).toEqual([20, 20, 5, 5, 5, 5, 5, 5, 5, 5]);
  expect(new BalancedSampler(rows, labels, 8, 5).at(7)).toEqual(Int32Array.from(drawn[7]!));
});

test("the random numbers are uniform: chi-square of 64 bins and of 24 orders stays within 5 sigma", () => {
  const n = 64_000;
  const bins = new Array<number>(64).fill(0);
  for (let i = 0; i < n; i++) bins[Math.floor(64 * uniformAt(keyOf(3, i % 7), i))]!++;
  const chi = bins.reduce((sum, seen) => sum + (seen - n / 64) ** 2 / (n / 64), 0);
  expect(Math.abs(chi - 63)).toBeLessThan(5 * Math.sqrt(2 * 63));
  const orders = new Map<string, number>();
  for (let epoch = 0; epoch < 24_000; epoch++) {
    const order = permutation(4, keyOf(9, epoch)).join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  const chiOrders = [...orders.values()].reduce((sum, seen) => sum + (seen - 1000) ** 2 / 1000, 0);
  expect(Math.abs(chiOrders - 23)).toBeLessThan(5 * Math.sqrt(2 * 23));
});
