/** Figures of the survey while people grade: the same as `arclet estimate` says of the same grades. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDataset } from "../../src/dataset/writer.ts";
import { Estimates } from "../../src/inspect/estimates.ts";
import { openObjects } from "../../src/inspect/objects.ts";
import { Search } from "../../src/inspect/search.ts";
import { commandLine } from "../cli/arclet.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";
import { newRequest } from "./asking.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const { done } = commandLine(folder);
/** Of 90 rows the first five are lenses, and rows 60 to 89 are decoys, of which every other one is a lens. */
const isLens = (i: number) => (i < 60 ? i < 5 : i % 2 === 0);
let search: Search;
beforeAll(async () => {
  await writeDataset(at("data"), { ...SPEC, name: "toy" }, async (writer) => {
    for (let i = 0; i < 90; i++) writer.append(fluxImage(i), [row(i, { id: `o${i}` })]);
  });
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);
  writeFileSync(
    at("scores.csv"),
    `id,score\n${numbers(0, 60)
      .map((i) => `o${i},${1 - i / 60}\n`)
      .join("")}`,
  );
  const known = numbers(60, 90).map((i) => `o${i},${isLens(i) ? "lens" : "not-lens"}\n`);
  writeFileSync(at("known.csv"), `id,label\n${known.join("")}`);
  done(
    "select scores.csv --top 10 --random 20 --bins 2 --decoys known.csv --decoy-rate 0.4 --out sample.csv",
  );
  const objects = await openObjects({
    dataset: at("data"),
    scores: [at("scores.csv")],
    sample: at("sample.csv"),
  });
  search = Search.open(at("search"), objects, false);
});
afterAll(() => {
  search.close();
  search.objects.domain.close();
});
const grade = (ids: string[], grade: "A" | "C" | "X") =>
  search.write({
    action: "grade",
    grader: "anna",
    ...{ request: newRequest(), ids, grade, kind: null, seconds: null },
  });
const ofSample = () => [...search.objects.rows];
const idOf = (row: number) => search.objects.domain.ids[row]!;

test("without a graded row in every stratum it says what is missing; decoys are among what is left", async () => {
  const estimates = new Estimates(search, ["A", "B"]);
  expect(estimates.possible).toBe(true);
  const all = ofSample().length;
  expect(await estimates.answer("anna")).toEqual({
    ...{ graded: 0, left: all, yet: "nothing is graded yet", figures: null },
  });
  grade([idOf(0)], "A");
  const { left, yet } = await estimates.answer("anna");
  expect(left).toBe(all - 1);
  expect(yet).toMatch(/stratum random-\d has no graded row/);
});

test("the figures are those of arclet estimate, with errors on decoys corrected", async () => {
  const rows = ofSample();
  for (const lens of [true, false])
    grade(rows.filter((row) => isLens(row) === lens).map(idOf), lens ? "A" : "X");
  // One overlooked decoy, so that there is something to correct.
  const decoy = rows.find((row) => row >= 60 && isLens(row))!;
  grade([idOf(decoy)], "C");
  const { yet, left, figures } = await new Estimates(search, ["A", "B"]).answer("anna");
  expect([yet, left]).toEqual([null, 0]);
  const said = rows.map((row) => `${idOf(row)},${search.grading.of("anna", idOf(row)).grade}\n`);
  writeFileSync(at("grades.csv"), `id,grade\n${said.join("")}`);
  done(
    `estimate scores.csv sample.csv grades.csv --positives "grade IN ('A', 'B')" --grader-errors decoys --out figures`,
  );
  const { number, thresholds } = JSON.parse(readFileSync(at("figures/estimates.json"), "utf8"));
  expect(figures!.corrected).toBe(true);
  expect(figures!.number).toEqual(number);
  expect(figures!.thresholds.map(({ purity }) => purity)).toEqual(
    thresholds.map((one: { purity: unknown }) => one.purity),
  );
  expect(await new Estimates(search, ["A", "B"]).answer("ben")).toMatchObject({ graded: 0, figures: null });
});

test("scores that the sample was not drawn from are asked for", async () => {
  const objects = await openObjects({ dataset: at("data"), scores: [], sample: at("sample.csv") });
  const other = Search.open(at("other"), objects, false);
  other.write({
    action: "grade",
    grader: "anna",
    ...{ request: newRequest(), ids: [idOf(0)], grade: "A", kind: null, seconds: null },
  });
  expect((await new Estimates(other, ["A"]).answer("anna")).yet).toMatch(
    /scores\.csv, the scores that .* among the tables/,
  );
  other.close();
  objects.domain.close();
});
