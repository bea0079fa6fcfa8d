import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { StoredImages } from "../../src/dataset/images.ts";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { tidy } from "../../src/torch/scope.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

const folder = scratch();

/** Eighty images, two a shard. */
const written = async (name: string) => {
  const path = join(folder, name);
  const write = async (writer: Parameters<Parameters<typeof writeDataset>[2]>[0]) => {
    for (let i = 0; i < 80; i++) writer.append(fluxImage(i), [row(i)]);
  };
  await writeDataset(path, SPEC, write, 128 + 2 * 72);
  return path;
};

const descriptors = () => readdirSync("/proc/self/fd").length;

test("images of more shards than stay open come in the order that is asked for; few files are open, and none at the end", async () => {
  const dataset = await openDataset(await written("many"));
  const before = descriptors();
  const asked = Array.from({ length: 80 }, (_, i) => (i * 37) % 80);
  for (let round = 0; round < 2; round++) {
    const values = tidy(() => dataset.images(asked).numbers());
    expect(values).toEqual(asked.flatMap((i) => [...fluxImage(i)]));
  }
  expect(descriptors() - before).toBe(32);
  dataset.close();
  expect(descriptors()).toBe(before);
  expect(tidy(() => dataset.images([79]).numbers())).toEqual([...fluxImage(79)]);
  dataset.close();
});

test("runs that go up, go down, and repeat", async () => {
  const dataset = await openDataset(await written("runs"));
  for (const asked of [[4, 5, 6, 7], [7, 6, 5, 4], [3, 3, 2], [0, 1, 79, 78], []])
    expect(tidy(() => dataset.images(asked).numbers())).toEqual(asked.flatMap((i) => [...fluxImage(i)]));
  dataset.close();
});

test("a shard that is cut while it is open is named", async () => {
  const path = await written("cut");
  const dataset = await openDataset(path);
  tidy(() => void dataset.images([0]));
  truncateSync(join(path, "images-00000.npy"), 128 + 72 + 10);
  expect(() => tidy(() => void dataset.images([0, 1]))).toThrow(
    /images-00000\.npy: ends at byte 210: it was cut since it was opened/,
  );
  dataset.close();
});

test("another thread reads the same images by what it is told", async () => {
  const path = await written("told");
  const dataset = await openUnlabelled(path, () => ["r"]);
  const { store } = structuredClone({ store: dataset.onDisk!.store });
  const stored = new StoredImages(store);
  tidy(() =>
    expect(stored.gather(dataset.onDisk!.places([5, 70])).numbers()).toEqual(
      dataset.images([5, 70]).numbers(),
    ),
  );
  stored.close();
  dataset.close();
});

test("where some rows can't be reached, other threads are told nothing", async () => {
  const dataset = await openUnlabelled(await written("without"), undefined, [3]);
  expect(dataset.onDisk).toBeUndefined();
  dataset.close();
});
