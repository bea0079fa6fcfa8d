/** Whole files of every kind that Arclet reads, small, by kind: what is broken. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync, deflateSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import jpeg from "jpeg-js";
import { wholeFiles as wholeFits } from "../../native/fuzz/make-files.mjs";

const root = join(import.meta.dirname, "..", "..");
const fixture = (...parts) => readFileSync(join(root, "test", "fixtures", ...parts));
const dist = (file) => import(join(root, "dist", file));

/** @returns for each kind, its files' bytes */
export async function wholeFiles(folder) {
  return {
    png: pngs(),
    jpeg: jpegs(),
    tiff: [tiff(1, 3), tiff(5, 1), tiff(8, 3), tiff(32773, 1), tiff(1, 1, true)],
    npy: [npy("<f4", [3, 1, 4, 4], 4), npy("|u1", [3, 4, 4, 1], 1)],
    npz: [npz(0), npz(8)],
    hdf5: await hdf5(folder),
    parquet: await parquet(folder),
    votable: ["binary.vot", "binary2.vot", "tabledata.vot"].map((name) => fixture("catalogs", name)),
    csv: texts([
      'id,ra,dec\na,1,2\n"b ""x",3,-4\n',
      "id|ra|dec\na|1|2\n",
      "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: id, datatype: string}\nid\na\n",
    ]),
    safetensors: await safetensors(folder),
    pth: ["plain.pth", "checkpoint.pth"].map((name) => fixture("pth", name)),
    fits: [...(await wholeFits(root)).values()],
    "fits-table": [...(await wholeFits(root))].filter(([name]) => TABLES.has(name)).map(([, bytes]) => bytes),
    survey: texts([
      (await dist("sky/survey-file.js")).surveyYaml(
        (await dist("sky/surveys/registry.js")).surveyNamed("hsc"),
      ),
    ]),
    recipe: texts([
      (await dist("lensing/recipes/recipe-file.js")).recipeYaml(
        (await dist("lensing/recipes/recipe-file.js")).recipeNamed("default"),
      ),
    ]),
    yaml: texts([
      "a: 1\nb: {c: [1, 2, {d: e}]}\nf: &x [1]\ng: *x\n",
      "lr: 1e-3\nmethods:\n  - name: adda\n    settings: {a.b: 2}\n",
    ]),
  };
}

const TABLES = new Set(["binary", "scaled", "arrays", "ascii"]);
const texts = (list) => list.map((text) => Buffer.from(text));
const values = (count) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 251);

function pngs() {
  const of = (channels, depth) => {
    const data = depth === 16 ? Uint16Array.from(values(64 * channels)) : values(64 * channels);
    return Buffer.from(encodePng({ width: 8, height: 8, channels, depth, data }));
  };
  return [of(1, 8), of(3, 8), of(4, 8), of(3, 16)];
}

const jpegs = () => {
  const data = values(16 * 16 * 4);
  return [50, 95].map((quality) => Buffer.from(jpeg.encode({ data, width: 16, height: 16 }, quality).data));
};

/** By the TIFF 6.0 specification: one strip of 8 × 8 pixels of bytes. */
function tiff(compression, samples, big = false) {
  const raw = Buffer.from(values(64 * samples));
  // PackBits: runs of literal bytes.
  const runs = Buffer.concat(
    Array.from({ length: Math.ceil(raw.length / 64) }, (_, k) =>
      Buffer.concat([Buffer.of(63), raw.subarray(64 * k, 64 * k + 64)]),
    ),
  );
  // LZW: clear, one literal of nine bits after another, end.
  const data = { 1: raw, 5: lzw(raw), 8: deflateSync(raw), 32773: runs }[compression];
  const entries = [
    [256, 3, 8],
    [257, 3, 8],
    [258, 3, 8],
    [259, 3, compression],
    [262, 3, samples === 3 ? 2 : 1],
    [273, 4, big ? 16 : 8],
    [277, 3, samples],
    [278, 3, 8],
    [279, 4, data.length],
    [317, 3, compression === 8 ? 2 : 1],
    [339, 3, 1],
  ];
  const start = (big ? 16 : 8) + data.length;
  const [wide, count] = big ? [20, 8] : [12, 2];
  const bytes = Buffer.alloc(start + count + wide * entries.length + (big ? 8 : 4));
  bytes.write(big ? "II+\0" : "II*\0", 0, "latin1");
  if (big) {
    bytes.writeUInt16LE(8, 4);
    bytes.writeBigUInt64LE(BigInt(start), 8);
    bytes.writeBigUInt64LE(BigInt(entries.length), start);
  } else {
    bytes.writeUInt32LE(start, 4);
    bytes.writeUInt16LE(entries.length, start);
  }
  data.copy(bytes, big ? 16 : 8);
  for (const [i, [tag, type, value]] of entries.entries()) {
    const to = start + count + wide * i;
    bytes.writeUInt16LE(tag, to);
    bytes.writeUInt16LE(type, to + 2);
    bytes.writeUInt32LE(1, to + 4);
    bytes.writeUInt32LE(value, to + (big ? 12 : 8));
  }
  return bytes;
}

