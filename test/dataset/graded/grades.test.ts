/** People's grades, read from a table: conditions or a soft label, several graders, and what is set aside or refused. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeCatalog } from "../../../src/catalog/write.ts";
import { readGrades } from "../../../src/dataset/graded/grades.ts";
import { fileHash } from "../../../src/dataset/hash.ts";
import { scratch } from "../../tiny/dataset.ts";

const folder = scratch();

/** A table of grades as CSV. */
function csv(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
const hard = { positives: "grade >= 2", negatives: "grade <= 0.7" };
const soft = { soft: "grade", range: [0, 4] } as const;

test("rows are graded by two conditions; a row that meets neither is not graded", async () => {
  const path = csv("hard.csv", "name,grade", "007,3", "a,0.5", "b,1", "c,2");
  const { grades, setAside, neither, sha256 } = await readGrades(path, hard);
  expect(grades).toEqual([
    { id: "007", row: 1, lens: 1, kind: null },
    { id: "a", row: 2, lens: 0, kind: null },
    { id: "c", row: 4, lens: 1, kind: null },
  ]);
  expect([setAside, neither, sha256]).toEqual([[], 1, fileHash(path)]);
});

test("a mean grade is a soft label: its range maps to 0 to 1, either way round", async () => {
  const path = csv("soft.csv", "id,grade", "a,3", "b,0", "c,4");
  const labels = async (range: readonly [number, number]) =>
    (await readGrades(path, { soft: "grade", range })).grades.map(({ lens }) => lens);
  expect(await labels([0, 4])).toEqual([0.75, 0, 1]);
  expect(await labels([4, 0])).toEqual([0.25, 1, 0]);
});

test.each(["parquet", "vot", "fits"])("grades are read from .%s as well", async (extension) => {
  const path = join(folder, `g.${extension}`);
  const columns = [
    { name: "id", type: "text" },
    { name: "grade", type: "number" },
  ] as const;
  await writeCatalog(path, columns, [
    ["a", 3],
    ["b", null],
    ["c", 1],
  ]);
  const { grades, setAside } = await readGrades(path, soft);
  expect(grades.map(({ id, lens }) => [id, lens])).toEqual([
    ["a", 0.75],
    ["c", 0.25],
  ]);
  expect(setAside).toEqual([{ row: 2, id: "b", reason: "no grade" }]);
});

test("graders of one row are averaged; the same grade twice counts once", async () => {
  const lines = ["id,grade,grader", "a,3,anna", "a,0,ben", "a,3,anna", "b,0,anna", "c,2,ben"];
  const { grades, setAside } = await readGrades(csv("graders.csv", ...lines), hard);
  expect(grades.map(({ id, lens }) => [id, lens])).toEqual([
    ["a", 0.5],
    ["b", 0],
    ["c", 1],
  ]);
  expect(setAside).toEqual([]);
});

test("a row's kind is what its graders name, if they agree", async () => {
  const lines = [
    "id,grade,grader,what",
    "a,0,anna,ring",
    "a,0,ben, ring ",
    "b,0,anna,ring",
    "b,0,ben,merger",
  ];
  const path = csv("kinds.csv", ...lines, "c,0,anna,", "d,0,anna,", "d,0,ben,spiral", "e,3,ben,");
  const { grades } = await readGrades(path, hard, "what");
  expect(grades.map(({ id, kind }) => [id, kind])).toEqual([
    ["a", "ring"],
    ["b", null],
    ["c", null],
    ["d", "spiral"],
    ["e", null],
  ]);
  await expect(readGrades(path, hard, "whta")).rejects.toThrow(/whta/);
});

test("rows that contradict each other are set aside, and so is a grader who contradicts himself", async () => {
  const alone = await readGrades(csv("twice.csv", "id,grade", "a,3", "b,0", "a,0", "b,0", "c,2"), hard);
  expect(alone.grades.map(({ id }) => id)).toEqual(["b", "c"]);
  expect(alone.setAside).toEqual([
    { row: 3, id: "a", reason: "it is graded twice, in rows 1 and 3, not alike" },
  ]);
  const lines = ["id,grade,grader", "a,3,anna", "a,0,anna", "b,0,ben", "c,2,ben"];
  const graders = await readGrades(csv("himself.csv", ...lines), hard);
  expect(graders.grades.map(({ id }) => id)).toEqual(["b", "c"]);
  expect(graders.setAside.map(({ reason }) => reason)).toEqual([
    "anna graded it twice, in rows 1 and 2, not alike",
  ]);
});

test("a soft label that is empty, NaN or a text is set aside, a row without an id too", async () => {
  const lines = ["id,grade", "a,1", "b,", "c,NaN", ",2", "d,3"];
  const { grades, setAside } = await readGrades(csv("gaps.csv", ...lines), soft);
  expect(grades.map(({ id }) => id)).toEqual(["a", "d"]);
  expect(setAside.map(({ row, id }) => [row, id])).toEqual([
    [2, "b"],
    [3, "c"],
    [4, ""],
  ]);
  expect(setAside.at(-1)!.reason).toBe("it has no id");
  const words = csv("words.csv", "id,grade", "a,1", "b,good", "c,2");
  expect((await readGrades(words, soft)).setAside).toEqual([
    { row: 2, id: "b", reason: "grade is good, not a number" },
  ]);
});

test.each([
  [
    "a number beyond the range",
    ["id,grade", "a,1", "b,7"],
    soft,
    /row 2 \(id b\): grade must be from 0 to 4 \(--graded-range\), got 7/,
  ],
  [
    "a row of both conditions",
    ["id,grade", "a,1"],
    { positives: "grade > 0", negatives: "grade < 2" },
    /row 1 \(id a\): meets both/,
  ],
  [
    "no graded row",
    ["id,grade", "a,1", "b,1"],
    hard,
    /none of its 2 rows is graded \(lens: grade >= 2; no lens: grade <= 0.7\)/,
  ],
  ["a table without a row", ["id,grade"], hard, /has no row/],
  [
    "an unknown column",
    ["id,grade", "a,1"],
    { soft: "grades", range: [0, 1] as const },
    /has no column grades, did you mean grade/,
  ],
  [
    "a condition that is a statement",
    ["id,grade", "a,1"],
    { ...hard, positives: "grade); drop table g; --" },
    /is not a valid condition/,
  ],
  ["no column of ids", ["x,grade", "a,1"], hard, /columns must be a list with an id column/],
] as const)("%s is refused", async (what, lines, grading, message) => {
  const path = csv(`${what.replaceAll(" ", "-")}.csv`, ...lines);
  await expect(readGrades(path, grading)).rejects.toThrow(message);
});
