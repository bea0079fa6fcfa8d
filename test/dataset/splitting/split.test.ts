import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { type Dataset, openDataset } from "../../../src/dataset/dataset.ts";
import type { Split } from "../../../src/dataset/info.ts";
import { checkDisjoint } from "../../../src/dataset/splitting/disjoint.ts";
import { assignFolds, assignSplits } from "../../../src/dataset/splitting/split.ts";
import { writeDataset } from "../../../src/dataset/writer.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { fluxImage, row, SPEC, scratch } from "../../tiny/dataset.ts";

const THIRDS = { train: 0.8, val: 0.1, test: 0.1 };
const count = (splits: Split[], keep: (row: number) => boolean) => {
  const n = { train: 0, val: 0, test: 0 };
  splits.forEach((split, i) => {
    if (keep(i)) n[split]++;
  });
  return n;
};

describe("assignSplits", () => {
  test("splits single rows in proportion, each class by itself", () => {
    const groups = Array.from({ length: 1000 }, (_, i) => `g${i}`);
    const labels = groups.map((_, i) => (i < 100 ? "lens" : "not"));
    const splits = assignSplits(groups, labels, THIRDS, 7);
    expect(count(splits, (i) => labels[i] === "lens")).toEqual({ train: 80, val: 10, test: 10 });
    expect(count(splits, (i) => labels[i] === "not")).toEqual({ train: 720, val: 90, test: 90 });
  });

  test("never splits a group, and comes near the fractions with groups of 1 to 7", () => {
    const groups = Array.from({ length: 200 }, (_, g) => Array<string>((g % 7) + 1).fill(`g${g}`)).flat();
    const labels = groups.map((_, i) => ["a", "b", null][i % 3]!);
    const splits = assignSplits(groups, labels, THIRDS, 1);
    const assigned = new Map<string, Split>();
    groups.forEach((group, i) => {
      expect(assigned.get(group) ?? splits[i]).toBe(splits[i]);
      assigned.set(group, splits[i]!);
    });
    for (const label of ["a", "b", null]) {
      const { train, val, test: sealed } = count(splits, (i) => labels[i] === label);
      const all = train + val + sealed;
      expect(Math.abs(train / all - 0.8)).toBeLessThan(0.03);
      expect(Math.abs(val / all - 0.1)).toBeLessThan(0.03);
    }
  });

  test("gives each split its part of rare lenses among many others", () => {
    const groups = Array.from({ length: 3000 }, (_, i) => `g${Math.floor(i / 10)}`);
    const labels = groups.map((_, i) => (i % 100 === 0 ? "lens" : "not"));
    const splits = assignSplits(groups, labels, { train: 0.6, val: 0.2, test: 0.2 }, 2);
    const lenses = count(splits, (i) => labels[i] === "lens");
    expect(lenses).toEqual({ train: 18, val: 6, test: 6 });
    expect(Math.abs(count(splits, () => true).train / 3000 - 0.6)).toBeLessThan(0.02);
  });

  test("depends on the seed and the names, not on the rows' order", () => {
    const groups = Array.from({ length: 60 }, (_, i) => `g${i % 40}`);
    const a = assignSplits(groups, undefined, THIRDS, 3);
    const b = assignSplits(groups.toReversed(), undefined, THIRDS, 3).toReversed();
    expect(b).toEqual(a);
    expect(assignSplits(groups, undefined, THIRDS, 4)).not.toEqual(a);
  });

  test("leaves a split of fraction 0 empty and refuses fractions that don't sum to 1", () => {
    const splits = assignSplits(["a", "b", "c"], undefined, { train: 0, val: 0.5, test: 0.5 }, 0);
    expect(splits).not.toContain("train");
    expect(() => assignSplits(["a"], undefined, { train: 0.5, val: 0, test: 0 }, 0)).toThrow(/sum 1/);
  });
});

