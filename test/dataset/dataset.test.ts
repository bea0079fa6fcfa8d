import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { type DatasetSpec, writeDataset } from "../../src/dataset/writer.ts";
import { liveTensors } from "../../src/torch/scope.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";
import { settledTensors } from "../torch/leaks.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);

/** `n` images, two per shard. */
const write = (path: string, n: number, spec: Partial<DatasetSpec> = {}, rowOf = row) =>
  writeDataset(
    path,
    { ...SPEC, ...spec },
    async (writer) => {
      for (let i = 0; i < n; i++) writer.append(fluxImage(i), [rowOf(i)]);
    },
    128 + 2 * 72,
  );

/** Writes a dataset, then changes its table with SQL, as a careless program might. */
async function writeAndSpoil(name: string, sql: string): Promise<string> {
  const path = at(name);
  await write(path, 4);
  const table = join(path, "table.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`CREATE TABLE t AS SELECT * FROM read_parquet('${table}')`);
  await connection.run(sql);
  await connection.run(`COPY t TO '${table}' (FORMAT parquet)`);
  connection.closeSync();
  return path;
}

describe("a written dataset", () => {
  test("opens with its rows, columns, labels and images, across shards and in any order", async () => {
    const info = await writeDataset(
      at("whole"),
      { ...SPEC, columns: { theta_e: "number", source_id: "whole", note: "text", good: "yes/no" } },
      async (writer) => {
        for (let i = 0; i < 5; i++)
          writer.append(fluxImage(i), [
            row(i, {
              theta_e: i / 2,
              source_id: 2n ** 60n + BigInt(i),
              note: i ? `n${i}` : null,
              good: i > 2,
            }),
          ]);
      },
      128 + 2 * 72,
    );
    expect(info.shards.map((shard) => shard.rows)).toEqual([2, 2, 1]);
    expect(readdirSync(at("whole")).sort()).toEqual([
      "dataset.json",
      "images-00000.npy",
      "images-00001.npy",
      "images-00002.npy",
      "table.parquet",
    ]);
    const before = await settledTensors();
    const dataset = await openDataset(at("whole"));
    expect(dataset.ids).toEqual(["toy-0", "toy-1", "toy-2", "toy-3", "toy-4"]);
    expect(dataset.column("theta_e")).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(dataset.column("source_id")[4]).toBe(2n ** 60n + 4n);
    expect(dataset.column("note")).toEqual([null, "n1", "n2", "n3", "n4"]);
    expect(dataset.column("good")).toEqual([false, false, false, true, true]);
    expect([...dataset.rows("train")]).toEqual([0, 1, 4]);
    expect([...dataset.rows("val", "test")]).toEqual([2, 3]);
    expect([...dataset.labels([0, 1, 4])]).toEqual([0, 1, 0]);
    const images = dataset.images([3, 0, 1, 4, 2]);
    expect(images.shape).toEqual([5, 2, 3, 3]);
    expect(images.dtype).toBe("float32");
    expect([...images.data()]).toEqual([3, 0, 1, 4, 2].flatMap((i) => [...fluxImage(i)]));
    expect(() => dataset.images([5])).toThrow(/row must be 0 to 4, got 5/);
    images.dispose();
    dataset.close();
    expect(liveTensors()).toBeLessThanOrEqual(before);
  });

  test("has the content hash that sha256sum gives, and detects a changed pixel", async () => {
    const info = await write(at("hashed"), 3);
    const files = ["images-00000.npy", "images-00001.npy", "table.parquet"];
    const sha = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");
    const lines = files.map((file) => `${sha(readFileSync(join(at("hashed"), file)))}  ${file}\n`);
    expect(info.contentHash).toBe(sha(lines.join("")));
    const dataset = await openDataset(at("hashed"));
    await dataset.verify();
    const shard = join(at("hashed"), "images-00001.npy");
    const bytes = readFileSync(shard);
    bytes[130]! ^= 1;
    writeFileSync(shard, bytes);
    await expect(dataset.verify()).rejects.toThrow(
      /images-00001\.npy: is damaged: image 0 \(.+\) is not the one that was written/,
    );
    dataset.close();
  });

  test("is the same bytes each time", async () => {
    const [a, b] = [await write(at("once"), 4), await write(at("again"), 4)];
    expect(a.contentHash).toBe(b.contentHash);
  });
});

describe("writing refuses, and leaves nothing behind", () => {
  test.each<[string, Parameters<typeof write>[2], (i: number) => ReturnType<typeof row>, RegExp]>([
    ["an id twice", {}, (i) => row(i, { id: i === 3 ? "toy-1" : `toy-${i}` }), /id toy-1 occurs twice/],
    ["a group in two splits", {}, (i) => row(i, { group: "one" }), /group one is in two splits/],
    ["an unknown label", {}, (i) => row(i, { label: "arc" }), /label must be one of ring, blob, got "arc"/],
    ["a column not declared", {}, (i) => row(i, { z: 1 }), /column must be one of.*got "z"/],
    [
      "a wrong type",
      { columns: { z: "number" } },
      (i) => row(i, { z: "far" }),
      /z must be a number, got "far"/,
    ],
    ["a column's name twice", { columns: { RA: "number" } }, row, /column must be a name that no other/],
    ["no split", {}, (i) => row(i, { split: "dev" as "val" }), /split must be one of train, val, test/],
  ])("%s", async (what, spec, rowOf, message) => {
    const path = at(`refused ${what}`);
    await expect(write(path, 4, spec, rowOf)).rejects.toThrow(message);
    expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false);
  });

  test("the same image in two splits, NaN, no images, a taken name", async () => {
    const append = (images: Float32Array[]) => (path: string) =>
      writeDataset(path, SPEC, async (writer) => {
        for (const [i, image] of images.entries()) writer.append(image, [row(i)]);
      });
    const same = [fluxImage(1), fluxImage(2), fluxImage(1)];
    await expect(append(same)(at("twins"))).rejects.toThrow(
      /same image is in two splits \(ids toy-0 and toy-2\)/,
    );
    await expect(append([fluxImage(Number.NaN)])(at("nan"))).rejects.toThrow(
      /row toy-0: image must be of finite/,
    );
    await expect(append([])(at("empty"))).rejects.toThrow(/no images to write/);
    await write(at("taken"), 1);
    await expect(write(at("taken"), 1)).rejects.toThrow(/name that is not taken/);
  });
});

