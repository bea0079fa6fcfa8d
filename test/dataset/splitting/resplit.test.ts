import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { resplitConfig } from "../../../src/dataset/splitting/config.ts";
import { resplit } from "../../../src/dataset/splitting/resplit.ts";
import { writeDataset } from "../../../src/dataset/writer.ts";
import { fluxImage, row, SPEC, scratch } from "../../tiny/dataset.ts";
import { picture } from "../../tiny/pictures.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const config = (dataset: string, out: string, more: object) =>
  resplitConfig.parse({ dataset: at(dataset), out: at(out), ...more });

/** 40 rows in 20 groups of two, a column of whole numbers, positions in pairs. */
async function write(name: string): Promise<void> {
  const spec = { ...SPEC, name, columns: { note: "whole" as const } };
  await writeDataset(
    at(name),
    spec,
    async (writer) => {
      for (let i = 0; i < 40; i++)
        writer.append(fluxImage(i), [
          row(i, {
            group: `g${String(i >> 1).padStart(2, "0")}`,
            split: "train",
            note: 7 * i,
            // Rows 0 and 39 are two arcsec apart, across 0°.
            ra: i === 0 ? 359.9997 : i === 39 ? 0.0002 : 10 * (i >> 1) + 5,
            dec: 0,
            label: i % 4 === 3 ? null : i % 2 === 0 ? "ring" : "blob",
          }),
        ]);
    },
    15 * 72 + 128, // shards of 15 images
  );
}

