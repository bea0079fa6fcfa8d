/** How Arclet's commands read each kind of file. A reader gives the digest of what it read where the file can tell damage by itself. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { randomOf } from "../../native/fuzz/breaking.mjs";

const dist = (file) => import(join(import.meta.dirname, "..", "..", "dist", file));

export const digest = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts)
    hash.update(
      ArrayBuffer.isView(part) ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength) : String(part),
    );
  return hash.digest("hex");
};

async function stack(path, folder) {
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

async function catalogue(path) {
  const { readCatalog } = await dist("catalog/read.js");
  const { table } = await readCatalog(path);
  for (const name of table.names) table.column(name);
}

/** The key under which our own files hold their hash. */
const HASH = "arclet_sha256";

const picture = async (path) => void (await dist("making/importing/pictures.js")).readPicture(path);

const free = (tensors) => {
  for (const one of tensors.values()) one.dispose();
};

/** All that a FITS file holds, as cutouts and as frames are read. */
async function fits(path) {
  const { readersOf } = await import("../../native/fuzz/reading.mjs");
  const { readAll } = await readersOf(join(import.meta.dirname, "..", ".."));
  const bytes = readFileSync(path);
  if ((await readAll(bytes, path, randomOf(bytes.length))) === "refused") throw new Refused();
}

/** Some part was refused, and each in its sentence. */
export class Refused extends Error {}

async function safetensors(path) {
  const { tensors } = (await dist("torch/safetensors.js")).readSafetensors(path);
  // Our own files hold a hash of all that they are.
  const bytes = readFileSync(path);
  const own = bytes.subarray(0, 8 + Number(bytes.readBigUInt64LE())).includes(HASH);
  const said = own ? digest(...[...tensors].flatMap(([name, tensor]) => [name, tensor.data()])) : undefined;
  free(tensors);
  return said;
}

/** By kind: (path, folder for scratch) → a digest or nothing. */
export const READERS = {
  png: picture,
  jpeg: picture,
  tiff: picture,
  npy: stack,
  npz: stack,
  hdf5: stack,
  parquet: catalogue,
  votable: catalogue,
  csv: catalogue,
  safetensors,
  pth: async (path) => free((await dist("torch/pth/read.js")).readPth(path)),
  fits,
  "fits-table": catalogue,
  survey: async (path) => void (await dist("sky/survey-file.js")).readSurvey(path),
  recipe: async (path) => void (await dist("lensing/recipes/recipe-file.js")).readRecipe(path),
  yaml: async (path) => void (await dist("foundation/yaml.js")).readYaml(path),
};
export const ENDS = {
  jpeg: "jpg",
  hdf5: "h5",
  votable: "vot",
  "fits-table": "fits",
  survey: "yaml",
  recipe: "yaml",
};
