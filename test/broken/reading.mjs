/**
 * Breaks files of one kind by their number and reads each as Arclet's commands do: reading.mjs KIND COUNT FIRST FOLDER. Prints
 * what came of it as JSON; the number of the input that is being read is in FOLDER/number, for whoever finds this process ended.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomOf } from "../../native/fuzz/breaking.mjs";
import { wholeFiles } from "./whole-files.mjs";

const [kind, count, first, folder] = [
  process.argv[2],
  Number(process.argv[3]),
  Number(process.argv[4]),
  process.argv[5],
];
const dist = (file) => import(join(import.meta.dirname, "..", "..", "dist", file));
const { ArcletError } = await dist("foundation/errors.js");

/** Numbers that sizes, counts and offsets of a format may be replaced by. */
const SIZES = [0, 1, 2, 7, 255, 256, 4096, 65535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

function broken(whole, random) {
  const bytes = Buffer.from(whole);
  // Much of a file may be zeros that mean nothing.
  const at = (room = 1) => {
    let offset = 0;
    for (let tries = 0; tries < 20; tries++) {
      offset = random.below(Math.max(1, bytes.length - room));
      if (bytes[offset] !== 0 || random.below(4) === 0) break;
    }
    return offset;
  };
  switch (random.below(7)) {
    case 0:
      return bytes.subarray(0, at());
    case 1:
      for (let k = random.below(12) + 1; k > 0; k--) bytes[at()] ^= 1 << random.below(8);
      return bytes;
    case 2:
      bytes.writeUInt16LE(random.of(SIZES) & 0xffff, at(2));
      return bytes;
    case 3:
      if (random.below(2) === 0) bytes.writeUInt32LE(random.of(SIZES), at(4));
      else bytes.writeUInt32BE(random.of(SIZES), at(4));
      return bytes;
    case 4: {
      const [from, to, length] = [at(), at(), random.below(40) + 1];
      bytes.copy(bytes, to, from, from + length);
      return bytes;
    }
    case 5: {
      const from = at();
      for (let i = from; i < Math.min(bytes.length, from + 1 + random.below(60)); i++)
        bytes[i] = random.below(256);
      return bytes;
    }
    default: {
      // A part comes twice, or is gone.
      const [from, length] = [at(), random.below(80) + 1];
      const middle =
        random.below(2) === 0
          ? [bytes.subarray(from, from + length), bytes.subarray(from, from + length)]
          : [];
      return Buffer.concat([bytes.subarray(0, from), ...middle, bytes.subarray(from + length)]);
    }
  }
}

const free = (tensors) => {
  for (const one of tensors.values()) one.dispose();
};
async function stack(path) {
  const { openStacks } = await dist("making/importing/stacks.js");
  const options = {
    channels: 1,
    bands: ["r"],
    layout: "auto",
    dataset: null,
    scratch: join(folder, "scratch"),
  };
  const source = await openStacks([path], options);
  try {
    for (const one of source.stacks.values()) for (let i = 0; i < Math.min(3, one.shape[0]); i++) one.read(i);
  } finally {
    source.close();
  }
}
const catalogue = async (path) => {
  const { readCatalog } = await dist("catalog/read.js");
  const { table } = await readCatalog(path);
  for (const name of table.names) table.column(name);
};
const picture = async (path) => (await dist("making/importing/pictures.js")).readPicture(path);
const READERS = {
  png: picture,
  jpeg: picture,
  tiff: picture,
  npy: stack,
  npz: stack,
  hdf5: stack,
  parquet: catalogue,
  votable: catalogue,
  csv: catalogue,
  safetensors: async (path) => free((await dist("torch/safetensors.js")).readSafetensors(path).tensors),
  pth: async (path) => free((await dist("torch/pth/read.js")).readPth(path)),
  yaml: async (path) => (await dist("foundation/yaml.js")).readYaml(path),
};
const ENDS = { jpeg: "jpg", hdf5: "h5", votable: "vot" };

const files = (await wholeFiles(folder))[kind];
const said = { read: 0, refused: 0, slowest: 0, faults: [] };
const read = async (bytes, number) => {
  // A file of its own: the HDF5 library knows one that it has met by its inode.
  const path = join(folder, `${kind}-${String(number).replace(" ", "-")}.${ENDS[kind] ?? kind}`);
  writeFileSync(path, bytes);
  const before = process.cpuUsage();
  try {
    await READERS[kind](path);
    said.read++;
  } catch (error) {
    const sentence = error instanceof ArcletError ? error.message : "";
    if (sentence === "" || /\n|bug in arclet|^\s+at /.test(sentence))
      said.faults.push(`${number}: ${error?.stack ?? error}`);
    else said.refused++;
  }
  rmSync(path, { force: true });
  const { user, system } = process.cpuUsage(before);
  said.slowest = Math.max(said.slowest, (user + system) / 1e6);
};
for (const [k, whole] of files.entries()) await read(whole, `whole ${k}`);
said.whole = said.read;
for (let number = first; number < first + count; number++) {
  writeFileSync(join(folder, "number"), String(number));
  const random = randomOf(number);
  await read(broken(random.of(files), random), number);
}
console.log(
  JSON.stringify({ ...said, files: files.length, megabytes: process.resourceUsage().maxRSS / 1024 }),
);
process.exit(0);
