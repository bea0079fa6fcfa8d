/** Images written by a thread give the same files as images written at once, whatever stops it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentHash } from "../../src/dataset/hash.ts";
import { readInfo, shardName, TABLE_FILE } from "../../src/dataset/info.ts";
import { type DatasetWriter, writeDataset } from "../../src/dataset/writer.ts";
import { Interrupted } from "../../src/foundation/errors.ts";
import { slow } from "../slow.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

slow("starts threads");

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
/** Bytes of a shard of three images. */
const THREE = 128 + 3 * 72;

const filesOf = (name: string) =>
  Object.fromEntries(readdirSync(at(name)).map((file) => [file, readFileSync(at(name, file), "hex")]));

const spec = { ...SPEC, name: "apart", provenance: { made: "once" } };
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);

async function atOnce(name: string, count: number) {
  const fill = async (writer: DatasetWriter) => {
    for (const i of numbers(0, count)) writer.append(fluxImage(i), [row(i)]);
  };
  await writeDataset(at(name), spec, fill, THREE, { seed: 1 });
}

/** Sends images in groups of `each`, from where an earlier call stopped; stops before image `until`. */
function apart(name: string, count: number, each: number, until = Infinity) {
  let started = -1;
  const fill = async (writer: DatasetWriter) => {
    started = writer.length;
    for (let from = writer.length; from < count; from += each) {
      if (from >= until) throw new Interrupted("stopped");
      const group = numbers(from, Math.min(count, from + each));
      await writer.appendApart(
        group.map(fluxImage),
        group.map((i) => row(i)),
      );
      expect(writer.length).toBe(from + group.length);
    }
    await writer.land();
    expect([...writer.written()].map(({ id }) => id)).toEqual(numbers(0, count).map((i) => row(i).id));
  };
  return { made: writeDataset(at(name), spec, fill, THREE, { seed: 1 }), started: () => started };
}

test.each([
  [1, 1],
  [2, 3],
  [6, 2],
  [20, 1],
  [20, 7],
  [20, 20],
])("%i images, sent %i at a time, give the files that are written at once", async (count, each) => {
  const name = `at-once-${count}-${each}`;
  await atOnce(name, count);
  await apart(`apart-${count}-${each}`, count, each).made;
  expect(filesOf(`apart-${count}-${each}`)).toEqual(filesOf(name));
});

test("the content's hash, made while writing, is that of the files", async () => {
  await apart("hashed", 8, 5).made;
  const info = readInfo(at("hashed", "dataset.json"));
  const files = [...info.shards.map(({ file }) => file), TABLE_FILE];
  expect(files).toHaveLength(4);
  expect(info.contentHash).toBe(contentHash(at("hashed"), files));
});

test("images sent before an interruption are kept, within a shard and between shards", async () => {
  await atOnce("straight", 11);
  for (const stop of [2, 4, 6, 10]) {
    const first = apart("stopped", 11, 2, stop);
    await expect(first.made).rejects.toThrow(Interrupted);
    const second = apart("stopped", 11, 3);
    await second.made;
    expect(second.started()).toBe(stop);
    expect(filesOf("stopped")).toEqual(filesOf("straight"));
    rmSync(at("stopped"), { recursive: true });
  }
});

test("an array may be used again as soon as its image was sent", async () => {
  await atOnce("again-straight", 7);
  const fill = async (writer: DatasetWriter) => {
    for (const i of numbers(0, 7)) {
      const image = fluxImage(i);
      await writer.appendApart([image], [row(i)]);
      image.fill(-1);
    }
  };
  await writeDataset(at("again"), spec, fill, THREE, { seed: 1 });
  expect(filesOf("again")).toEqual(filesOf("again-straight"));
});

test("what the disk refuses stops the writing, by name, and it resumes once it can be written", async () => {
  await atOnce("free", 8);
  const fill = async (writer: DatasetWriter) => {
    // A folder where the second file belongs.
    if (writer.length === 0) mkdirSync(at("barred.partial", shardName(1)));
    else expect(writer.length).toBe(3);
    for (const i of numbers(writer.length, 8)) await writer.appendApart([fluxImage(i)], [row(i)]);
  };
  const write = () => writeDataset(at("barred"), spec, fill, THREE, { seed: 1 });
  await expect(write()).rejects.toThrow(/images-00001\.npy: is a folder, not a file/);
  expect(existsSync(at("barred"))).toBe(false);
  rmSync(at("barred.partial", shardName(1)), { recursive: true });
  await write();
  expect(filesOf("barred")).toEqual(filesOf("free"));
});

test("a folder that is gone is named in one line", async () => {
  const fill = async (writer: DatasetWriter) => {
    await writer.appendApart([fluxImage(0), fluxImage(1)], [row(0), row(1)]);
    await writer.land();
    rmSync(at("gone.partial"), { recursive: true });
    for (const i of numbers(2, 8)) await writer.appendApart([fluxImage(i)], [row(i)]);
  };
  await expect(writeDataset(at("gone"), spec, fill, THREE)).rejects.toThrow(
    /images-00001\.npy: no such file or folder/,
  );
});

test("a flux that is not finite and a wrong row are refused before they are sent", async () => {
  const nan = async (writer: DatasetWriter) => writer.appendApart([fluxImage(0).fill(Number.NaN)], [row(0)]);
  await expect(writeDataset(at("nan"), spec, nan, THREE)).rejects.toThrow(/image must be of finite numbers/);
  const unknown = async (writer: DatasetWriter) => writer.appendApart([fluxImage(0)], [{ ...row(0), z: 1 }]);
  await expect(writeDataset(at("unknown"), spec, unknown, THREE)).rejects.toThrow(/column must be one of/);
  expect(readdirSync(folder).filter((name) => /^(nan|unknown)/.test(name))).toEqual([]);
});

test("of an unfinished folder the last two files are compared: the one before the last may not have reached the disk", async () => {
  await atOnce("sound", 9);
  for (const [image, kept] of [
    [4, 4],
    [6, 6],
  ] as const) {
    await expect(apart("lost", 9, 1, 7).made).rejects.toThrow(Interrupted);
    const path = at("lost.partial", shardName(Math.floor(image / 3)));
    const bytes = readFileSync(path);
    const place = 128 + (image % 3) * 72;
    bytes.fill(0, place, place + 72);
    writeFileSync(path, bytes);
    const second = apart("lost", 9, 2);
    await second.made;
    expect(second.started()).toBe(kept);
    expect(filesOf("lost")).toEqual(filesOf("sound"));
    rmSync(at("lost"), { recursive: true });
  }
});