describe("assignFolds", () => {
  test("never splits a group, for many seeds, sizes of groups and numbers of folds", () => {
    for (let seed = 0; seed < 40; seed++) {
      const draws = new Draws(seed);
      const groups = Array.from({ length: 60 }, (_, g) =>
        Array<string>(draws.integer(1, 6)).fill(`g${g}`),
      ).flat();
      const labels = groups.map(() => (draws.chance(0.2) ? "lens" : "not"));
      for (const k of [2, 3, 5, 10]) {
        const folds = assignFolds(groups, labels, k, seed);
        const assigned = new Map<string, number>();
        groups.forEach((group, row) => {
          expect(assigned.get(group) ?? folds[row]).toBe(folds[row]);
          assigned.set(group, folds[row]!);
        });
        expect(new Set(folds).size).toBe(k);
        const splits = assignSplits(groups, labels, { train: 0.7, val: 0.1, test: 0.2 }, seed);
        const split = new Map(groups.map((group, row) => [group, splits[row]!]));
        expect(splits).toEqual(groups.map((group) => split.get(group)!));
      }
    }
  });

  test("gives each fold its part of each class", () => {
    const rows = Array.from({ length: 1000 }, (_, i) => i);
    const label = (i: number) => (i % 20 === 0 ? "lens" : "not"); // 50 lenses
    const single = assignFolds(
      rows.map((i) => `g${i}`),
      rows.map(label),
      5,
      1,
    );
    // Groups of four rows: the 50 groups with a lens have one each.
    const fours = assignFolds(
      rows.map((i) => `g${i >> 2}`),
      rows.map(label),
      5,
      1,
    );
    for (let fold = 0; fold < 5; fold++) {
      const count = (folds: Int32Array, name: string) =>
        rows.filter((i) => folds[i] === fold && label(i) === name).length;
      expect([count(single, "lens"), count(single, "not")]).toEqual([10, 190]);
      expect(count(fours, "lens")).toBe(10);
      expect(Math.abs(count(fours, "not") - 190)).toBeLessThanOrEqual(4);
    }
  });

  test("refuses fewer than two folds, and more folds than groups", () => {
    expect(() => assignFolds(["a", "b"], undefined, 1, 0)).toThrow(/at least 2/);
    expect(() => assignFolds(["a", "b", "b"], undefined, 3, 0)).toThrow(/number of groups \(2\)/);
  });
});

describe("checkDisjoint", () => {
  const folder = scratch();
  const make = async (name: string, from: number, more = (_: number) => ({})): Promise<Dataset> => {
    await writeDataset(join(folder, name), { ...SPEC, name }, async (writer) => {
      for (let i = from; i < from + 4; i++) writer.append(fluxImage(i), [row(i, more(i))]);
    });
    return openDataset(join(folder, name));
  };

  test("passes datasets that share nothing", async () => {
    checkDisjoint(await make("a", 0), await make("b", 10));
  });

  test("names the ids when an id, a group or an image is shared", async () => {
    const a = await make("first", 0);
    const ids = await make("ids", 20, (i) => (i === 22 ? { id: "toy-3" } : {}));
    expect(() => checkDisjoint(a, ids)).toThrow(
      /shares id "toy-3": toy-3 in first .* test and toy-3 in ids .* val/,
    );
    const groups = await make("groups", 30, (i) => (i === 31 ? { group: "place-2" } : {}));
    expect(() => checkDisjoint(a, groups)).toThrow(
      /shares group "place-2": toy-2 in first .* and toy-31 in groups/,
    );
    const images = await make("images", 2, (i) => ({ id: `other-${i}`, group: `other-${i}` }));
    expect(() => checkDisjoint(a, images)).toThrow(
      /shares the same image: toy-2 in first .* and other-2 in images .*\(the first of 2 such rows\)/,
    );
  });

  test("hashes the pixels itself if another program wrote the table, within a dataset as well", async () => {
    (await make("foreign", 40)).close();
    const table = join(folder, "foreign", "table.parquet");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`CREATE TABLE t AS SELECT * EXCLUDE image_sha FROM read_parquet('${table}')`);
    await connection.run(`COPY t TO '${table}' (FORMAT parquet)`);
    connection.closeSync();
    const whole = await openDataset(join(folder, "foreign"));
    checkDisjoint(whole);
    const shard = join(folder, "foreign", "images-00000.npy");
    const bytes = readFileSync(shard);
    bytes.copy(bytes, 128 + 3 * 72, 128, 128 + 72); // the fourth image, a test row, becomes the first, a train row
    writeFileSync(shard, bytes);
    const spoiled = await openDataset(join(folder, "foreign"));
    expect(() => checkDisjoint(spoiled)).toThrow(
      /same image: toy-40 in foreign .* train and toy-43 in foreign .* test/,
    );
  });
});
