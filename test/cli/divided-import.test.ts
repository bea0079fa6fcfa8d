/** `arclet import` in shards: the bytes of one program, and what is refused. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crc32 } from "../../src/foundation/crc32.ts";
import { image, write } from "../making/importing/files.ts";
import { aside, dividedAlike, hashesOf } from "./divided-ways.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-import-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

const COUNT = 48;
/** Every third image is a later one's twin. */
const seenOf = (n: number) => (n % 3 === 0 && n < 24 ? n + 24 : n);
const name = (n: number) => `o${String(n).padStart(3, "0")}`;

beforeAll(() => {
  for (let n = 0; n < COUNT; n++) {
    if (n === 30) continue;
    if (n % 11 === 7) write(at("images"), `${name(n)}.fits`, [image(n, 0)]);
    else
      write(
        at("images"),
        `${name(n)}.fits`,
        [0, 1].map((c) => image(seenOf(n), c)),
      );
  }
  writeFileSync(at("images", `${name(18)}.fits`), "no FITS");
  const rows = Array.from({ length: COUNT }, (_, n) => `${name(n)},${n % 2},${n >= 36 ? "test" : "train"}`);
  // An id that comes twice, far apart, and one without an image.
  rows.push(`${name(2)},1,train`, "nobody,0,train");
  writeFileSync(at("table.csv"), `id,kind,split\n${rows.join("\n")}\n`);
});

const LINE = "import images --table table.csv --bands g,r --label-column kind";

test("splits, groups, twins and rows set aside of all shards are those of one program", () => {
  const hashes = dividedAlike(folder, {
    line: `${LINE} --out made`,
    out: "made",
    needs: ["images", "table.csv"],
  });
  expect(Object.keys(hashes)).toContain("set-aside.csv");
  const aside = readFileSync(at("made-three", "made", "set-aside.csv"), "utf8");
  expect(aside).toMatch(/duplicate id/);
  expect(aside).toMatch(/identical image in another split/);
  expect(aside).toMatch(/no such file/);
  expect(aside).toMatch(/unreadable/);
});

test("twins that stay are united over shards, and listed in a file where they are many", () => {
  writeFileSync(at("plain.csv"), readFileSync(at("table.csv"), "utf8").replace(/,(train|test|split)$/gm, ""));
  const line = `${LINE.replace("table.csv", "plain.csv")} --fractions 0.6,0.2,0.2 --seed 3 --out united`;
  const [one, five] = ["one", "five"].map((way) => aside(folder, way, ["images", "plain.csv"]));
  one!.done(line);
  five!.done(`${line} --shard 4/5`);
  five!.done(`${line} --shards 5`);
  const hashes = hashesOf(one!.at("united"));
  expect(Object.keys(hashes)).toContain("duplicates.csv");
  // The command that dataset.json names is the one without the words about shards.
  expect(hashesOf(five!.at("united"))).toEqual(hashes);
});

test("changed images, another table and other settings are refused, and more bad rows than allowed", () => {
  const { done, refused, at } = aside(folder, "changing", ["images", "table.csv"]);
  const line = `${LINE} --out made`;
  done(`${line} --shard 2/4`);
  const file = at("images", `${name(4)}.fits`);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes);
  utimesSync(file, 5, 5);
  refused(
    /plan\.json: the set of images has changed since \(.*, now .*\); remove made\.shards/,
    `${line} --shard 1/4`,
  );
  rmSync(at("made.shards"), { recursive: true });
  done(`${line} --shard 2/4`);
  refused(/plan\.json: was made with size null, now 6/, `${line} --size 6 --shard 1/4`);
  refused(/plan\.json: has 4 shards, not 5; give --shards 4/, `${line} --shard 1/5`);
  writeFileSync(at("table.csv"), readFileSync(at("table.csv"), "utf8").replace("o003,1", "o003,0"));
  refused(/plan\.json: the table table\.csv has changed since/, `${line} --shard 1/4`);
  refused(/--shards must be at most \d+, for \d+ images/, `${line.replace("made", "many")} --shards 99`);
  refused(/--shard must be K\/N, with K at most N, got "5\/4"/, `${line} --shard 5/4`);
  // What was found in all shards counts, and the limit may be raised to go on.
  done(`${LINE} --out few --max-bad 6 --shard 1/2`);
  done(`${LINE} --out few --max-bad 6 --shard 2/2`);
  refused(
    /import: \d+ of 50 rows can't be used, more than --max-bad 6/,
    `${LINE} --out few --max-bad 6 --shards 2`,
  );
  done(`${LINE} --out few --max-bad 20 --shards 2`);
});

/** Images of bytes (N, 8, 8, 3) as `.npy`. */
function npy(count: number): Buffer {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, 8, 8, 3), }`;
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0]);
  const pixels = Buffer.from(Array.from({ length: count * 192 }, (_, k) => (k * 7 + (k >> 6) * 13) % 251));
  return Buffer.concat([start, Buffer.from(`${header.padEnd(117)}\n`), pixels]);
}

/** The same in a compressed `.npz`, by the APPNOTE of zip's makers. */
function npz(array: Buffer): Buffer {
  const [name, data] = [Buffer.from("images.npy"), deflateRawSync(array)];
  const [head, directory, end] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.alloc(22)];
  head.writeUInt32LE(0x04034b50, 0);
  directory.writeUInt32LE(0x02014b50, 0);
  for (const [buffer, at] of [
    [head, 4],
    [directory, 6],
  ] as const) {
    buffer.writeUInt16LE(20, at);
    buffer.writeUInt16LE(8, at + 4);
    buffer.writeUInt32LE(crc32(array), at + 10);
    buffer.writeUInt32LE(data.length, at + 14);
    buffer.writeUInt32LE(array.length, at + 18);
    buffer.writeUInt16LE(name.length, at + 22);
  }
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length + name.length, 12);
  end.writeUInt32LE(head.length + name.length + data.length, 16);
  return Buffer.concat([head, name, data, directory, name, end]);
}

test("arrays divide too, but compressed ones, which each shard would unpack, are refused", () => {
  const { done, refused, at } = aside(folder, "arrays", []);
  writeFileSync(at("cutouts.npy"), npy(30));
  writeFileSync(at("cutouts.npz"), npz(npy(30)));
  const line = "import cutouts.npy --bands i,r,g --pixel-scale 0.2 --max-saturated 1";
  const packed = line.replace("npy", "npz");
  done(`${line} --out one`);
  done(`${line} --out four --shards 4`);
  done(`${packed} --out packed`);
  for (const name of ["four", "packed"])
    expect(readFileSync(at(name, "images-00000.npy"))).toEqual(readFileSync(at("one", "images-00000.npy")));
  expect(hashesOf(at("four"))["table.parquet"]).toBe(hashesOf(at("one"))["table.parquet"]);
  refused(
    /cutouts\.npz: is compressed, and each shard would unpack all of images\.npy again; unpack it once \(unzip cutouts\.npz\)/,
    `${packed} --out x --shards 2`,
  );
  utimesSync(at("cutouts.npy"), 5, 5);
  done(`${line} --out late --shard 1/2`);
  utimesSync(at("cutouts.npy"), 6, 6);
  refused(/plan\.json: the set of images has changed since/, `${line} --out late --shards 2`);
});
