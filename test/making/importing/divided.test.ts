/** An import in shards that is stopped within one: resumed, joined by links where files are full, to the same bytes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AskedShards } from "../../../src/foundation/shards/config.ts";
import { type DividedWork, makeDivided } from "../../../src/foundation/shards/divided-work.ts";
import { dividedImport } from "../../../src/making/importing/divided.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { image, SIDE, write } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-import-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

const COUNT = 200;
const PER_FILE = 20;
const shardBytes = 128 + PER_FILE * SIDE * SIDE * 4;
const provenance = () => ({});

beforeAll(() => {
  const rows = ["id,split"];
  for (let n = 0; n < COUNT; n++) {
    const id = `o${String(n).padStart(3, "0")}`;
    // Some of the second half can't be read, and some are images of the first half's other split.
    if (n === 130 || n === 190) writeFileSync(at("images", `${id}.fits`), "no FITS");
    else write(at("images"), `${id}.fits`, [image(n % 25 === 3 && n > 100 ? n - 100 : n, 0)]);
    rows.push(`${id},${n < 20 ? "test" : "train"}`);
  }
  writeFileSync(at("table.csv"), `${rows.join("\n")}\n`);
});

const options = (out: string) => ({
  images: [at("images")],
  table: at("table.csv"),
  bands: ["g"],
  out: at(out),
  name: "divided",
});

const filesOf = (name: string) =>
  Object.fromEntries(readdirSync(at(name)).map((file) => [file, readFileSync(at(name, file), "hex")]));

/** Shards, one or all, made by what stands for a program. */
async function program(out: string, asked: Partial<AskedShards>, change = (work: DividedWork) => work) {
  const whole = { shards: 2, shard: null, mergeOnly: false, keepsFolder: true, ...asked };
  const { work, close } = await dividedImport(options(out), whole.shards, {
    ...{ provenance, shardBytes, report: ({ info }) => [`${info.count} images`] },
  });
  try {
    return await makeDivided(change(work), whole, ["import", out]);
  } finally {
    close();
  }
}

test("a shard that is stopped in the middle keeps what it read, and full files are linked", async () => {
  const { info } = await importImages(options("one"), { shardBytes });
  const read: [number, number][] = [];
  const stopping = (work: DividedWork): DividedWork => ({
    ...work,
    make: (range, path, tick, earlier) => {
      const stop = (made: number, kept = 0) => {
        read.push([made, kept]);
        tick(made, kept);
        if (made > 0 && read.length < 3) throw new Error("stopped");
      };
      return work.make(range, path, stop, earlier);
    },
  });
  await expect(program("two", { shard: 1 }, stopping)).rejects.toThrow("stopped");
  await program("two", { shard: 1 }, stopping);
  // The first 64 images were read once.
  expect(read).toEqual([
    [0, 0],
    [64, 0],
    [0, 64],
    [36, 0],
  ]);
  await program("two", { shard: 2 });
  const piece = (k: number) => statSync(at("two.shards", "results", "0001", `images-0000${k}.npy`)).ino;
  const before = [0, 1, 2, 3, 4].map(piece);
  expect(await program("two", {})).toEqual([`${info.count} images`]);
  // Up to the first image that is taken out of the whole, files are the piece's own.
  expect([0, 1, 2, 3, 4].map((k) => statSync(at("two", `images-0000${k}.npy`)).ino)).toEqual(before);
  expect(filesOf("two")).toEqual(filesOf("one"));
});

test("files of an attempt that was at work while they were copied don't stop a shard", async () => {
  const torn = (work: DividedWork): DividedWork => ({
    ...work,
    make: async (range, path, tick, earlier) => {
      await work.make(range, path, tick, earlier).catch(() => {});
      if (range.from === 0) throw new Error("broken off");
      // The list of what was set aside is older than the rows.
      writeFileSync(join(path, "set-aside.jsonl"), "");
      await work.make(range, path, tick, earlier);
    },
  });
  await program("torn", { shard: 2 }, torn);
  await program("torn", { shards: 2 });
  expect(filesOf("torn")).toEqual(filesOf("one"));
});
