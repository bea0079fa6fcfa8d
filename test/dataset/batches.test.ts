import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceBatch, sourceSampler, targetBatch } from "../../src/dataset/batches.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";
import { settledTensors } from "../torch/leaks.ts";

const folder = scratch();

test("source batches have labels, target batches none, and a scope frees all but the maps", async () => {
  await writeDataset(join(folder, "a"), SPEC, async (writer) => {
    for (let i = 0; i < 8; i++) writer.append(fluxImage(i), [row(i, i === 5 ? { label: null } : {})]);
  });
  const source = await openDataset(join(folder, "a"));
  const target = await openUnlabelled(join(folder, "a"));
  const labelled = source.labelledRows();
  expect([...labelled]).toEqual([0, 1, 2, 3, 4, 6, 7]);
  const sampler = sourceSampler(source, labelled, 4, 1, { balance: "classes" });
  tidy(() => {
    const batch = sourceBatch(source, sampler.at(0));
    expect(batch.labels.dtype).toBe("int64");
    expect(batch.labels.numbers()).toEqual([...batch.rows].map((i) => i % 2));
    expect(batch.labels.numbers().filter((label) => label === 1)).toHaveLength(2);
    const first = batch.images.data().filter((_, i) => i % 18 === 0);
    expect([...first]).toEqual([...batch.rows].map((i) => 100 * i));
    expect(Object.keys(targetBatch(target, [5, 1])).sort()).toEqual(["images", "rows"]);
    expect(() => sourceBatch(source, [4, 5])).toThrow(/row 6 \(id toy-5\): label must be given/);
  });
  const live = await settledTensors();
  for (let step = 0; step < 20; step++)
    tidy(() => sourceBatch(source, sampler.at(step)).images.mean().item());
  expect(liveTensors()).toBeLessThanOrEqual(live);
  source.close();
  target.close();
  expect(liveTensors()).toBe(live);
});

test("a sampler without rows is refused", async () => {
  await writeDataset(join(folder, "b"), SPEC, async (writer) => writer.append(fluxImage(0), [row(0)]));
  const source = await openDataset(join(folder, "b"));
  expect(() => sourceSampler(source, source.labelledRows("val"), 4, 1)).toThrow(/at least one labelled row/);
  source.close();
});
