/** Parquet tables with images in their columns, as HuggingFace's datasets have them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { blobValue } from "@duckdb/node-api";
import { encode as encodePng } from "fast-png";
import { expect, test } from "vitest";
import { literal, withDuckDB } from "../../../src/catalog/duck.ts";
import { openDataset } from "../../../src/dataset/dataset.ts";
import type { ImportOptions } from "../../../src/making/importing/config.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";

slow("imports many images, and resumes");

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
let serial = 0;

async function importing(images: string[], options: Partial<ImportOptions> = {}) {
  const out = at(`out-${++serial}`);
  const usual = { bands: ["i", "r", "g"], pixelScale: 0.2 };
  const report = await importImages({ images, out, ...usual, ...options });
  const dataset = await openDataset(out);
  const setAside = readFileSync(join(out, "set-aside.csv"), "utf8").trim().split("\n").slice(1);
  return { report, dataset, setAside };
}

const refusal = (images: string[], options: Partial<ImportOptions> = {}) =>
  importing(images, options).then(
    () => "nothing was refused",
    (error: Error) => error.message,
  );

const HF = (features: object) => ({ huggingface: JSON.stringify({ info: { features } }) });
const LABELLED = HF({
  image: { _type: "Image" },
  label: { names: ["not-lens", "lens"], _type: "ClassLabel" },
});

/** Writes a query's rows. @param blobs as its parameters $1, $2, … */
async function parquet(
  name: string,
  query: string,
  { blobs = [], metadata = {} }: { blobs?: Uint8Array[]; metadata?: Record<string, string> } = {},
) {
  mkdirSync(dirname(at(name)), { recursive: true });
  await withDuckDB(":memory:", name, async (connection) => {
    await connection.run("CREATE TABLE blobs (k INTEGER, bytes BLOB)");
    const appender = await connection.createAppender("blobs");
    for (const [k, bytes] of blobs.entries()) {
      appender.appendInteger(k);
      appender.appendBlob(blobValueOf(bytes));
      appender.endRow();
    }
    appender.closeSync();
    const stated = Object.entries(metadata).map(([key, value]) => `${key}: ${literal(value)}`);
    const extra = stated.length === 0 ? "" : `, KV_METADATA {${stated.join(", ")}}`;
    await connection.run(`COPY (${query}) TO ${literal(at(name))} (FORMAT parquet${extra})`);
  });
}
const blobValueOf = (bytes: Uint8Array) => blobValue(bytes).bytes;

/** Channel c of pixel p of image n. */
const colour = (n: number, p: number, c: number) => (n * 50 + p * 3 + c) % 256;
const png = (n: number, side = 4) =>
  encodePng({
    ...{ width: side, height: side, channels: 3, depth: 8 },
    data: Uint8Array.from({ length: 3 * side * side }, (_, i) => colour(n, Math.floor(i / 3), i % 3)),
  });
const chw = (n: number) => [0, 1, 2].flatMap((c) => Array.from({ length: 16 }, (_, p) => colour(n, p, c)));

const pictures = (first: number, count: number) => ({
  query: `SELECT {'bytes': bytes, 'path': 'galaxy-' || (k + ${first}) || '.png'} AS image,
    ((k + ${first}) % 2)::BIGINT AS label, k + 0.5 AS seeing FROM blobs ORDER BY k`,
  blobs: Array.from({ length: count }, (_, k) => png(first + k)),
});

async function shards(name: string, counts: Record<string, number>, metadata = LABELLED) {
  let first = 0;
  for (const [file, count] of Object.entries(counts)) {
    const { query, blobs } = pictures(first, count);
    await parquet(`${name}/data/${file}.parquet`, query, { blobs, metadata });
    first += count;
  }
  writeFileSync(at(name, "README.md"), "# A dataset\n");
}

