/** A killed import resumes, to the same bytes; each image is read once. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { type ImportReport, importImages } from "../../../src/making/importing/import.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";
import { image, SIDE, values, write } from "./files.ts";

slow("starts programs and kills them");

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
const COUNT = 600;
const PER_SHARD = 150;
/** Bytes of a shard of this many images. */
const shardBytes = 128 + PER_SHARD * 2 * SIDE * SIDE * 4;

/** The image of row n: five training rows have a test row's. */
const twinOf = (n: number) => (n % 40 === 3 && n < 196 ? n + 401 : n);

beforeAll(() => {
  const rows = ["id,split"];
  for (let n = 0; n < COUNT; n++) {
    const id = `o${String(n).padStart(4, "0")}`;
    if (n % 50 === 7) writeFileSync(at("images", `${id}.fits`), "no FITS");
    // Some training images equal test images: they must be taken out at the end.
    else
      write(
        at("images"),
        `${id}.fits`,
        [0, 1].map((c) => image(twinOf(n), c)),
      );
    rows.push(`${id},${n >= 400 ? "test" : "train"}`);
  }
  writeFileSync(at("table.csv"), `${rows.join("\n")}\n`);
});

let straight: ImportReport;

const options = (out: string) => ({
  images: [at("images")],
  table: at("table.csv"),
  bands: ["g", "r"],
  out: at(out),
  name: "killed",
});

const filesOf = (name: string) =>
  Object.fromEntries(readdirSync(at(name)).map((file) => [file, readFileSync(at(name, file), "hex")]));

interface When {
  batch?: number;
  file?: string;
  before?: string;
}

/** Imports in a process that kills itself at the n-th tick, when a file appears, or just before. */
async function killed(out: string, when: When): Promise<void> {
  const index = JSON.stringify(new URL("../../../dist/making/index.js", import.meta.url).href);
  const paths = [when.file, when.before].map((name) =>
    name === undefined ? null : at(`${out}.partial`, name),
  );
  const code = `
    import { importImages } from ${index};
    import { existsSync } from "node:fs";
    let batches = 0;
    const die = () => process.kill(process.pid, "SIGKILL");
    const [file, unborn] = ${JSON.stringify(paths)};
    const rename = (await import("node:fs")).default;
    const before = rename.renameSync;
    rename.renameSync = (from, to) => { if (to === unborn) die(); before(from, to); if (to === file) die(); };
    (await import("node:module")).default.syncBuiltinESMExports();
    const bar = () => ({ tick() { if (++batches === ${when.batch ?? -1}) die(); }, done() {} });
    await importImages(${JSON.stringify(options(out))}, { bar, shardBytes: ${shardBytes} });
  `;
  writeFileSync(at("child.mjs"), code);
  const child = spawn(process.execPath, [at("child.mjs")], {
    stdio: ["ignore", "inherit", "inherit"],
    cwd: join(import.meta.dirname, "../../.."),
  });
  const [signal] = await new Promise<[NodeJS.Signals | null]>((done) =>
    child.on("close", (_, name) => done([name])),
  );
  expect(signal).toBe("SIGKILL");
  expect(existsSync(at(out))).toBe(false);
}

test("training images that equal test images are taken out of their shards", async () => {
  straight = await importImages(options("straight"), { shardBytes });
  // Five training images are twins of test images; rows 7, 57, … 557 are not FITS.
  expect(straight.setAside).toEqual({ "identical image in another split": 5, unreadable: 12 });
  const dataset = await openDataset(at("straight"));
  await dataset.verify();
  for (const [row, id] of dataset.ids.entries()) {
    const n = Number(id.slice(1));
    expect(dataset.images([row]).data()[0], id).toBe(values(twinOf(n), 0)[0]);
  }
  dataset.close();
});

test.each([
  ["within the first shard", "first", { batch: 2 }],
  ["within a later shard", "later", { batch: 7 }],
  ["when the table is written", "table", { before: "dataset.json" }],
  ["when all is decided", "decided", { file: "dataset.json" }],
  ["while shards are replaced", "moving", { file: "images-00001.npy" }],
] as [string, string, When][])("killed %s: the same bytes", async (_, name, when) => {
  await killed(name, when);
  const seen: number[] = [];
  const bar = (_: number, already: number) => {
    seen.push(already);
    return { tick: () => {}, skip: () => {}, done: () => {} };
  };
  const { info, splits, setAside } = await importImages(options(name), { shardBytes, bar });
  expect({ splits, setAside }).toEqual({ splits: straight.splits, setAside: straight.setAside });
  // Nothing that an earlier program wrote is read again.
  if (when.batch !== undefined) expect(seen[0]).toBeGreaterThanOrEqual(64 * (when.batch - 1));
  expect(info.contentHash).toBe(straight.info.contentHash);
  expect(filesOf(name)).toEqual(filesOf("straight"));
});

test("other settings may not resume it", async () => {
  await killed("other", { batch: 3 });
  await expect(importImages({ ...options("other"), size: 4 }, { shardBytes })).rejects.toThrow(
    /other\.partial: was started with size null, now 4/,
  );
});
