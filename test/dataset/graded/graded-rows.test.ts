/** The graded role of a target: what leaves the unlabelled one with a graded row, and what is refused. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { GradedDataset, openGraded } from "../../../src/dataset/graded/graded-dataset.ts";
import { openGradedRows } from "../../../src/dataset/graded/graded-rows.ts";
import { gradedRecord } from "../../../src/dataset/graded/record.ts";
import { openUnlabelled } from "../../../src/dataset/unlabelled.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import { scratch } from "../../tiny/dataset.ts";
import { laid, picture } from "../../tiny/pictures.ts";
import { SKY_SIZE, skyImage, writeSkies } from "../../tiny/skies.ts";

const folder = scratch();
const target = join(folder, "target");
const grading = { positives: "grade >= 2", negatives: "grade <= 0.7" };
const options = { alike: 0.9 };

/**
 * Row 0 is to be graded. Row 3 is of its group, row 6 at its position, row 8 its image turned and taken again, in test; row 9
 * is that image's group-mate.
 */
beforeAll(() =>
  writeSkies(
    folder,
    "target",
    100,
    {
      1: { split: "test" },
      3: { group: "target-0" },
      6: { ra: 1, dec: 1 + 2 / 3600 },
      8: { split: "test", group: "pair" },
      9: { split: "test", group: "pair" },
    },
    { 8: laid(picture(100, { size: SKY_SIZE, noise: 1 }), SKY_SIZE, 5) },
  ),
);

function grades(name: string, ...rows: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `id,grade\n${rows.join("\n")}\n`);
  return path;
}
const open = (path: string) => openGradedRows(target, path, grading, options);

test("a graded row's group, sky position and like image leave with it, in whatever split they are", async () => {
  const { rows, lens, groups, left, record } = await open(grades("two.csv", "target-1,0", "target-0,3"));
  expect([...rows]).toEqual([0, 1]);
  expect([...lens]).toEqual([1, 0]);
  expect([...left]).toEqual([3, 6, 8, 9]);
  // The first name of the united groups.
  expect(groups).toEqual(["pair", "target-1"]);
  const unlabelled = await openUnlabelled(target, undefined, [...rows, ...left]);
  expect([...unlabelled.rows("train")]).toEqual([4, 7, 10]);
  expect([...unlabelled.rows("test")]).toEqual([]);
  expect(() => unlabelled.images([4, 8])).toThrow(/row 9: row must be one of the unlabelled target/);
  unlabelled.close();

  expect(gradedRecord.parse(record)).toEqual(record);
  expect(record.rows.map(({ id, group, lens: p }) => [id, group, p])).toEqual([
    ["target-0", "target-0", 1],
    ["target-1", "target-1", 0],
  ]);
  expect(record.left).toEqual(["target-3", "target-6", "target-8", "target-9"]);
  const dataset = await openDataset(target);
  expect(record.rows.map(({ image }) => image)).toEqual(dataset.imageHashes().slice(0, 2));
  expect(record.rows[0]).toMatchObject({ ra: 1, dec: 1 });
  dataset.close();
});

test("without --graded-alike only identical images leave", async () => {
  const path = grades("identical.csv", "target-1,0", "target-0,3");
  const { left } = await openGradedRows(target, path, grading, { alike: null });
  expect([...left]).toEqual([3, 6]);
});

test("the graded dataset shows its rows and their soft labels, and no other row", async () => {
  const path = grades("soft.csv", "target-4,1", "target-1,0", "target-0,3");
  const found = await openGradedRows(target, path, { soft: "grade", range: [0, 4] }, options);
  const graded = await openGraded(target, found, 1);
  tidy(() => graded.images(Int32Array.of(0))); // maps the file
  const before = liveTensors();
  tidy(() => {
    const picked = Int32Array.of(2, 0);
    expect(graded.labels(picked).numbers()).toEqual([0.75, 0.25, 0.25, 0.75]);
    const images = graded.images(picked);
    expect(images.shape).toEqual([2, 2, SKY_SIZE, SKY_SIZE]);
    expect(images.select(0, 1).flatten(0).numbers()).toEqual([...skyImage(100)]);
  });
  expect(liveTensors()).toBe(before);
  expect(graded.lenses).toBe(1);
  const part = graded.part(Int32Array.of(2, 0));
  expect([part.count, part.lenses, ...part.all, ...part.classes]).toEqual([2, 1, 0, 1, 0, 1]);
  tidy(() => {
    expect(part.labels([1, 0]).numbers()).toEqual([0.25, 0.75, 0.75, 0.25]);
    expect(part.images([1]).flatten(0).numbers()).toEqual([...skyImage(100)]);
    expect(() => part.images([2])).toThrow(/row must be from 0 to 1, got 2/);
  });
  expect(liveTensors()).toBe(before);
  expect([...graded.classes]).toEqual([1, 0, 0]);
  expect(() => graded.images(Int32Array.of(3))).toThrow(/row must be from 0 to 2, got 3/);
  expect(JSON.stringify(Object.keys(graded))).not.toMatch(/dataset|table/);
  expect(new GradedDataset(await openDataset(target), found, 0).labels(Int32Array.of(0)).numbers()).toEqual([
    0.75, 0.25,
  ]);
  // Each class equally often, though most are no lenses.
  const sampler = graded.sampler(8, 3, "classes");
  expect([...sampler.at(0)].filter((i) => i === 0)).toHaveLength(4);
  expect(new Set(graded.sampler(3, 3, "none").at(5))).toEqual(new Set([0, 1, 2]));
  graded.close();
});

test("ids that the target doesn't have are set aside", async () => {
  const { rows, setAside, notes } = await open(
    grades("strange.csv", "target-1,0", "elsewhere,3", "target-4,3"),
  );
  expect([...rows]).toEqual([1, 4]);
  expect(setAside).toEqual([{ row: 2, id: "elsewhere", reason: `the target ${target} has no such id` }]);
  expect(notes.join()).toContain("1 rows are set aside: row 2 (elsewhere)");
});

test.each([
  [
    "no id of the target",
    ["x,0", "y,3"],
    /none of its 2 graded ids is in .*; they look like x, the target's like target-0/,
  ],
  [
    "lenses alone",
    ["target-0,3", "target-1,3"],
    /its 2 graded rows are all lenses .*, and both classes are needed/,
  ],
  [
    "one group alone",
    ["target-0,3", "target-3,0"],
    /all of its 2 graded rows are of one group in .* \(pair\)/,
  ],
  [
    "one group by its pixels alone",
    ["target-0,3", "target-9,0"],
    /all of its 2 graded rows are of one group/,
  ],
])("%s is refused", async (what, rows, message) => {
  await expect(open(grades(`${what.replaceAll(" ", "-")}.csv`, ...rows))).rejects.toThrow(message);
});