describe("resplit", () => {
  test("keeps images, columns, order and provenance; writes new splits; leaves the old folder alone", async () => {
    await write("old");
    const before = readFileSync(join(at("old"), "table.parquet"));
    const { written, copied, groups } = await resplit(
      config("old", "new", { fractions: [0.5, 0.2, 0.3], seed: 3 }),
      {
        provenance: { arclet: "x" },
      },
    );
    expect(copied).toBe(false);
    expect(groups).toBe(20);
    expect(readFileSync(join(at("old"), "table.parquet"))).toEqual(before);
    const [old, dataset] = [await openDataset(at("old")), await openDataset(at("new"))];
    await dataset.verify();
    for (const { file } of old.info.shards) {
      const [a, b] = [statSync(join(at("old"), file)), statSync(join(at("new"), file))];
      expect([b.ino, b.nlink]).toEqual([a.ino, 2]);
    }
    expect(dataset.ids).toEqual(old.ids);
    expect(dataset.groups).toEqual(old.groups);
    expect(dataset.table.names).toEqual(old.table.names);
    for (const name of ["note", "label", "image_sha", "ra"])
      expect(dataset.column(name)).toEqual(old.column(name));
    expect([...dataset.images([17]).data()]).toEqual([...old.images([17]).data()]);
    expect(dataset.info.provenance).toMatchObject({
      command: "split",
      arclet: "x",
      parent: { name: "old", contentHash: old.info.contentHash, provenance: { command: "test" } },
    });
    const count = (split: string) => dataset.splits.filter((one) => one === split).length;
    expect([count("train"), count("val"), count("test")]).toEqual([20, 8, 12]);
    expect(written[0]!.counts[0]).toMatchObject({ split: "train", rows: 20 });
    old.close();
    dataset.close();
  });

  test("every row is in the test split of one fold, given in the column fold", async () => {
    await write("folded");
    await resplit(config("folded", "folds", { folds: 4, valFraction: 0.2 }));
    const tested = new Map<string, number>();
    for (let k = 0; k < 4; k++) {
      const dataset = await openDataset(join(at("folds"), `fold-${k}`));
      dataset.ids.forEach((id, i) => {
        expect(dataset.column("fold")[i] === k).toBe(dataset.splits[i] === "test");
        if (dataset.splits[i] === "test") tested.set(id, (tested.get(id) ?? 0) + 1);
      });
      expect(dataset.rows("val").length).toBe(6);
      dataset.close();
    }
    expect([...tested.values()]).toEqual(Array(40).fill(1));
    // Splitting again replaces the column.
    const again = await resplit(
      resplitConfig.parse({ dataset: join(at("folds"), "fold-0"), out: at("again"), folds: 2, fold: 1 }),
    );
    expect(again.written).toHaveLength(1);
    const dataset = await openDataset(at("again"));
    expect(dataset.table.names.filter((name) => name === "fold")).toHaveLength(1);
    expect(Math.max(...(dataset.column("fold") as number[]))).toBe(1);
    dataset.close();
  });

  test("groups are joined by sky and by ids, and take their first name", async () => {
    await write("grouped");
    const sky = await resplit(config("grouped", "by-sky", { fractions: [0.5, 0, 0.5], groupSky: 3 }));
    expect(sky.united).toEqual([{ by: "sky positions", joined: 1 }]);
    const dataset = await openDataset(at("by-sky"));
    expect(dataset.groups[39]).toBe("g00");
    expect(dataset.groups[38]).toBe("g00");
    expect(dataset.splits[39]).toBe(dataset.splits[0]);
    dataset.close();
    // toy-1 and toy-10 to toy-19, and so on: the first digit.
    const ids = await resplit(
      config("grouped", "by-id", { fractions: [0.5, 0, 0.5], groupId: "^toy-(\\d)" }),
    );
    expect(ids.groups).toBeLessThan(10);
    await expect(
      resplit(config("grouped", "x", { fractions: [0.5, 0, 0.5], groupId: "^sim" })),
    ).rejects.toThrow(/matches no id, e.g. toy-0/);
    await expect(resplit(config("grouped", "x", { fractions: [0.5, 0, 0.5], groupId: "(" }))).rejects.toThrow(
      /id pattern/,
    );
  });

  test("images that are nearly the same come together", async () => {
    const spec = { ...SPEC, name: "sky", shape: [2, 48, 48] as [number, number, number] };
    await writeDataset(at("sky"), spec, async (writer) => {
      for (let i = 0; i < 12; i++)
        writer.append(picture(i % 11, { scale: i === 11 ? 1.01 : 1 }), [row(i, { split: "train" })]);
    });
    const { united } = await resplit(
      config("sky", "alike", { fractions: [0.5, 0, 0.5], groupPixels: "alike" }),
    );
    expect(united).toEqual([{ by: "nearly identical images", joined: 1 }]);
    const dataset = await openDataset(at("alike"));
    expect(dataset.groups[11]).toBe("place-0");
    dataset.close();
  });

  test("an error keeps what was written: the same call resumes there, to the same bytes", async () => {
    await write("kept");
    const filesOf = (name: string) =>
      readdirSync(at(name), { recursive: true, encoding: "utf8" })
        .filter((file) => statSync(join(at(name), file)).isFile())
        .sort()
        .map((file) => [file, readFileSync(join(at(name), file), "hex")]);
    const typed = { provenance: { command: "arclet split kept --folds 3" } };
    const folds = (out: string) => resplit(config("kept", out, { folds: 3, seed: 2 }), typed);
    await folds("straight");
    // Another machine works on the second fold.
    mkdirSync(at("stopped"));
    const lock = join(at("stopped"), "fold-1.partial.lock");
    writeFileSync(lock, "1 elsewhere");
    await expect(folds("stopped")).rejects.toThrow(/process 1 on elsewhere is working on it/);
    rmSync(lock);
    const first = statSync(join(at("stopped"), "fold-0", "table.parquet")).ino;
    const { written } = await folds("stopped");
    expect(statSync(join(at("stopped"), "fold-0", "table.parquet")).ino).toBe(first);
    expect(filesOf("stopped")).toEqual(filesOf("straight"));
    expect(written.map(({ counts }) => counts.map(({ rows }) => rows))).toEqual(
      (await folds("third")).written.map(({ counts }) => counts.map(({ rows }) => rows)),
    );
    await expect(folds("stopped")).rejects.toThrow(/a name that is not taken/);
    // A file that can't be copied, after the images.
    const one = { fractions: [0.5, 0.2, 0.3] };
    mkdirSync(join(at("kept"), "log"));
    const single = (out: string) => resplit(config("kept", out, one), { also: ["log"] });
    await expect(single("single")).rejects.toThrow(
      /what was made is kept in .*single\.partial: the same command resumes there/,
    );
    expect(existsSync(join(at("single.partial"), "images-00000.npy"))).toBe(true);
    await expect(resplit(config("kept", "single", { ...one, seed: 9 }))).rejects.toThrow(
      /was started with seed/,
    );
    rmSync(join(at("kept"), "log"), { recursive: true });
    writeFileSync(join(at("kept"), "log"), "a line");
    await single("single");
    await single("double");
    expect(filesOf("single").filter(([file]) => file !== "dataset.json")).toEqual(
      filesOf("double").filter(([file]) => file !== "dataset.json"),
    );
    expect(existsSync(at("single.partial"))).toBe(false);
  });

  test("refuses settings that contradict each other, a taken name, and a dataset that has changed", async () => {
    await write("whole");
    const refused = (more: object, out = "none") => resplit(config("whole", out, more));
    await expect(refused({})).rejects.toThrow(/split: fractions must be given where folds are not/);
    await expect(refused({ folds: 3, fold: 3 })).rejects.toThrow(/split: fold must be 0 to 2, got 3/);
    await expect(refused({ folds: 21 })).rejects.toThrow(/at most the number of groups \(20\)/);
    await expect(refused({ fractions: [0.5, 0.5, 0.5] })).rejects.toThrow(/sum 1/);
    await expect(refused({ folds: 2, stratify: "grade" })).rejects.toThrow(/split: stratify must be one of/);
    await expect(refused({ folds: 2, groupPixels: "alike" })).rejects.toThrow(/under 16 pixels/);
    mkdirSync(join(at("taken"), "fold-1"), { recursive: true });
    await expect(refused({ folds: 2 }, "taken")).rejects.toThrow(/fold-1/);
    const shard = join(at("whole"), "images-00000.npy");
    const bytes = readFileSync(shard);
    bytes[200]! ^= 1;
    writeFileSync(shard, bytes);
    await expect(refused({ folds: 2 })).rejects.toThrow(/has changed since it was written/);
  });
});
