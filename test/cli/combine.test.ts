/** `arclet combine` and `arclet grades`, from people's grades and two score tables to a ranked table and back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readCombination } from "../../src/evaluate/combination/file.ts";
import { Draws } from "../../src/foundation/random.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-combine-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);
const read = (...names: string[]) => readFileSync(join(folder, ...names), "utf8");
const write = (name: string, lines: readonly string[]) =>
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);

// 300 objects, every fourth a lens; 120 of them graded by three people. Two finders, and one that is noise; the second has not
// seen every fifth.
const draws = new Draws(5);
const objects = Array.from({ length: 300 }, (_, i) => {
  const lens = i % 4 === 0;
  const score = (distance: number) => draws.normal(lens ? distance : 0);
  return { id: `o${i}`, lens, first: score(2), second: score(1.8), noise: score(0) };
});
const p = (z: number) => (1 / (1 + Math.exp(-z))).toFixed(4);
write("first.csv", [
  "id,score,ra,dec",
  ...objects.map(({ id, first }, i) => `${id},${p(2 * first)},${i / 10},1`),
]);
write("votes.csv", [
  "id,share,noise",
  ...objects.map(({ id, second, noise }, i) => `${id},${i % 5 === 0 ? "" : p(second)},${noise.toFixed(3)}`),
]);
write("grades.csv", [
  "id,grader,grade,group",
  ...objects.slice(0, 120).flatMap(({ id, lens }, i) =>
    ["ada", "bo", "cy"].map((grader) => {
      const off = draws.uniform() < 0.15 ? 1 : 0;
      return `${id},${grader},${["A", "B", "C", "X"][lens ? off : 3 - off]},g${Math.floor(i / 2)}`;
    }),
  ),
]);
const line = "combine first.csv votes.csv:share noise=votes.csv:noise";
const graded = "--graded consensus.csv --positives 'mean >= 2' --negatives 'mean < 1.5'";

test("people's grades become one table, with how well they agree", () => {
  const { stdout } = done("grades grades.csv --out consensus.csv");
  expect(stdout).toMatch(
    /Krippendorff's alpha of 120 objects with two grades or more: nominal 0\.\d+ \[.*ordinal 0\.\d+ \[.*interval 0\.\d+ \[/,
  );
  expect(stdout).toMatch(/^bo +120 /m);
  expect(stdout).toContain("consensus.csv: 120 objects, 360 grades by 3 graders");
  const [head, first] = read("consensus.csv").split("\n");
  expect(head).toBe("id,group,graders,mean,grade,expected,p_X,p_C,p_B,p_A");
  expect(first).toMatch(/^o0,g0,3,[\d.]+,[AB],/);
});

test("score tables become one probability of every row, and what each is worth is said", () => {
  const { stdout } = done(`${line} ${graded} --out combined`);
  expect(stdout).toContain("share has no score for 60 of 300 rows");
  expect(stdout).toMatch(/^combined \(stacking\) +120 /m);
  expect(stdout).toContain("120 graded rows in 60 groups");
  expect(stdout).toMatch(/^noise adds nothing that these grades can show: without it/m);
  expect(stdout).not.toMatch(/^first adds nothing/m);
  const rows = read("combined", "scores.csv")
    .trim()
    .split("\n")
    .map((row) => row.split(","));
  expect(rows[0]).toEqual(["id", "rank", "score", "p_first", "p_share", "p_noise", "graded", "ra", "dec"]);
  expect(rows).toHaveLength(301);
  const scores = rows.slice(1).map((row) => Number(row[2]));
  expect(scores.every((score, i) => score > 0 && score < 1 && (i === 0 || score <= scores[i - 1]!))).toBe(
    true,
  );
  expect(rows.find(([id]) => id === "o5")![4]).toBe("");
  const { rule, inputs, graded: on, heldOut } = readCombination(join(folder, "combined", "combination.json"));
  expect(inputs.map(({ name, file, column }) => [name, file, column])).toEqual([
    ["first", "first.csv", "score"],
    ["share", "votes.csv", "share"],
    ["noise", "votes.csv", "noise"],
  ]);
  expect(rule.rule).toBe("stacking");
  expect(on).toMatchObject({ file: "consensus.csv", groups: 60, share: 0.25 });
  expect(on.ids).toHaveLength(120);
  expect(
    rows
      .filter((row) => row[6] === "true")
      .map(([id]) => id)
      .sort(),
  ).toEqual([...on.ids].sort());
  expect(heldOut.auroc.value).toBeGreaterThan(0.85);
  expect(read("combined", "report.html")).toContain("3 finders combined by stacking");
});

test("the combined table is exported and judged as scores are", () => {
  expect(done("export combined/scores.csv --out top.reg").stdout).toContain("top.reg: 300 rows");
  write("truth.csv", ["id,lens", ...objects.map(({ id, lens }) => `${id},${Number(lens)}`)]);
  const judged = "--truth truth.csv --positives 'lens = 1' --negatives 'lens = 0' --out judged";
  // It was fitted on some of these rows.
  refused(
    /combined\/scores\.csv: its finder learned from the grades of 120 judged ids of truth\.csv.*--without-graded/,
    `evaluate combined/scores.csv first.csv ${judged}`,
  );
  done(`evaluate combined/scores.csv first.csv ${judged} --without-graded`);
  const { results } = JSON.parse(read("judged", "metrics.json"));
  const [combined, first] = results.map(
    ({ metrics }: { metrics: { auroc: { value: number } } }) => metrics.auroc.value,
  );
  expect(combined).toBeGreaterThan(first);
});

test("a fitted combination is applied to tables again, by any rule, and to another prevalence", () => {
  const apply = "first.csv votes.csv:share noise=votes.csv:noise";
  done(`combine --apply combined/combination.json ${apply} --out again.csv`);
  expect(read("again.csv")).toBe(read("combined", "scores.csv"));
  for (const rule of ["bayes", "independent-bayes", "mean"]) {
    done(`${line} ${graded} --rule ${rule} --out ${rule}.csv`);
    done(`combine --apply ${rule}-combination.json ${apply} --out ${rule}-again.csv`);
    expect(read(`${rule}-again.csv`)).toBe(read(`${rule}.csv`));
  }
  done(`combine --apply combined/combination.json ${apply} --prevalence 0.01 --out rare.csv`);
  const [best, again] = ["rare.csv", "again.csv"].map((name) => read(name).split("\n")[1]!.split(","));
  expect(best![0]).toBe(again![0]);
  const odds = (row: string[]) => Number(row[2]) / (1 - Number(row[2]));
  expect(odds(again!) / odds(best!)).toBeCloseTo(0.25 / 0.75 / (0.01 / 0.99), 6);
});

test("what can't be combined is refused", () => {
  refused(/combine: <scores> must be two tables or more/, `combine first.csv ${graded}`);
  refused(/combine: --graded must be given \(or --apply\)/, line);
  refused(/positives and negatives must be given with --graded/, `${line} --graded consensus.csv`);
  refused(
    /consensus\.csv: id o0 meets both/,
    `${line} --graded consensus.csv --positives 'mean >= 0' --negatives 'mean < 9'`,
  );
  refused(
    /grades\.csv: id o0 occurs 3 times.*arclet grades makes one row/,
    `${line} --graded grades.csv --positives "grade = 'A'" --negatives "grade = 'X'"`,
  );
  refused(
    /--rule must be left out with --apply/,
    "combine --apply combined/combination.json first.csv votes.csv:share --rule mean",
  );
  refused(
    /combination\.json: its input noise is not given; give its table: noise=FILE:COLUMN/,
    "combine --apply combined/combination.json first.csv votes.csv:share",
  );
  refused(
    /input must be one of first, share, noise, got "shares"/,
    "combine --apply combined/combination.json first.csv shares=votes.csv:share",
  );
  refused(
    /votes\.csv \(id o\d+\): noise must be from 0 to 1, as it was when the combination was fitted/,
    "combine --apply combined/combination.json first=votes.csv:noise votes.csv:share noise=first.csv",
  );
  refused(/regions hold no probabilities; write a table/, `${line} ${graded} --out top.reg`);
  write("broken.json", ["{}"]);
  refused(/broken\.json: version/, "combine --apply broken.json first.csv votes.csv:share");
});
