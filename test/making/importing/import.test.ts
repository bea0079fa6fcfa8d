import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import type { ImportOptions } from "../../../src/making/importing/config.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { bytesOf, scratch, writeNpy } from "../../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
let serial = 0;

/** Value of image n at line y, column x, channel c: all different within an image and between images. */
const value = (n: number, y: number, x: number, c: number) => n * 16 + y * 4 * 2 + x * 2 + c;
const IMAGES = 8;

function rgb(layout: "hwc" | "chw"): Uint8Array {
  const bytes: number[] = [];
  for (let n = 0; n < IMAGES; n++)
    for (let a = 0; a < (layout === "hwc" ? 4 : 2); a++)
      for (let b = 0; b < 4; b++)
        for (let c = 0; c < (layout === "hwc" ? 2 : 4); c++)
          bytes.push(layout === "hwc" ? value(n, a, b, c) : value(n, b, c, a));
  return Uint8Array.from(bytes);
}

beforeAll(() => {
  writeNpy(at("hwc.npy"), "|u1", [IMAGES, 4, 4, 2], rgb("hwc"));
  writeNpy(at("chw.npy"), "|u1", [IMAGES, 2, 4, 4], rgb("chw"));
});

/** Imports `hwc.npy` with a table of the given lines; options override the defaults. */
function importing(csv: string[], options: Partial<ImportOptions> = {}) {
  const [table, out] = [at(`table-${++serial}.csv`), at(`out-${serial}`)];
  writeFileSync(table, `${csv.join("\n")}\n`);
  const usual = { images: [at("hwc.npy")], table, out, bands: ["g", "r"], pixelScale: 0.2 };
  return importImages({ ...usual, ...options }).then(async (report) => ({
    report,
    dataset: await openDataset(out),
    out,
  }));
}

const plain = ["id,row", ...Array.from({ length: IMAGES }, (_, i) => `a${i},${i}`)];

describe("images", () => {
  test.each(["hwc.npy", "chw.npy"])("of %s come channels first, cropped to the centre", async (file) => {
    const { dataset } = await importing(["id,row", "x,3", "y,1"], { images: [at(file)], size: 2 });
    expect(dataset.info).toMatchObject({
      pixels: "display",
      shape: [2, 2, 2],
      classes: [],
      bands: ["g", "r"],
    });
    const centre = (n: number) =>
      [0, 1].flatMap((c) => [1, 2].flatMap((y) => [1, 2].map((x) => value(n, y, x, c))));
    expect([...dataset.images([0, 1]).data()]).toEqual([...centre(3), ...centre(1)]);
    dataset.close();
  });

  test("of any number type but uint8 are flux", async () => {
    writeNpy(
      at("f8.npy"),
      ">i2",
      [2, 2, 2],
      Uint8Array.from([0, 1, 0, 2, 0, 3, 0, 4, 255, 255, 1, 0, 0, 0, 0, 9]),
    );
    const { dataset } = await importing(["id", "first", "second"], { images: [at("f8.npy")], bands: ["r"] });
    expect(dataset.info).toMatchObject({ pixels: "flux", shape: [1, 2, 2] });
    expect([...dataset.images([0, 1]).data()]).toEqual([1, 2, 3, 4, -1, 256, 0, 9]);
    dataset.close();
  });
});

describe("rows", () => {
  test("that can't be used are set aside with their reason, the others are imported", async () => {
    const nan = new Float32Array(5 * 9).map((_, i) => i);
    nan.fill(7, 9, 18);
    nan[20] = Number.NaN;
    nan[30] = Number.POSITIVE_INFINITY;
    writeNpy(at("bad.npy"), "<f4", [5, 3, 3], bytesOf(nan));
    writeNpy(at("small.npy"), "<f4", [1, 2, 2], bytesOf(new Float32Array([1, 2, 3, 4])));
    const { report, dataset, out } = await importing(
      [
        "id,array,row",
        "good,bad.npy,0",
        "flat,bad.npy,1",
        "hole,bad.npy,2",
        "bright,bad.npy,3",
        "far,bad.npy,5",
        "good,bad.npy,4",
        ",bad.npy,4",
        '"odd, one",bad.npy,1.5',
        "lost,other.npy,0",
        "tiny,small.npy,0",
        "last,bad.npy,4",
      ],
      { images: [at("bad.npy"), at("small.npy")], bands: ["r"], size: 3 },
    );
    expect(dataset.ids).toEqual(["good", "last"]);
    const table = `table-${serial}.csv`;
    expect(readFileSync(join(out, "set-aside.csv"), "utf8").split("\n")).toEqual([
      "file,row,id,kind,reason",
      `${table},2,flat,constant image,"constant image: bad.npy image 1, all pixels of each band are the same (7)"`,
      `${table},3,hole,not finite,"not finite: bad.npy image 2, 1 of 9 pixels are NaN or infinite"`,
      `${table},4,bright,not finite,"not finite: bad.npy image 3, 1 of 9 pixels are NaN or infinite"`,
      `${table},5,far,no such image,"no such image (bad.npy has rows 0 to 4, not 5)"`,
      `${table},6,good,duplicate id,duplicate id (first in row 1)`,
      `${table},7,,no id,no id`,
      `${table},8,"odd, one",row is not a whole number,"row is not a whole number (""1.5"")"`,
      `${table},9,lost,array not given,"array not given (""other.npy"")"`,
      `${table},10,tiny,too small,"too small: small.npy image 0, 2 × 2 pixels"`,
      "",
    ]);
    expect(report.setAside).toMatchObject({ "not finite": 2, "too small": 1, "duplicate id": 1 });
    dataset.close();
  });

  test("keep all columns of the table, and ids as written", async () => {
    const { dataset } = await importing([
      "id,row,split,ra,dec,mag,field,source",
      "007,0,train,10.5,-3,21.5,W1,1152921504606846977",
      "008,1,test,,,,,2",
    ]);
    expect(dataset.ids).toEqual(["007", "008"]);
    expect(dataset.column("ra")).toEqual([10.5, null]);
    expect(dataset.column("mag")).toEqual([21.5, null]);
    expect(dataset.column("field")).toEqual(["W1", null]);
    expect(dataset.column("source")).toEqual([1152921504606846977n, 2n]);
    expect(dataset.column("csv_split")).toEqual(["train", "test"]);
    expect(dataset.column("csv_row")).toEqual(["0", "1"]);
    dataset.close();
  });
});

