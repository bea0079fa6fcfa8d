import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { literal, withDuckDB } from "../../src/catalog/duck.ts";
import { readJudged } from "../../src/evaluate/judged.ts";
import { slow } from "../slow.ts";

slow("reads tables of ten thousand rows");

const folder = mkdtempSync(join(tmpdir(), "arclet-judged-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const write = (name: string, ...lines: string[]) => {
  writeFileSync(at(name), `${lines.join("\n")}\n`);
  return at(name);
};
const truth = (path: string, positives = "grade >= 2", negatives: string | null = "grade < 1") => ({
  path,
  positives,
  negatives,
});

const graded = write(
  "truth.csv",
  "id,grade,group,theta_e,kind",
  "a,3,p1,1.5,lens",
  "b,2,,0.7,lens",
  "c,1,p3,,lens",
  "d,0,p1,,ring",
  "007,0.5,p4,,",
);
const scored = write("scores.csv", "id,score", "007,0.1", "d,0.6", "x,0.5", "b,0.4", "a,0.9", "c,0");

test("rows come in the truth's order with their groups, numbers and kinds", async () => {
  const judged = await readJudged(scored, truth(graded));
  expect([...judged.scores]).toEqual([0.9, 0.4, 0.6, 0.1]);
  expect([...judged.positives]).toEqual([1, 1, 0, 0]);
  // a and d share a group; b, which has none, is a group of its own.
  const [a, b, d, seven] = judged.groups;
  expect(a).toBe(d);
  expect(new Set([a, b, seven])).toEqual(new Set([0, 1, 2]));
  expect(judged.calibrated).toBeNull();
  expect(judged.columns.numbers.map(({ column, values }) => [column, ...values])).toEqual([
    ["theta_e", 1.5, 0.7, Number.NaN, Number.NaN],
  ]);
  expect(judged.columns.kind!.slice(2)).toEqual(["ring", null]);
  expect(judged.notes).toEqual([expect.stringContaining("1 of its 6 ids are not in")]);
});

test("a column calibrated that is wholly empty is no column; one that is so in part is refused", async () => {
  const table = (...lines: string[]) => write("calibrated.csv", "id,score,calibrated", ...lines);
  const others = ["007,0.1,", "b,0.4,", "d,0.6,"];
  expect((await readJudged(table("a,0.9,", ...others), truth(graded))).calibrated).toBeNull();
  await expect(readJudged(table("a,0.9,0.5", ...others), truth(graded))).rejects.toThrow(
    "calibrated.csv row 2: calibrated must be between 0 and 1",
  );
  await expect(readJudged(table("a,0.9,much", ...others), truth(graded))).rejects.toThrow(
    "calibrated.csv row 1: calibrated must be between 0 and 1",
  );
});

test("Parquet is read as CSV is, and numbers as ids too", async () => {
  await withDuckDB(":memory:", folder, async (connection) => {
    const copy = (from: string, to: string) =>
      connection.run(
        `COPY (SELECT * FROM read_csv(${literal(from)}, types = {'id': 'VARCHAR'})) TO ${literal(at(to))}`,
      );
    await copy(graded, "truth.parquet");
    await copy(scored, "scores.parquet");
    await connection.run(
      `COPY (SELECT i::INTEGER AS id, i / 9 AS score FROM range(4) t(i)) TO ${literal(at("whole.parquet"))}`,
    );
  });
  expect(await readJudged(at("scores.parquet"), truth(at("truth.parquet")))).toEqual({
    ...(await readJudged(scored, truth(graded))),
    notes: [expect.stringContaining("1 of its 6 ids")],
  });
  const whole = write("whole.csv", "id,grade", "0,0", "1,0", "2,3", "3,3");
  expect([...(await readJudged(at("whole.parquet"), truth(whole))).scores]).toEqual([0, 1 / 9, 2 / 9, 3 / 9]);
});

test("two rows are enough, and positives alone if negatives are not needed", async () => {
  const two = write("two.csv", "id,grade", "a,3", "d,0");
  expect([...(await readJudged(scored, truth(two))).positives]).toEqual([1, 0]);
  expect([...(await readJudged(scored, truth(two, "grade >= 2", null))).scores]).toEqual([0.9]);
});

test("rows by the ten thousand stay in order, the same each time", async () => {
  const count = 30_000;
  const many = write(
    "many-truth.csv",
    "id,grade",
    ...Array.from({ length: count }, (_, i) => `o${i},${(i % 2) * 3}`),
  );
  const scores = write(
    "many.csv",
    "id,score,calibrated",
    ...Array.from(
      { length: count },
      (_, i) => `o${count - 1 - i},${count - 1 - i},${(count - 1 - i) / count}`,
    ),
  );
  const judged = await readJudged(scores, truth(many));
  expect(judged.scores.every((score, i) => score === i)).toBe(true);
  expect(judged.calibrated!.every((p, i) => p === i / count)).toBe(true);
  expect(judged.groups.every((group, i) => group === i)).toBe(true);
  expect(await readJudged(scores, truth(many))).toEqual(judged);
});

describe("what can't be judged is refused, naming the file", () => {
  const refused = async (message: RegExp, path: string, answers = truth(graded)) =>
    expect(readJudged(path, answers)).rejects.toThrow(message);

  test("a truth table without a row, whose columns are of no type", async () => {
    await refused(/empty\.csv: has no row$/, scored, truth(write("empty.csv", "id,grade")));
  });

  test("scores", async () => {
    await refused(/nowhere\.csv: no such file/, at("nowhere.csv"));
    await refused(/bad\.csv: has no row/, write("bad.csv", "id,score"));
    await refused(/bad\.csv: has no column score; its columns are id, p/, write("bad.csv", "id,p", "a,0.5"));
    await refused(
      /bad\.csv row 2: score must be a finite number, got nothing/,
      write("bad.csv", "id,score", "a,0.9", "b,"),
    );
    await refused(
      /bad\.csv row 1: score must be a finite number, got "inf"/,
      write("bad.csv", "id,score", "a,inf"),
    );
    await refused(
      /bad\.csv row 2: id must be given, got nothing/,
      write("bad.csv", "id,score", "a,1", ",0.9"),
    );
    await refused(
      /bad\.csv: id a occurs 3 times, and 1 more ids do so/,
      write("bad.csv", "id,score", "a,1", "b,1", "a,1", "b,1", "a,0"),
    );
    await refused(
      /bad\.csv row 1: calibrated must be between 0 and 1, got "1\.5"/,
      write("bad.csv", "id,score,calibrated", "a,0.9,1.5"),
    );
  });

  test("truth", async () => {
    await refused(/meets both/, scored, truth(graded, "grade >= 2", "grade < 3"));
    await refused(/truth\.csv: .*grad/, scored, truth(graded, "grad >= 2"));
    await refused(/truth\.csv: .*/, scored, truth(graded, "grade >=> 2"));
    await refused(
      /none of its 5 rows is positive \(grade > 9\), and none is negative/,
      scored,
      truth(graded, "grade > 9", "grade < 0"),
    );
    await refused(
      /positives are needed, but none of its 5 rows is positive/,
      scored,
      truth(graded, "grade > 9", null),
    );
    await refused(
      /twice\.csv: id a occurs 2 times/,
      scored,
      truth(write("twice.csv", "id,grade", "a,3", "a,0")),
    );
    await refused(
      /name\.csv: columns must be a list with an id column, got \["title"/,
      scored,
      truth(write("name.csv", "title,grade", "a,3")),
    );
  });
});
