/** A search's folder, its objects and their orders. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openObjects } from "../../src/inspect/objects.ts";
import { Orders, ordersOf } from "../../src/inspect/orders.ts";
import { Search } from "../../src/inspect/search.ts";
import { scratch } from "../tiny/dataset.ts";
import { openTiny, writeSearchData } from "../tiny/search.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
beforeAll(() => writeSearchData(folder));

test("rows come in the order of a finder, of doubt, of disagreement, of chance", async () => {
  const objects = await openTiny(folder, "one.csv", "two.csv");
  const orders = new Orders(objects);
  const rows = (by: Parameters<Orders["rows"]>[0]["by"], finder = 0, seed = 0) => [
    ...orders.rows({ by, finder, seed }),
  ];
  expect(ordersOf(objects)).toEqual(["score", "uncertain", "disagreement", "random", "table"]);
  expect(rows("score")).toEqual([5, 4, 3, 2, 1, 0]);
  expect(rows("score", 1)).toEqual([0, 4, 3, 2, 1, 5]);
  // |0.45 − 0.5| = 0.05, then 0.2, 0.3 (twice), 0.4 (twice): equal ones as in the dataset.
  expect(rows("uncertain")).toEqual([3, 2, 1, 4, 0, 5]);
  // Ranks 6, 5, 4, 3, 2 of 6 and 1, 5, 4, 3, 2 of 5: row 0 differs by 1 − 1/5, row 1 by 1 − 5/6, and so on down.
  expect(rows("disagreement")).toEqual([0, 1, 2, 3, 4, 5]);
  expect(rows("random", 0, 1)).toEqual(rows("random", 0, 1));
  expect(rows("random", 0, 1)).not.toEqual(rows("random", 0, 2));
  expect(rows("random", 0, 1).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(() => rows("sample")).toThrow(/by must be one of score, uncertain/);
  expect(() => rows("score", 2)).toThrow(/finder must be from 0 to 1, got 2/);
  objects.domain.close();
});

test("without tables all rows are shown, with a sample its rows in its order", async () => {
  const all = await openTiny(folder);
  expect([...all.rows]).toEqual([0, 1, 2, 3, 4, 5]);
  expect(ordersOf(all)).toEqual(["random", "table"]);
  all.domain.close();
  writeFileSync(at("sample.csv"), "shown,id,stratum\n2,toy-0,top\n1,toy-4,top\n3,toy-3,rest\n");
  const drawn = await openObjects({ dataset: at("data"), scores: [at("one.csv")], sample: at("sample.csv") });
  expect(ordersOf(drawn)[0]).toBe("sample");
  expect([...new Orders(drawn).rows({ by: "sample", finder: 0, seed: 0 })]).toEqual([4, 0, 3]);
  expect([...new Orders(drawn).rows({ by: "score", finder: 0, seed: 0 })]).toEqual([4, 3, 0]);
  drawn.domain.close();
});

test("tables that are not of the dataset's rows are refused by row", async () => {
  const refused = async (text: string, message: RegExp) => {
    writeFileSync(at("bad.csv"), text);
    await expect(openTiny(folder, "bad.csv")).rejects.toThrow(message);
  };
  await refused(
    "id,score\ntoy-0,1\nnobody,0.5\n",
    /bad\.csv row 2: id nobody is not one of .*data, whose ids look like toy-0/,
  );
  await refused("id,score\ntoy-0,1\ntoy-0,0.5\n", /bad\.csv row 2: id toy-0 is in row 1 already/);
  await refused("id,score\ntoy-0,high\n", /bad\.csv row 1: score must be a finite number, got "high"/);
  await refused("id,value\ntoy-0,1\n", /bad\.csv: has no column score/);
  await refused("id,score,calibrated\ntoy-0,1,2\n", /row 1: calibrated must be between 0 and 1, got 2/);
  await expect(openTiny(folder, "one.csv", "one.csv")).rejects.toThrow(/file names differ/);
});

test("a search resumes with what it began with, and with nothing else", async () => {
  const objects = await openTiny(folder, "one.csv");
  const first = Search.open(at("search"), objects, false);
  first.write({
    action: "grade",
    grader: "anna",
    request: "r",
    ids: ["toy-3"],
    grade: "A",
    kind: null,
    seconds: null,
  });
  expect(() => Search.open(at("search"), objects, false)).toThrow(/process \d+ on .* is working on it/);
  const guest = Search.open(at("search"), objects, true);
  expect(guest.grading.of("anna", "toy-3").grade).toBe("A");
  expect(() => guest.write({ action: "undo", grader: "anna", request: "s", of: 1 })).toThrow(
    /open for reading only/,
  );
  // What is written while a guest looks on reaches the guest, also across a taking back.
  const grade = (request: string, id: string) =>
    first.write({
      action: "grade",
      grader: "anna",
      ...{ request, ids: [id], grade: "X", kind: null, seconds: null },
    });
  grade("t", "toy-4");
  grade("u", "toy-0");
  expect(guest.grading.of("anna", "toy-4").grade).toBeNull();
  guest.follow();
  guest.follow();
  expect(guest.grading.progress("anna")).toMatchObject({ graded: 3, by: { A: 1, X: 2 } });
  const journal = join(at("search"), "journal.jsonl");
  const lines = readFileSync(journal, "utf8");
  writeFileSync(journal, lines.split("\n").slice(0, 2).join("\n").concat('\n{"n":'));
  guest.follow();
  expect(guest.grading.progress("anna")).toMatchObject({ graded: 2 });
  writeFileSync(journal, lines.replace('"n":3', '"n":4'));
  expect(() => guest.follow()).toThrow(/journal\.jsonl: entry 4 follows entry 2/);
  writeFileSync(journal, lines);
  guest.close();
  first.close();
  const again = Search.open(at("search"), objects, false);
  expect(again.grading.of("anna", "toy-3").grade).toBe("A");
  expect(again.begun).toBe(first.begun);
  again.close();

  const other = await openTiny(folder, "two.csv");
  expect(() => Search.open(at("search"), other, false)).toThrow(
    /search: grading began with the scores of one, not of two; give the tables of then, or another --out/,
  );
  writeFileSync(at("one.csv"), readFileSync(at("one.csv"), "utf8").replace("0.45", "0.46"));
  const changed = await openTiny(folder, "one.csv");
  expect(() => Search.open(at("search"), changed, false)).toThrow(
    /score tables have changed since grading began \(one\)/,
  );
  expect(() => Search.open(at("none"), changed, true)).toThrow(/none: is not a search/);

  const info = JSON.parse(readFileSync(join(at("search"), "search.json"), "utf8"));
  writeFileSync(
    join(at("search"), "search.json"),
    JSON.stringify({ ...info, dataset: { name: "x", contentHash: "0".repeat(64) } }),
  );
  expect(() => Search.open(at("search"), objects, false)).toThrow(
    /began with another dataset or another version of it \(x, begun/,
  );
  writeFileSync(join(at("search"), "search.json"), JSON.stringify({ ...info, format: 2 }));
  expect(() => Search.open(at("search"), objects, false)).toThrow(
    /is search format 2; this Arclet reads format 1/,
  );
  for (const one of [objects, other, changed]) one.domain.close();
});
