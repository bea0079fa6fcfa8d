import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { openVerified } from "../../src/dataset/verified.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

const folder = scratch();

const written = async (name: string) => {
  const path = join(folder, name);
  await writeDataset(path, SPEC, async (writer) => {
    for (let i = 0; i < 4; i++) writer.append(fluxImage(i), [row(i)]);
  });
  return path;
};

/** As files that take long to read are. */
const LONG = 0;

test("a dataset is open once its files are those that were written, read by threads or here", async () => {
  const path = await written("whole");
  for (const long of [LONG, undefined]) {
    const dataset = await openVerified(path, () => openUnlabelled(path), long);
    expect(dataset.count).toBe(4);
    dataset.close();
  }
});

test("a changed image is named, as by verify", async () => {
  const path = await written("changed");
  const shard = join(path, "images-00000.npy");
  const bytes = readFileSync(shard);
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(shard, bytes);
  for (const long of [LONG, undefined])
    await expect(openVerified(path, () => openUnlabelled(path), long)).rejects.toThrow(
      /images-00000\.npy: is damaged: image 3 \(.+\) is not the one that was written/,
    );
});

test("where opening fails, that is said, and the reading ends", async () => {
  const path = await written("refused");
  let opened = 0;
  const open = async () => {
    opened++;
    renameSync(join(path, "table.parquet"), join(path, "moved.parquet"));
    return openUnlabelled(path);
  };
  await expect(openVerified(path, open, LONG)).rejects.toThrow(/table\.parquet/);
  expect(opened).toBe(1);
});
