import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { gradesConfig } from "../../../src/evaluate/grading/config.ts";
import { consensusOf } from "../../../src/evaluate/grading/consensus.ts";
import { readGrades } from "../../../src/evaluate/grading/grades-table.ts";
import { slow } from "../../slow.ts";

slow("opens a database for each table");

const folder = mkdtempSync(join(tmpdir(), "arclet-grades-"));
afterAll(() => rmSync(folder, { recursive: true }));
const table = (...lines: string[]) => {
  const path = join(folder, "grades.csv");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
const read = (lines: string[], settings: object = {}) =>
  readGrades(gradesConfig.parse({ table: table(...lines), ...settings }));

const LETTERS = [
  "id,grader,grade,round,group",
  "a,eve,A,1,g1",
  "a,bo,B,1,g1",
  "b,eve,X,1,",
  "a,eve,B,2,g1",
  "b,bo,,1,",
  "b,bo,C,1,",
];

test("letters have their usual order; the last round counts, and the first is kept for who looked twice", async () => {
  const made = await read(LETTERS);
  expect(made.names).toEqual(["X", "C", "B", "A"]);
  expect(made.values).toEqual([0, 1, 2, 3]);
  expect(made.ids).toEqual(["a", "b"]);
  expect(made.graders).toEqual(["bo", "eve"]);
  expect(made.groups).toEqual(["g1", null]);
  expect(made.repeats).toEqual([{ object: 0, grader: 1, grade: 2, first: 3 }]);
  expect(made.notes).toEqual([
    expect.stringContaining("1 rows have no grade"),
    "of who looked more than once the last round counts",
  ]);
  const { means, counts, graders } = await consensusOf(made, 0);
  expect(means).toEqual([2, 0.5]);
  expect(counts).toEqual([2, 2]);
  const eve = graders[1]!;
  expect(eve).toMatchObject({ grader: "eve", graded: 2, above: -0.5, repeated: 1 });
  expect(eve.same!.value).toBe(0);
});

test("rounds are ordered by number, not by letter", async () => {
  const rows = ["id,grader,grade,round", "a,eve,0,10", "a,eve,3,9", "b,eve,3,1"];
  const { repeats } = await read(rows);
  expect(repeats).toEqual([{ object: 0, grader: 0, grade: 0, first: 1 }]);
});

test("numbers are their own values, an order and values may be given", async () => {
  expect(await read(["id,grader,grade", "a,eve,2.5", "b,eve,-1", "c,eve,2.5"])).toMatchObject({
    names: ["-1", "2.5"],
    values: [-1, 2.5],
  });
  const words = ["id,grader,grade", "a,eve,yes", "b,eve,no"];
  const order = { order: ["no", "maybe", "yes"], values: [0, 1, 5] };
  expect(await read(words, order)).toMatchObject({ names: order.order, values: order.values });
});

test("with one grader an object there is a mean, and neither agreement nor a model", async () => {
  const made = await consensusOf(await read(["id,grader,grade", "a,eve,1", "b,bo,3"]), 0);
  expect(made).toMatchObject({ means: [1, 3], model: null, shared: 0, agreement: [] });
  expect(made.graders[0]).toMatchObject({ above: null, right: null, repeated: 0, same: null });
});

describe("what can't be used is refused with its row, or left out and counted", () => {
  const refused = (message: RegExp, lines: string[], settings = {}) =>
    expect(read(lines, settings)).rejects.toThrow(message);

  test("grades", async () => {
    const head = "id,grader,grade";
    await refused(/row 3 \(id a\): eve says B here and A in row 1; remove one, or mark who looked twice/, [
      head,
      "a,eve,A",
      "b,eve,X",
      "a,eve,B",
    ]);
    await refused(/row 2: grade must be one of no, yes, got "maybe"/, [head, "a,eve,yes", "b,eve,maybe"], {
      order: ["no", "yes"],
    });
    await refused(/the order of its grades is not known: good, bad; give --order/, [
      head,
      "a,eve,good",
      "b,eve,bad",
    ]);
    await refused(/grades must be two different ones or more, got "A"/, [head, "a,eve,A", "b,bo,A"]);
    await refused(/has no grade/, [head, "a,eve,", "b,bo,NaN"]);
    await refused(/row 2: grader must be given/, [head, "a,eve,A", "b,,B"]);
    await refused(/row 1: id must be given/, [head, ",eve,A", "b,bo,B"]);
    await refused(/has no column grader, .*its columns are id, grade/, ["id,grade", "a,1"]);
    await refused(/group must be g1, as in another row of this object, got "g2"/, [
      `${head},group`,
      "a,eve,A,g1",
      "a,bo,B,g2",
    ]);
    await refused(
      /values must be 4 numbers that rise, one for each of X, C, B, A, got \[3,2,1,0\]/,
      [head, "a,eve,A", "b,eve,B"],
      { values: [3, 2, 1, 0] },
    );
    await refused(/grades must be at most 20 different ones/, [
      head,
      ...Array.from({ length: 21 }, (_, i) => `o${i},eve,${i / 7}`),
    ]);
  });

  test("a row that says the same again counts once", async () => {
    const made = await read(["id,grader,grade", "a,eve,A", "a,eve,A", "b,eve,X"]);
    expect(made.grades).toHaveLength(2);
    expect(made.notes).toEqual([expect.stringContaining("1 rows repeat another")]);
  });
});