describe("labels", () => {
  const graded = ["id,row,grade", "a,0,3", "b,1,2", "c,2,1.9", "d,3,0.71", "e,4,0.7", "f,5,0", "g,6,"];

  test("come from grades: lensFrom and above, notLensTo and below, none between", async () => {
    const { dataset, report } = await importing(graded, { labelFrom: "grade", lensFrom: 2, notLensTo: 0.7 });
    expect(dataset.info.classes).toEqual(["not-lens", "lens"]);
    expect(dataset.column("label")).toEqual(["lens", "lens", null, null, "not-lens", "not-lens", null]);
    expect([...dataset.labelledRows()]).toEqual([0, 1, 4, 5]);
    expect(() => dataset.labels([0, 2])).toThrow(/row 3 \(id c\): label must be given/);
    expect(report.labels).toEqual({ "not-lens": 2, lens: 2 });
    dataset.close();
  });

  test("come from a column of classes, an unknown one is set aside", async () => {
    const csv = ["id,row,kind", "a,0,ring", "b,1,arc", "c,2,blob", "d,3,", "e,4,dust"];
    const { dataset, report } = await importing(csv, {
      labelColumn: "kind",
      classes: ["ring", "blob", "arc"],
    });
    expect(dataset.info.classes).toEqual(["ring", "blob", "arc"]);
    expect(dataset.column("label")).toEqual(["ring", "arc", "blob", null]);
    expect(report.setAside).toEqual({ "unknown class": 1 });
    dataset.close();
  });

  test("that make no sense are refused", async () => {
    await expect(importing(graded, { labelFrom: "grade" })).rejects.toThrow(/need lensFrom and notLensTo/);
    await expect(importing(graded, { labelFrom: "grad", lensFrom: 2, notLensTo: 1 })).rejects.toThrow(
      /has no column grad, did you mean grade\? \(its columns are .*grade/,
    );
    await expect(
      importing([...graded, "h,7,A"], { labelFrom: "grade", lensFrom: 2, notLensTo: 1 }),
    ).rejects.toThrow(
      /table-\d+\.csv row 1: grade must be a number or empty, got "3"|row 8: grade must be a number/,
    );
    await expect(importing(["id,row,kind", "a,0,ring"], { labelColumn: "kind" })).rejects.toThrow(
      /two classes/,
    );
  });
});

describe("splits", () => {
  test("follow the fractions, by group, without a split column", async () => {
    const csv = ["id,row,group", ...Array.from({ length: IMAGES }, (_, i) => `a${i},${i},g${i >> 1}`)];
    const { dataset, report } = await importing(csv, { fractions: [0.5, 0.25, 0.25] });
    expect(report.splits).toEqual({ train: 4, val: 2, test: 2 });
    for (let i = 0; i < IMAGES; i += 2) expect(dataset.splits[i]).toBe(dataset.splits[i + 1]);
    dataset.close();
  });

  test("come from the split column by their meaning; part of train may become val", async () => {
    const csv = [
      "id,row,split",
      ...Array.from({ length: IMAGES }, (_, i) => `a${i},${i},${i < 6 ? "dev" : "sealed"}`),
    ];
    const splits = ["dev=train", "sealed=test"];
    const { dataset, report } = await importing(csv, { splits, valFraction: 1 / 3 });
    expect(report.splits).toEqual({ train: 4, val: 2, test: 2 });
    expect(dataset.splits.slice(6)).toEqual(["test", "test"]);
    dataset.close();
    await expect(importing(csv, { splits: ["dev=train"] })).rejects.toThrow(
      /csv row 7: split must be one of train, val, test, dev .*got "sealed"/,
    );
    await expect(importing(csv, { splits: ["dev=training"] })).rejects.toThrow(
      /splits\[0\] must be of the form dev=train/,
    );
    const ignored = await importing(csv, { splitColumn: null });
    expect(ignored.report.splits.val).toBeGreaterThan(0);
    ignored.dataset.close();
  });

  test("may not split a group", async () => {
    const csv = ["id,row,group,split", "a,0,g1,train", "b,1,g1,test"];
    await expect(importing(csv)).rejects.toThrow(
      /row 2: group g1 is in test here and in train in row 1; a group must stay in one split/,
    );
  });
});

describe("identical images", () => {
  const twins = ["id,row,group", "a,0,g3", "b,0,g1", "c,1,g1", "d,2,g4", "e,2,g4", "f,3,"];

  test("join their groups", async () => {
    const { dataset, report } = await importing(twins);
    expect(dataset.groups).toEqual(["g1", "g1", "g1", "g4", "g4", "f"]);
    expect(report.united).toEqual([["a", "b"]]);
    expect(new Set(dataset.splits.slice(0, 3)).size).toBe(1);
    dataset.close();
  });

  test("stay only in the most protected split if splits are given", async () => {
    const csv = ["id,row,split", "a,0,train", "b,0,test", "c,0,val", "d,1,train"];
    const { dataset, report } = await importing(csv);
    expect(dataset.ids).toEqual(["b", "d"]);
    expect(report.setAside).toEqual({ "identical image in another split": 2 });
    dataset.close();
  });
});

describe("bad files stop the import, and nothing is written", () => {
  const refusal = async (csv: string[], options: Partial<ImportOptions>, message: RegExp) => {
    await expect(importing(csv, options)).rejects.toThrow(message);
    expect(existsSync(at(`out-${serial}`)) || existsSync(at(`out-${serial}.partial`))).toBe(false);
  };

  test("missing, truncated, of another kind or shape", async () => {
    await refusal(plain, { images: [at("none.npy")] }, /none\.npy: no such file/);
    await refusal(plain, { table: at("none.csv") }, /none\.csv: no such file/);
    writeNpy(at("short.npy"), "|u1", [IMAGES, 4, 4, 2], rgb("hwc"));
    truncateSync(at("short.npy"), 200);
    await refusal(
      plain,
      { images: [at("short.npy")] },
      /short\.npy: holds \d+ bytes, its header promises 256/,
    );
    await refusal(
      plain,
      { bands: ["i", "r", "g"] },
      /hwc\.npy: shape must be of 3 channels .*got \[8,4,4,2\]/,
    );
    writeNpy(at("square.npy"), "|u1", [1, 2, 2, 2], new Uint8Array(8));
    await refusal(plain, { images: [at("square.npy")] }, /can be read both ways; give layout/);
    writeNpy(at("flux.npy"), "<f4", [1, 4, 4, 2], new Uint8Array(128));
    const two = [at("hwc.npy"), at("flux.npy")];
    await refusal(plain, { images: two }, /flux\.npy: holds flux pixels, hwc\.npy holds display pixels/);
    await refusal(
      plain,
      { images: [at("hwc.npy"), at("chw.npy")] },
      /with one that names each image's array/,
    );
  });

  test("a table that is ragged, has no such column or no row that can be used", async () => {
    await refusal(
      ["id,row", "a,0", "b,1,2,3", "c,2"],
      {},
      /table-\d+\.csv row 2: has 4 cells, the header 2$/,
    );
    await refusal(["title,row", "a,0"], {}, /has no column id; its columns are title, row/);
    await refusal(plain, { groupColumn: "place" }, /has no column place/);
    await refusal(["id,row"], {}, /no row can be imported; it has no rows/);
    await refusal(["id,row", "a,99"], {}, /no row can be imported; e\.g\. row 1: no such image/);
    await refusal(["id,row,ra", "a,0,10h30m"], {}, /row 1: ra must be a number \(degrees\), got "10h30m"/);
  });
});

test("provenance has the options and the sources' hashes", async () => {
  const { dataset } = await importing(plain, { seed: 5 });
  expect(dataset.info.provenance).toMatchObject({ command: "import", options: { seed: 5 }, setAside: 0 });
  const sources = dataset.info.provenance.sources as { file: string; bytes: number }[];
  expect(sources.map(({ file, bytes }) => [file, bytes])).toEqual([
    ["hwc.npy", readFileSync(at("hwc.npy")).length],
    [`table-${serial}.csv`, readFileSync(at(`table-${serial}.csv`)).length],
  ]);
  dataset.close();
});
