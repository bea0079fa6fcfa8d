/**
 * Parquet files of another writer than DuckDB, whose reader `import` uses: hyparquet-writer, laid out as HuggingFace's
 * `datasets` has them: a structure of bytes and path, class names in the metadata, dictionary pages, row groups, shards.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import { parquetWriteBuffer, type SchemaElement } from "hyparquet-writer";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";

slow("imports images");

const folder = scratch();

/** 4 × 4 pixels in three colours: value 7 n + 20 c + 4 y + x. */
const value = (n: number, c: number, i: number) => 7 * n + 20 * c + i;
const png = (n: number) => {
  const data = Uint8Array.from({ length: 48 }, (_, i) => value(n, i % 3, Math.floor(i / 3)));
  return encodePng({ width: 4, height: 4, channels: 3, data });
};

const optional = { repetition_type: "OPTIONAL" } as const;
const text = { type: "BYTE_ARRAY", converted_type: "UTF8", ...optional } as const;
const SCHEMA: SchemaElement[] = [
  { name: "schema", num_children: 4 },
  { name: "image", num_children: 2, ...optional },
  { name: "bytes", type: "BYTE_ARRAY", ...optional },
  { name: "path", ...text },
  { name: "label", type: "INT64", ...optional },
  { name: "name", ...text },
  { name: "grade", type: "FLOAT", ...optional },
];
const FEATURES = {
  image: { _type: "Image" },
  label: { names: ["not-lens", "lens"], _type: "ClassLabel" },
  name: { dtype: "string", _type: "Value" },
  grade: { dtype: "float32", _type: "Value" },
};

function shard(file: string, rows: readonly number[], codec: "SNAPPY" | "GZIP" | "UNCOMPRESSED"): void {
  const column = <T>(of: (n: number) => T) => rows.map(of);
  const buffer = parquetWriteBuffer({
    schema: SCHEMA,
    columnData: [
      { name: "image", data: column((n) => ({ bytes: png(n), path: `galaxy-${n}.png` })) },
      { name: "label", data: column((n) => BigInt(n % 2)) },
      { name: "name", data: column((n) => (n % 3 === 0 ? "hsc" : "legacy")), encoding: "RLE_DICTIONARY" },
      { name: "grade", data: column((n) => (n % 5 === 4 ? undefined : n / 2)) },
    ],
    ...{ codec, compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes) } },
    rowGroupSize: 3,
    pageSize: 200,
    kvMetadata: [{ key: "huggingface", value: JSON.stringify({ info: { features: FEATURES } }) }],
  });
  mkdirSync(join(folder, "hub", "data"), { recursive: true });
  writeFileSync(join(folder, "hub", "data", file), new Uint8Array(buffer));
}

test("shards in snappy, gzip and uncompressed pages, of several row groups, are imported whole", async () => {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);
  shard("train-00000-of-00003.parquet", range(0, 10), "SNAPPY");
  shard("train-00001-of-00003.parquet", range(10, 18), "GZIP");
  shard("train-00002-of-00003.parquet", range(18, 23), "UNCOMPRESSED");
  shard("validation-00000-of-00001.parquet", range(23, 27), "SNAPPY");
  const out = join(folder, "out");
  const report = await importImages({
    ...{ images: [join(folder, "hub")], out, bands: ["i", "r", "g"], pixelScale: 0.2 },
  });
  expect(report.splits).toEqual({ train: 23, val: 4, test: 0 });
  expect(report.labels).toEqual({ "not-lens": 14, lens: 13 });
  // A survey's name tells no rows apart.
  expect(report.notes).toContainEqual(
    expect.stringMatching(/name is not taken for the id: 2 values in 27 rows$/),
  );
  const dataset = await openDataset(out);
  expect(dataset.info.classes).toEqual(["not-lens", "lens"]);
  expect(dataset.ids).toEqual(range(0, 27).map((n) => `galaxy-${n}`));
  for (const n of range(0, 27)) {
    const expected = [0, 1, 2].flatMap((c) => range(0, 16).map((i) => value(n, c, i)));
    expect([...dataset.images([n]).data()]).toEqual(expected);
    expect(dataset.column("name")[n]).toBe(n % 3 === 0 ? "hsc" : "legacy");
    expect(dataset.column("grade")[n]).toBe(n % 5 === 4 ? null : n / 2);
  }
  dataset.close();
});