test("shards of pictures with class names become a dataset: splits by the files' names, ids by the pictures'", async () => {
  await shards("hub", {
    "train-00000-of-00002": 2,
    "train-00001-of-00002": 2,
    "validation-00000-of-00001-0a1b2c": 1,
    "test-00000-of-00001": 1,
  });
  const { dataset, report, setAside } = await importing([at("hub")]);
  expect(dataset.info).toMatchObject({
    ...{ pixels: "display", shape: [3, 4, 4], classes: ["not-lens", "lens"] },
  });
  expect(setAside).toEqual([]);
  expect(report.splits).toEqual({ train: 4, val: 1, test: 1 });
  expect(report.labels).toEqual({ "not-lens": 3, lens: 3 });
  expect(report.notes).toEqual(
    expect.arrayContaining([
      "splits by the files' names",
      "ids are the names of the pictures in image",
      "classes by the column label: not-lens, lens",
    ]),
  );
  // Files come in the order of their names: test before train.
  expect(dataset.ids).toEqual(["galaxy-5", "galaxy-0", "galaxy-1", "galaxy-2", "galaxy-3", "galaxy-4"]);
  expect([...dataset.images([3]).data()]).toEqual(chw(2));
  expect(dataset.column("label")[1]).toBe("not-lens");
  expect(dataset.column("seeing")[2]).toBe(1.5);
});

test("an unknown class is -1; another column of labels, and names of its own for classes, can be given", async () => {
  const { query, blobs } = pictures(0, 4);
  const metadata = HF({ kind: { names: ["a", "b"], _type: "ClassLabel" } });
  await parquet("kinds.parquet", `SELECT *, label - 1 AS kind, 'x' || label AS said FROM (${query})`, {
    ...{ blobs, metadata },
  });
  const { dataset, report } = await importing([at("kinds.parquet")]);
  expect(dataset.info.classes).toEqual(["a", "b"]);
  expect(report.labels).toEqual({ a: 2, b: 0 });
  const said = await importing([at("kinds.parquet")], { labelColumn: "said" });
  expect(said.dataset.info.classes).toEqual(["x0", "x1"]);
});

test("numbers in nested lists are flux, bytes display; (C, H, W), (H, W, C), a field of a structure, one column a band", async () => {
  // Number n + 100 c + 10 y + x.
  const nested = (type: string, order: string) =>
    `list_transform(range(${order[0] === "c" ? 3 : 2}), lambda a: list_transform(range(${order[1] === "h" ? 2 : 4}),
      lambda b: list_transform(range(${order[2] === "w" ? 4 : 3}), lambda d:
      (n + 100 * ${letter("c", order)} + 10 * ${letter("h", order)} + ${letter("w", order)})::${type})))`;
  const letter = (axis: string, order: string) => ["a", "b", "d"][order.indexOf(axis)]!;
  const expected = (n: number) =>
    [0, 1, 2].flatMap((c) => [0, 1].flatMap((y) => [0, 1, 2, 3].map((x) => n + 100 * c + 10 * y + x)));
  await parquet(
    "numbers.parquet",
    `SELECT 'g' || n AS id, ${nested("DOUBLE", "chw")} AS first, ${nested("UTINYINT", "hwc")} AS last,
      {'band': ['i', 'r', 'g'], 'flux': ${nested("FLOAT", "chw")}} AS image,
      list_transform(range(2), lambda y: list_transform(range(4), lambda x: (n + 10 * y + x)::FLOAT)) AS i,
      list_transform(range(2), lambda y: list_transform(range(4), lambda x: (n + 10 * y + x + 100)::INTEGER)) AS r,
      [0.5::FLOAT, 1.5] AS embedding FROM range(4) t(n)`,
  );
  for (const imageColumns of [["first"], ["last"], ["image.flux"]]) {
    const { dataset } = await importing([at("numbers.parquet")], { imageColumns });
    expect(dataset.info).toMatchObject({
      shape: [3, 2, 4],
      pixels: imageColumns[0] === "last" ? "display" : "flux",
    });
    expect([...dataset.images([3]).data()]).toEqual(expected(3));
  }
  const { dataset } = await importing([at("numbers.parquet")], {
    imageColumns: ["i", "r"],
    bands: ["i", "r"],
  });
  expect([...dataset.images([2]).data()]).toEqual(expected(2).slice(0, 16));
  expect(await refusal([at("numbers.parquet")])).toMatch(
    /numbers\.parquet: 4 columns hold images; choose by --image-columns: first, last, i, r/,
  );
});

