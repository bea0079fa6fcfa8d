import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { matchGraded, readGraded } from "../../../src/evaluate/combination/graded.ts";
import { inputsOf } from "../../../src/evaluate/combination/inputs.ts";
import { joinTables } from "../../../src/evaluate/combination/joined.ts";
import { slow } from "../../slow.ts";

slow("opens a database for each table");

const folder = mkdtempSync(join(tmpdir(), "arclet-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, ...lines: string[]) => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
const joined = (...texts: string[]) => joinTables(inputsOf(texts));

const one = write("one.csv", "id,score,ra,dec", "a,0.5,10,1", "b,,11,2", "c,nan,,", "007,1,12,3");
const two = write("two.csv", "id,score,votes,leak", "c,2,0.1,true", "d,-1,0.9,true", "a,3,0.4,");

test("inputs are named by the user, else by their column, else by their file", () => {
  expect(inputsOf([one, `${two}:votes`, `mine=${two}`])).toEqual([
    { name: "one", path: one, column: "score" },
    { name: "votes", path: two, column: "votes" },
    { name: "mine", path: two, column: "score" },
  ]);
  const odd = write("a=b:c.csv", "id,score", "a,1");
  expect(inputsOf([odd])[0]).toMatchObject({ path: odd, column: "score" });
});

test("two of one name are refused, with the way out", () => {
  expect(() => inputsOf([two, "elsewhere/two.csv"])).toThrow(
    /elsewhere\/two\.csv: it and .*two\.csv are both called two; name one: NAME=elsewhere\/two\.csv$/,
  );
  expect(() => inputsOf([`${two}:votes`, `${two}:votes`])).toThrow(/its column votes is given twice$/);
});

test("tables are joined by id; an empty score and NaN are none, and no row is lost", async () => {
  const { ids, scores, positions, leak, notes } = await joined(one, two);
  const none = Number.NaN;
  expect(ids).toEqual(["a", "b", "c", "007", "d"]);
  expect(scores.map((column) => [...column])).toEqual([
    [0.5, none, none, 1, none],
    [3, none, 2, none, -1],
  ]);
  expect([...positions!.ra]).toEqual([10, 11, none, 12, none]);
  expect(leak).toBe(true);
  expect(notes).toEqual(["one has no score for 3 of 5 rows", "two has no score for 2 of 5 rows"]);
});

test("what is no score is refused with its row", async () => {
  const refused = (message: RegExp, ...lines: string[]) =>
    expect(joined(one, write("bad.csv", ...lines))).rejects.toThrow(message);
  await refused(
    /bad\.csv row 2: score must be a finite number, or empty, got "high"/,
    "id,score",
    "a,1",
    "b,high",
  );
  await refused(
    /bad\.csv row 1: score must be a finite number, or empty, got "inf"/,
    "id,score",
    "a,inf",
    "b,2",
  );
  await refused(/bad\.csv row 2: id must be given/, "id,score", "a,1", ",2");
  await refused(/bad\.csv: id a occurs 2 times/, "id,score", "a,1", "a,2");
  await refused(
    /bad\.csv: score must be scores that differ, got "0\.5 in all 2 rows"/,
    "id,score",
    "a,0.5",
    "b,0.5",
  );
  await refused(/bad\.csv: score must be given in some row, got "none"/, "id,score", "a,", "b,nan");
  await refused(/bad\.csv: has no column score/, "id,p", "a,1");
  await refused(
    /one\.csv: shares no id with the other tables: its ids look like a, theirs like x/,
    "id,score",
    "x,1",
    "y,2",
  );
  await expect(joined(one, join(folder, "nowhere.csv:p"))).rejects.toThrow(/nowhere\.csv: no such file/);
});

test("graded rows have their groups; those without a score are said, too few groups refused", async () => {
  const ids = Array.from({ length: 10 }, (_, i) => `o${i}`);
  const scores = ["s", "t"].map((name) =>
    write(`${name}.csv`, "id,score", ...ids.map((id, i) => `${id},${name === "t" && i > 6 ? 0.5 : i / 20}`)),
  );
  const inputs = inputsOf(scores);
  const tables = await joinTables(inputs);
  const grades = (...lines: string[]) => ({
    path: write("grades.csv", "id,grade,group", ...lines),
    positives: "grade >= 2",
    negatives: "grade < 1",
  });
  const matched = async (...lines: string[]) => {
    const truth = grades(...lines);
    return matchGraded(truth, await readGraded(truth), inputs, tables);
  };
  const rows = ids.map((id, i) => `${id},${i % 2 === 0 ? 3 : 0},${i < 2 ? "g" : ""}`);
  const { rows: indices, positives, groups, notes } = await matched(...rows, "unknown,3,", "open,1,");
  expect(indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...positives]).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  expect(groups[0]).toBe(groups[1]);
  expect(new Set(groups).size).toBe(9);
  expect(notes).toEqual([
    expect.stringContaining("1 of its 11 graded ids have no score, the first is unknown"),
  ]);
  await expect(matched(...ids.map((id, i) => `${id},${i % 2 === 0 ? 3 : 0},g`))).rejects.toThrow(
    /grades\.csv: graded positives with a score must be in 4 groups or more, .* got "1 group"/,
  );
  await expect(matched("x,3,", "y,0,")).rejects.toThrow(
    /none of its 2 graded ids has a score: they look like x/,
  );
  await expect(matched("o1,3,", "o1,0,", "o2,0,")).rejects.toThrow(
    /id o1 occurs 2 times; arclet grades makes one row of several grades/,
  );
  await expect(matched("o1,3,", "o2,3,")).rejects.toThrow(/both classes are needed/);
});
