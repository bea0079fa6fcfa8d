/** Folders that Arclet's commands read, of which one file is broken at a time. They are copies of what WORLD holds (bench/robustness/world.ts). */
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { digest } from "./readers.mjs";

const dist = (file) => import(join(import.meta.dirname, "..", "..", "dist", file));

async function dataset(folder) {
  const { openDataset } = await dist("dataset/dataset.js");
  const data = await openDataset(folder);
  try {
    await data.verify();
    const images = data.images(data.rows());
    try {
      return digest(data.ids.join("\n"), images.data(), data.imageHashes().join());
    } finally {
      images.dispose();
    }
  } finally {
    data.close();
  }
}

async function run(folder) {
  const { readRunConfig } = await dist("train/run.js");
  const { readRecords } = await dist("train/log.js");
  const { readCurves } = await dist("train/curves.js");
  const { loadModel } = await dist("train/model.js");
  readRunConfig(folder);
  readRecords(folder);
  readCurves(folder);
  const { network } = loadModel(folder, "cpu");
  const values = [...network.state()].flatMap(([name, tensor]) => [name, tensor.data()]);
  const said = digest(...values);
  network.dispose();
  return said;
}

async function search(folder) {
  (await openedSearch(folder, true)).opened.close();
}

async function openedSearch(folder, readOnly) {
  const { Search } = await dist("inspect/search.js");
  const { openObjects } = await dist("inspect/objects.js");
  const objects = await openObjects({
    dataset: join(folder, "target"),
    scores: [join(folder, "scores.csv")],
    sample: join(folder, "sample.csv"),
  });
  try {
    return { opened: Search.open(join(folder, "search"), objects, readOnly), ids: objects.domain.ids };
  } finally {
    objects.domain.close();
  }
}

async function arclet(name, values) {
  const { COMMANDS } = await dist("cli/commands.js");
  const { commandRunner } = await dist("cli/run-command.js");
  await commandRunner(COMMANDS)(name, values);
}

const DIVIDED = { survey: "cfhtls", size: 24, count: 6 };

async function makeShards(root) {
  const out = join(root, "divided");
  for (const shard of ["1/3", "2/3", "3/3"]) await arclet("simulate", { out, ...DIVIDED, shard });
}

/** A few things that graders said. */
async function makeSearch(root) {
  const { Journal } = await dist("inspect/journal.js");
  const { opened, ids } = await openedSearch(root, false);
  opened.close();
  const { journal } = Journal.open(join(root, "search", "journal.jsonl"));
  const said = (request, action, more) => journal.append({ action, grader: "anna", request, ...more });
  for (const k of [0, 1, 2, 3])
    said(`r${k}`, "grade", { ids: [ids[k]], grade: "ABCX"[k], kind: null, seconds: 1.5 });
  said("r4", "comment", { ids: [ids[0]], comment: "an arc" });
  said("r5", "tags", { ids: [ids[1]], tags: ["red"] });
  journal.close();
}

/** Shards, joined: the dataset is made anew each time. */
async function shards(folder, scratch) {
  const out = join(scratch, "divided");
  rmSync(out, { recursive: true, force: true });
  rmSync(`${out}.shards`, { recursive: true, force: true });
  cpSync(folder, `${out}.shards`, { recursive: true });
  await arclet("jobs", { folder: out });
  await arclet("simulate", { out, ...DIVIDED, shards: 3, merge: "true" });
  return dataset(out);
}

/** By kind: the folder's parts, of WORLD; how it is read; the files that are broken. */
const KINDS = {
  dataset: { of: ["pictures"], in: "pictures", read: dataset, files: /./ },
  run: {
    of: ["so"],
    in: "so",
    read: run,
    files: /^(config\.json|log\.jsonl|curves\.jsonl|model\.safetensors)$/,
  },
  grades: {
    of: ["target", "scores.csv", "sample.csv", "sample.design.json"],
    make: makeSearch,
    in: "",
    read: search,
    files: /^(search\/(search\.json|journal\.jsonl)|scores\.csv|sample\.csv|sample\.design\.json)$/,
  },
  shards: { of: [], make: makeShards, in: "divided.shards", read: shards, files: /./ },
};
export const FOLDERS = Object.keys(KINDS);

/** @param world a folder with what is copied @returns the files of a kind's folder, and its reader */
export async function folderKind(kind, world, scratch) {
  const { of, make, in: inside, read, files } = KINDS[kind];
  const root = join(scratch, kind);
  rmSync(root, { recursive: true, force: true });
  for (const name of of) cpSync(join(world, name), join(root, name), { recursive: true });
  await make?.(root);
  const folder = join(root, inside);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => files.test(name) && statSync(join(folder, name)).isFile())
    .sort();
  return {
    files: names.map((name) => ({ path: join(folder, name), bytes: readFileSync(join(folder, name)) })),
    read: () => read(folder, scratch),
  };
}