test("flat lists are square images, in the layout that is given", async () => {
  await parquet(
    "flat.parquet",
    "SELECT list_transform(range(12), lambda k: (n + k)::FLOAT) AS pixels FROM range(3) t(n)",
  );
  const imageColumns = ["pixels"];
  expect(await refusal([at("flat.parquet")], { imageColumns })).toMatch(
    /flat lists of numbers can be read both ways; give layout hwc or chw/,
  );
  const { dataset } = await importing([at("flat.parquet")], { imageColumns, layout: "hwc" });
  expect([...dataset.images([1]).data()]).toEqual([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
  expect(dataset.ids).toEqual(["flat-0000001", "flat-0000002", "flat-0000003"]);
  expect(await refusal([at("flat.parquet")])).toMatch(
    /no column holds images; choose by --image-columns: pixels/,
  );
});

test("rows without an image, with broken bytes, another size or uneven lists are set aside with their file and row", async () => {
  const blobs = [png(0), png(1).subarray(0, 50), png(2), png(3, 3), new TextEncoder().encode("no picture")];
  await parquet(
    "bad/train-00000-of-00002.parquet",
    `SELECT 'a' || k AS id, {'bytes': bytes, 'path': NULL::VARCHAR} AS image FROM blobs ORDER BY k`,
    { blobs },
  );
  await parquet(
    "bad/train-00001-of-00002.parquet",
    `SELECT 'b' || k AS id, {'bytes': CASE WHEN k = 0 THEN bytes END, 'path': CASE WHEN k = 1 THEN 'x.png' END} AS image
      FROM blobs ORDER BY k`,
    { blobs: [png(4), png(5), png(6)] },
  );
  const { dataset, setAside } = await importing([at("bad")]);
  expect(dataset.ids).toEqual(["a0", "a2", "b0"]);
  expect(setAside.map((line) => line.split(",").slice(0, 3).join(","))).toEqual([
    "train-00000-of-00002.parquet,2,a1",
    "train-00000-of-00002.parquet,4,a3",
    "train-00000-of-00002.parquet,5,a4",
    "train-00001-of-00002.parquet,2,b1",
    "train-00001-of-00002.parquet,3,b2",
  ]);
  expect(setAside[0]).toMatch(/truncated|unreadable/);
  expect(setAside[1]).toMatch(/too small.*train-00000-of-00002\.parquet row 4/);
  expect(setAside[2]).toMatch(/is not a PNG, JPEG or TIFF file/);
  expect(setAside[3]).toContain("column image names a file (x.png) in place of its bytes");
  expect(setAside[4]).toContain("column image is empty");

  await parquet(
    "uneven.parquet",
    "SELECT n AS id, CASE WHEN n = 1 THEN [[1.0, 2, 3], [4]] ELSE [[n, 2.0], [3, NULL]] END AS pixels FROM range(3) t(n)",
  );
  const uneven = await importing([at("uneven.parquet")], { bands: ["r"], maxNan: 0.5 });
  expect(uneven.setAside[0]).toMatch(/^uneven\.parquet,2,1,wrong shape,.*its lists differ in length/);
  expect([...uneven.dataset.images([1]).data()].slice(0, 3)).toEqual([2, 2, 3]);
  await parquet(
    "holes.parquet",
    "SELECT n AS id, [[1, CASE WHEN n <> 2 THEN 7 END], [3, n]]::UTINYINT[][] AS pixels FROM range(3) t(n)",
  );
  const holes = await importing([at("holes.parquet")], { bands: ["r"] });
  expect(holes.setAside[0]).toMatch(/^holes\.parquet,3,2,wrong shape,.*or hold nothing/);
});

test("a wrong column, a missing shard, other columns in a shard, a cut file and what can't come with it are refused", async () => {
  await shards("whole", { "train-00000-of-00003": 1, "train-00001-of-00003": 1, "train-00002-of-00003": 1 });
  expect(await refusal([at("whole")], { imageColumns: ["imag"] })).toMatch(
    /imageColumns must be one of image, label, seeing, got "imag", did you mean image\?/,
  );
  expect(await refusal([at("whole")], { imageColumns: ["label"] })).toMatch(
    /label must be a column of pictures' bytes, or of lists of numbers, got "a BIGINT"/,
  );
  expect(await refusal([at("whole")], { pattern: "{id}.png" })).toMatch(/pattern must be left out/);
  rmSync(at("whole/data/train-00001-of-00003.parquet"));
  expect(await refusal([at("whole")])).toMatch(
    /whole\/data: has 2 of 3 shards: train-00001-of-00003\.parquet is missing; download the rest/,
  );
  await parquet("whole/data/train-00001-of-00003.parquet", "SELECT 1 AS label");
  expect(await refusal([at("whole")])).toMatch(
    /train-00001-of-00003\.parquet: has no column image, train-00000-of-00003\.parquet has a column of type STRUCT/,
  );
  const bytes = readFileSync(at("whole/data/train-00000-of-00003.parquet"));
  writeFileSync(at("cut.parquet"), bytes.subarray(0, bytes.length - 20));
  expect(await refusal([at("cut.parquet")])).toMatch(/^[^:]*cut\.parquet: /);
  writeFileSync(at("one.png"), png(0));
  expect(await refusal([at("cut.parquet"), at("one.png")])).toMatch(
    /cut\.parquet is a table with images in it; import it separately/,
  );
});

test("an error about a row names the shard and the row there", async () => {
  for (const k of [0, 1])
    await parquet(
      `rows/part-${k}.parquet`,
      `SELECT ${k} * 10 + n AS id, [[1.0, n], [2, ${k}]] AS pixels, CASE WHEN ${k} = 1 AND n = 2 THEN 'none' ELSE 'train' END AS split
        FROM range(4) t(n)`,
    );
  expect(await refusal([at("rows")], { bands: ["r"] })).toMatch(
    /^part-1\.parquet row 3: split must be one of train, val, test/,
  );
});

test("images are read in blocks, and an import that was interrupted resumes to the same bytes", async () => {
  // 5000 rows are three of DuckDB's vectors.
  await parquet(
    "many.parquet",
    `SELECT n AS id, list_transform(range(8), lambda y: list_transform(range(8), lambda x: (n * 64 + 8 * y + x)::FLOAT)) AS pixels
      FROM range(5000) t(n)`,
  );
  const { dataset } = await importing([at("many.parquet")], { bands: ["r"] });
  expect(dataset.count).toBe(5000);
  for (const n of [0, 2047, 2048, 4999])
    expect([...dataset.images([n]).data()]).toEqual(Array.from({ length: 64 }, (_, p) => n * 64 + p));
  const out = at("stopped");
  const options = { images: [at("many.parquet")], out, bands: ["r"], pixelScale: 0.2, name: "one" };
  let images = 0;
  const tick = (count = 1) => {
    images += count;
    if (images > 3000) throw new Error("stopped");
  };
  const bar = () => ({ tick, done: () => {} }) as never;
  await expect(importImages(options, { bar })).rejects.toThrow("stopped");
  let already = 0;
  await importImages(options, {
    bar: (_, before) => {
      already = before;
      return { tick: () => {}, done: () => {} } as never;
    },
  });
  expect(already).toBeGreaterThan(2900);
  await importImages({ ...options, out: at("whole-again") });
  for (const file of ["images-00000.npy", "table.parquet"])
    expect(readFileSync(join(out, file)).equals(readFileSync(at("whole-again", file)))).toBe(true);
});
