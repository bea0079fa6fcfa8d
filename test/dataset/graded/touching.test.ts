/** Rows that a model's graded rows touch: in the graded dataset by id, in others by what they share. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { openGradedRows } from "../../../src/dataset/graded/graded-rows.ts";
import type { GradedRecord } from "../../../src/dataset/graded/record.ts";
import { touching } from "../../../src/dataset/graded/touching.ts";
import { scratch } from "../../tiny/dataset.ts";
import { laid, picture } from "../../tiny/pictures.ts";
import { SKY_SIZE, skyImage, writeSkies } from "../../tiny/skies.ts";

const folder = scratch();
let record: GradedRecord;

beforeAll(async () => {
  await writeSkies(folder, "target", 100, { 3: { group: "target-0" } });
  const path = join(folder, "grades.csv");
  writeFileSync(path, "id,grade\ntarget-0,3\ntarget-1,0\ntarget-4,3\n");
  const grading = { positives: "grade >= 2", negatives: "grade <= 0.7" };
  record = (await openGradedRows(join(folder, "target"), path, grading, { alike: 0.9 })).record;
});

async function touched(name: string, alike = true) {
  const dataset = await openDataset(join(folder, name));
  const found = await touching(record, dataset, dataset.rows(), { alike });
  dataset.close();
  return found;
}

test("in the dataset itself: its graded rows, and those that left with them", async () => {
  expect(await touched("target")).toEqual({ graded: [0, 1, 4], left: [3], shared: [], notes: [] });
});

test("in another one: rows of a graded row's id, group, sky position, image, and image turned", async () => {
  await writeSkies(
    folder,
    "other",
    400,
    { 0: { id: "target-0" }, 1: { group: "target-0" }, 2: { ra: 11, dec: 1 + 1 / 3600 } },
    { 4: skyImage(104), 6: laid(picture(101, { size: SKY_SIZE, noise: 1 }), SKY_SIZE, 3) },
  );
  const { shared, graded } = await touched("other");
  expect(graded).toEqual([]);
  expect(shared.map(({ row, leak }) => [row, leak.kind])).toEqual([
    [0, "id"],
    [1, "group"],
    [2, "position"],
    [4, "identical"],
    [6, "alike"],
  ]);
  const quick = await touched("other", false);
  expect(quick.shared.map(({ row }) => row)).toEqual([0, 1, 2, 4]);
});

test("a dataset of other sky is not touched", async () => {
  await writeSkies(folder, "far", 700);
  expect(await touched("far")).toEqual({ graded: [], left: [], shared: [], notes: [] });
});
