/** The real target domain, if present: 1,098 CFHTLS cutouts of three sizes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NpyReader } from "../../src/dataset/npy.ts";
import { ALIKE, findLeaks } from "../../src/dataset/splitting/leaks/find.ts";
import { readRows } from "../../src/dataset/splitting/leaks/rows.ts";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { importImages } from "../../src/making/importing/import.ts";
import { slow } from "../slow.ts";
import { scratch } from "../tiny/dataset.ts";

slow("reads a whole survey");

const data = join(import.meta.dirname, "../../../shared/data/cfhtls");
const folder = scratch();
const options = {
  images: ["candidates", "ordinary", "field"].map((name) => join(data, `${name}.npy`)),
  table: join(data, "table.csv"),
  bands: ["i", "r", "g"],
  pixelScale: 0.1875,
  survey: "cfhtls",
  splits: ["dev=train", "sealed=test", "unlabelled=train"],
};

test.skipIf(!existsSync(data))(
  "all rows of CFHTLS come in unlabelled at 48 pixels, the sealed ones as test",
  async () => {
    const out = join(folder, "cfhtls");
    const report = await importImages({ ...options, out, size: 48 });
    expect(report.splits).toEqual({ train: 176 + 96 + 461, val: 0, test: 253 + 112 });
    expect(report.setAside).toEqual({});
    expect(report.unlisted).toBe(0);
    // The same piece of sky is in field.npy twice.
    expect(report.united).toHaveLength(5);
    expect(report.united.flat().every((id) => id.startsWith("field-"))).toBe(true);
    const target = await openUnlabelled(out);
    expect(target.info).toMatchObject({ count: 1098, shape: [3, 48, 48], pixels: "display" });
    const row = target.ids.indexOf("cand-0001");
    const original = new NpyReader(join(data, "candidates.npy"));
    const pixels = original.read(1);
    const expected = [0, 1, 2].flatMap((c) =>
      Array.from(
        { length: 48 * 48 },
        (_, p) => pixels[((24 + Math.floor(p / 48)) * 96 + 24 + (p % 48)) * 3 + c]!,
      ),
    );
    expect([...target.images([row]).data()]).toEqual(expected);
    original.close();
    target.close();

    // By eye, each of these pairs is one sky position, resampled, in a stacked frame of other noise.
    const { leaks } = await findLeaks([await readRows(out)], [], { radius: 3, alike: ALIKE });
    expect(leaks.map(({ kind }) => kind)).toEqual(Array(23).fill("alike"));
    for (const { a, b, value } of leaks) {
      expect([a, b].map(({ row }) => target.ids[row]!.split("-")[0]).sort()).toContain("field");
      expect(value).toBeGreaterThan(0.95);
    }
  },
);

test.skipIf(!existsSync(data))("at 64 pixels the ordinary objects are set aside as too small", async () => {
  const out = join(folder, "cfhtls-64");
  const report = await importImages({
    ...options,
    out,
    size: 64,
    labelFrom: "grade",
    lensFrom: 2,
    notLensTo: 0.7,
  });
  expect(report.setAside).toEqual({ "too small": 208 });
  expect(report.info.count).toBe(429 + 461);
  // Counted in table.csv: dev candidates of grade 2.0, 2.3, 2.7, 3.0 and of 0.3, 0.7.
  expect(report.labels).toEqual({ "not-lens": 69 + 32, lens: 10 + 9 + 16 + 4 });
});
