/** Several labelled datasets as one, and batches from them in stated parts. */
import { afterAll, expect, test } from "vitest";
import { sourceSampler } from "../../src/dataset/batches.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { MixedDataset } from "../../src/dataset/mixed.ts";
import { MixedSampler } from "../../src/dataset/mixed-sampler.ts";
import { BatchSampler } from "../../src/dataset/sampler.ts";
import { tidy } from "../../src/torch/scope.ts";
import { temporaryFolder, writeDomain } from "../tiny/domains.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const of = (name: string, count: number, offset: number) =>
  writeDomain(folder.path, { name, count, offset, label: (i) => (i % 4 === 0 ? 1 : 0) });
const written = Promise.all([of("first", 6, 0), of("second", 9, 50)]);

async function mixture() {
  const [first, second] = await written;
  const datasets = [await openDataset(first), await openDataset(second)];
  return { datasets, mixed: new MixedDataset(datasets) };
}

test("rows follow one another; images and labels are those of their dataset, in the requested order", async () => {
  const { datasets, mixed } = await mixture();
  expect(mixed.count).toBe(15);
  expect(mixed.ids[6]).toBe("second-0");
  expect([5, 6, 14].map((row) => mixed.sourceOf(row))).toEqual([0, 1, 1]);
  expect([...mixed.labels([8, 0, 6, 4, 10])]).toEqual([0, 1, 1, 1, 1]); // second-2, first-0, second-0, first-4, second-4
  expect([...mixed.labelledRows("val")]).toEqual([2, 5, 8, 11, 14]);
  const bytes = (of: typeof mixed, rows: number[]) => tidy(() => [...of.images(rows).data()]);
  const own = (k: number, row: number) => tidy(() => [...datasets[k]!.images([row]).data()]);
  expect(bytes(mixed, [7, 0, 12, 5])).toEqual([own(1, 1), own(0, 0), own(1, 6), own(0, 5)].flat());
  expect(bytes(mixed, [2, 1])).toEqual([own(0, 2), own(0, 1)].flat());
  mixed.close();
});

test("every batch holds the stated parts; each source's rows come equally often, in any order of the steps", () => {
  const rows = [
    Int32Array.from({ length: 7 }, (_, i) => i),
    Int32Array.from({ length: 50 }, (_, i) => 100 + i),
  ];
  const sampler = new MixedSampler(
    rows.map((own, k) => new BatchSampler(own, 1, k)),
    [0.25, 0.75],
    8,
    57,
  );
  expect(sampler.batchesPerEpoch).toBe(8); // 57 / 8, rounded up
  const counts = new Map<number, number>();
  for (let step = 0; step < 175; step++) {
    const batch = sampler.at(step);
    expect(batch.filter((row) => row < 100)).toHaveLength(2);
    for (const row of batch) counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  // 350 draws of seven rows, and 1050 of fifty.
  expect(rows[0]!.every((row) => counts.get(row) === 50)).toBe(true);
  expect(rows[1]!.every((row) => counts.get(row) === 21)).toBe(true);
  const again = new MixedSampler(
    rows.map((own, k) => new BatchSampler(own, 1, k)),
    [0.25, 0.75],
    8,
    57,
  );
  expect([...again.at(163)]).toEqual([...sampler.at(163)]);
  expect(() => new MixedSampler([], [0.5], 8, 57)).toThrow(/parts must be 0 shares with sum 1/);
});

test("parts that no batch can hold exactly are held over a thousand draws", () => {
  const rows = [[0], [1], [2]].map((own, k) => new BatchSampler(own, 1, k));
  const sampler = new MixedSampler(rows, [0.1, 0.237, 0.663], 10, 3);
  const all = Array.from({ length: 100 }, (_, step) => [...sampler.at(step)]).flat();
  expect([0, 1, 2].map((row) => all.filter((drawn) => drawn === row).length)).toEqual([100, 237, 663]);
  // The draws of any stretch are close to their parts.
  for (let n = 0; n <= 900; n += 10)
    expect(Math.abs(all.slice(n, n + 100).filter((row) => row === 1).length - 23.7)).toBeLessThan(2);
});

test("classes are balanced within each source", async () => {
  const { mixed } = await mixture();
  const rows = mixed.labelledRows();
  const sampler = sourceSampler(mixed, rows, 16, 3, { balance: "classes", parts: [0.5, 0.5] });
  const batch = [...sampler.at(4)];
  for (const k of [0, 1]) {
    const own = batch.filter((row) => mixed.sourceOf(row) === k);
    expect([...mixed.labels(own)].filter((label) => label === 1)).toHaveLength(4);
  }
  mixed.close();
});