function lzw(raw) {
  const codes = [256, ...raw, 257];
  let bits = "";
  for (const [k, code] of codes.entries()) {
    // The table grows by one entry with each code after the second: ten bits from 511 entries on.
    const width = k + 256 >= 511 ? 10 : 9;
    bits += code.toString(2).padStart(width, "0");
  }
  return Buffer.from(bits.match(/.{1,8}/g).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)));
}

function npy(descr, shape, size) {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const padded = `${text.padEnd(117)}\n`;
  const head = Buffer.concat([Buffer.from("\x93NUMPY\x01\0", "latin1"), Buffer.of(118, 0)]);
  return Buffer.concat([
    head,
    Buffer.from(padded),
    Buffer.from(values(shape.reduce((a, b) => a * b) * size)),
  ]);
}

/** A zip of two arrays, by the APPNOTE of its makers. @param method 0 stored, 8 deflated */
function npz(method) {
  const parts = [];
  const central = [];
  let offset = 0;
  for (const [name, whole] of [
    ["images.npy", npy("<f4", [3, 1, 4, 4], 4)],
    ["more.npy", npy("|u1", [3], 1)],
  ]) {
    const data = method === 8 ? deflateRawSync(whole) : whole;
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    const directory = Buffer.alloc(46);
    directory.writeUInt32LE(0x02014b50, 0);
    for (const [buffer, at] of [
      [head, 4],
      [directory, 6],
    ]) {
      buffer.writeUInt16LE(20, at);
      buffer.writeUInt16LE(method, at + 4);
      buffer.writeUInt32LE(crc(whole), at + 10);
      buffer.writeUInt32LE(data.length, at + 14);
      buffer.writeUInt32LE(whole.length, at + 18);
      buffer.writeUInt16LE(name.length, at + 22);
    }
    directory.writeUInt32LE(offset, 42);
    parts.push(head, Buffer.from(name), data);
    central.push(directory, Buffer.from(name));
    offset += head.length + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

function crc(bytes) {
  let state = -1;
  for (const byte of bytes) {
    state ^= byte;
    for (let k = 0; k < 8; k++) state = (state >>> 1) ^ (state & 1 ? 0xedb88320 : 0);
  }
  return (state ^ -1) >>> 0;
}

async function hdf5(folder) {
  const { default: h5 } = await import("h5wasm/node");
  await h5.ready;
  const made = [{}, { chunks: [1, 1, 4, 4], compression: 5 }].map((options, k) => {
    const path = join(folder, `whole-${k}.h5`);
    const file = new h5.File(path, "w");
    file.create_dataset({
      name: "images",
      data: Float32Array.from(values(48)),
      shape: [3, 1, 4, 4],
      ...options,
    });
    file.create_group("more").create_dataset({ name: "ids", data: ["a", "b", "c"] });
    file.close();
    return path;
  });
  return taken(made);
}

async function parquet(folder) {
  const { writeCatalog } = await dist("catalog/write.js");
  const path = join(folder, "whole.parquet");
  const columns = [
    ["id", "text"],
    ["ra", "number"],
    ["n", "whole"],
    ["ok", "yes/no"],
  ].map(([name, type]) => ({ name, type }));
  await writeCatalog(
    path,
    columns,
    Array.from({ length: 40 }, (_, i) => [`id ${i % 7}`, i / 3, i, i % 2 === 0]),
  );
  return taken([path]);
}

async function safetensors(folder) {
  const { writeSafetensors } = await dist("torch/safetensors.js");
  const { tensor } = await dist("torch/create.js");
  const path = join(folder, "whole.safetensors");
  writeSafetensors(
    path,
    new Map([
      ["a", tensor([1, 2, 3, 4], [2, 2])],
      ["b", tensor([5], [1])],
    ]),
    { x: "y" },
  );
  const [own] = taken([path]);
  // Without the hash that our own files have, so that what is behind it is reached.
  return [own, Buffer.from(own.toString("latin1").replace("arclet_sha256", "nothing_at_al"), "latin1")];
}

const taken = (paths) =>
  paths.map((path) => {
    const bytes = readFileSync(path);
    rmSync(path);
    return bytes;
  });