describe("opening refuses", () => {
  test("what is not a whole dataset folder", async () => {
    await expect(openDataset(at("nowhere"))).rejects.toThrow(/nowhere: no such file or folder/);
    await expect(openDataset(folder)).rejects.toThrow(/has no dataset\.json/);
    await write(at("half"), 1);
    renameSync(at("half"), at("half.partial"));
    await expect(openDataset(at("half.partial"))).rejects.toThrow(/not a whole dataset/);
  });

  test("a truncated shard, a missing shard, a missing or broken table", async () => {
    await write(at("cut"), 3);
    truncateSync(join(at("cut"), "images-00001.npy"), 150);
    await expect(openDataset(at("cut"))).rejects.toThrow(
      /images-00001\.npy: holds 22 bytes, its header promises 72/,
    );
    await write(at("gone"), 3);
    renameSync(join(at("gone"), "images-00000.npy"), join(at("gone"), "x"));
    await expect(openDataset(at("gone"))).rejects.toThrow(/images-00000\.npy: no such file/);
    await write(at("tableless"), 3);
    writeFileSync(join(at("tableless"), "table.parquet"), "not parquet at all");
    await expect(openDataset(at("tableless"))).rejects.toThrow(/^\S*table\.parquet: [^\n]+$/);
    renameSync(join(at("tableless"), "table.parquet"), join(at("tableless"), "x"));
    await expect(openDataset(at("tableless"))).rejects.toThrow(/table\.parquet: no such file/);
  });

  test("a dataset.json that contradicts itself or the files", async () => {
    await write(at("json"), 3);
    const path = join(at("json"), "dataset.json");
    const info = JSON.parse(readFileSync(path, "utf8"));
    const open = (change: object) => {
      writeFileSync(path, JSON.stringify({ ...info, ...change }));
      return openDataset(at("json"));
    };
    await expect(open({ count: 4 })).rejects.toThrow(/count is 4, the shards hold 3 images/);
    await expect(open({ bands: ["g"] })).rejects.toThrow(/shape has 2 channels, bands has 1 names/);
    await expect(open({ classes: ["one"] })).rejects.toThrow(/dataset\.json: classes must be none, or two/);
    await expect(open({ extra: 1 })).rejects.toThrow(/dataset\.json: .*extra/);
    await expect(open({ format: 9 })).rejects.toThrow(/is dataset format 9/);
    await expect(open({ pixels: "display" })).rejects.toThrow(/has dtype f4, display images are u1/);
    await expect(open({ shape: [2, 3, 4] })).rejects.toThrow(
      /has shape \[2,2,3,3\], dataset\.json says \[2,2,3,4\]/,
    );
    writeFileSync(path, "{");
    await expect(openDataset(at("json"))).rejects.toThrow(/dataset\.json: not valid JSON/);
  });

  test.each([
    ["a row too few", "DELETE FROM t WHERE id = 'toy-3'", /has 3 rows, dataset\.json counts 4 images/],
    ["an id twice", "UPDATE t SET id = 'toy-0' WHERE id = 'toy-2'", /row 3: has the id toy-0, as row 1 has/],
    ["a shard row twice", `UPDATE t SET "row" = 0 WHERE id = 'toy-1'`, /row 2: points to the image of row 1/],
    ["a shard outside", "UPDATE t SET shard = 7 WHERE id = 'toy-1'", /row 2: shard must be 0 to 1, got 7/],
    [
      "a row outside",
      `UPDATE t SET "row" = 2 WHERE id = 'toy-1'`,
      /row 2: row must be 0 to 1 \(shard 0\), got 2/,
    ],
    ["an unknown split", "UPDATE t SET split = 'dev' WHERE id = 'toy-1'", /row 2: split must be one of/],
    ["no id", "UPDATE t SET id = NULL WHERE id = 'toy-1'", /row 2: id must be a text, got null/],
    [
      "a group in two splits",
      `UPDATE t SET "group" = 'place-0' WHERE id = 'toy-3'`,
      /row 4: group place-0 is in test here and in train in row 1/,
    ],
    [
      "an unknown class",
      "UPDATE t SET label = 'arc' WHERE id = 'toy-1'",
      /row 2: label must be one of the classes ring, blob, got "arc"/,
    ],
    [
      "the same image in two splits",
      "UPDATE t SET image_sha = 'x' WHERE id IN ('toy-1', 'toy-2')",
      /row 3: the same image is in val here and in train in row 2/,
    ],
    ["a column missing", `ALTER TABLE t DROP "group"`, /has no column group; its columns are id/],
  ])("a table with %s", async (what, sql, message) => {
    const path = await writeAndSpoil(`spoiled ${what}`, sql);
    await expect(openDataset(path)).rejects.toThrow(message);
  });
});

test("a target knows images, ids and splits, and no label or column by any name", async () => {
  await write(at("target"), 4);
  const target = await openUnlabelled(at("target"));
  expect([...target.rows("train")]).toEqual([0, 1]);
  expect([...target.images([3]).data()]).toEqual([...fluxImage(3)]);
  expect(Object.keys(target.info)).not.toContain("classes");
  const reachable = new Set<string>();
  for (let o: object = target; o !== Object.prototype; o = Object.getPrototypeOf(o))
    for (const name of Object.getOwnPropertyNames(o)) reachable.add(name);
  for (const name of ["labels", "labelledRows", "column", "table", "dataset"])
    expect(reachable).not.toContain(name);
  expect(JSON.stringify(target)).not.toMatch(/ring|blob/);
  target.close();
});
