/** `arclet report`: a search's parts made a page and tables; what is missing is stated, what doesn't fit is refused. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

slow("trains a network and scores with it");

const folder = folderWith("target", "so", "source");
const { done, refused } = commandLine(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const write = (name: string, ...lines: string[]) =>
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
const cells = (name: string) =>
  read(name)
    .trim()
    .split("\n")
    .map((line) => line.split(","));
const hash = (name: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, name)))
    .digest("hex");
const numbers = (name: string) => JSON.parse(read(`${name}/report/search.json`));

/** Writes a search of parts beside its folder, and its report. */
function searched(name: string, ...lines: string[]) {
  mkdirSync(join(folder, name), { recursive: true });
  write(`${name}/search.yaml`, ...lines);
  return `report ${name}`;
}

const SCORES = "scores: ../scores.csv";
const GRADES = ["grades: ../grades.csv", "positives: grade >= 2"];
const ALL = [
  ...["name: A tiny survey", SCORES, "dataset: ../target", "finders: [../so]", "sample: ../sample.csv"],
  ...[...GRADES, "tops: [10, 40]", "seed: 4"],
];
const rows = () => cells("scores.csv").slice(1);
const isLens = new Map<string, boolean>();

beforeAll(() => {
  done("score target so --out scored.csv");
  done("export target/table.parquet --out truth.csv");
  const [head, ...truth] = cells("truth.csv");
  for (const row of truth) isLens.set(row[head!.indexOf("id")]!, row[head!.indexOf("label")] === "lens");
  // With positions, as the score table of a survey has them.
  const [columns, ...scored] = cells("scored.csv");
  const of = (row: string[], name: string) => row[columns!.indexOf(name)]!;
  const table = scored.map((row, k) => [of(row, "id"), of(row, "score"), 10 + k / 10, -5].join());
  write("scores.csv", "id,score,ra,dec", ...table);
  done("select scores.csv --top 10 --random 30 --bins 2 --seed 1 --out sample.csv");
  const sampled = cells("sample.csv")
    .slice(1)
    .map(([, id]) => id!);
  write("grades.csv", "id,grade", ...sampled.map((id) => `${id},${isLens.get(id) ? 3 : 0}`));
});

test("the report has the figures of estimate, and every part's hash and command", () => {
  const { stdout } = done(searched("all", ...ALL));
  expect(stdout).toContain("all/report/report.html");
  done(
    "estimate scores.csv sample.csv grades.csv --positives 'grade >= 2' --tops 10,40 --seed 4 --out estimated",
  );
  const estimated = JSON.parse(read("estimated/estimates.json"));
  const found = numbers("all");
  expect(found.estimates.number).toEqual(estimated.number);
  expect(found.estimates.thresholds).toEqual(estimated.thresholds);
  expect(found.images).toMatchObject({ scored: 96, unscored: 0 });
  // The top ten are graded whole.
  const top = rows()
    .slice(0, 10)
    .filter(([id]) => isLens.get(id!)).length;
  expect(found.estimates.thresholds[0].purity).toMatchObject({
    value: top / 10,
    low: top / 10,
    high: top / 10,
  });
  const parts = Object.fromEntries(found.parts.map((one: { part: string }) => [one.part, one]));
  expect(parts.scores.sha256).toBe(hash("scores.csv"));
  expect(parts.grades.sha256).toBe(hash("grades.csv"));
  expect(parts.finder.sha256).toBe(hash("so/model.safetensors"));
  expect(parts.dataset.sha256).toBe(JSON.parse(read("target/dataset.json")).contentHash);
  expect(parts.sample.command).toBe(
    "arclet select scores.csv --top 10 --random 30 --bins 2 --seed 1 --out sample.csv",
  );
  expect(parts.dataset.command).toMatch(/^arclet simulate target/);
  expect(parts.finder.command).toMatch(/^arclet train source/);
  const page = read("all/report/report.html");
  for (const text of ["A tiny survey", parts.scores.sha256, parts.sample.command, "source-only"])
    expect(page).toContain(text);
  expect(page.match(/<img /g)).toHaveLength(60);
});

test("candidates are the first of the list and all graded lenses, with positions and grades", () => {
  done(`${searched("few", ...ALL)} --candidates 5 --top 3`);
  const [head, ...list] = cells("few/report/candidates.csv");
  expect(head).toEqual(["rank", "id", "probability", "score", "ra", "dec", "lens", "grades_grade"]);
  const grades = new Map(cells("grades.csv").slice(1) as [string, string][]);
  const expected = rows().flatMap(([id, score, ra, dec], k) => {
    const grade = grades.get(id!);
    if (k >= 5 && grade !== "3") return [];
    const lens = grade === undefined ? "" : String(grade === "3");
    return [[String(k + 1), id, "", Number(score), Number(ra), Number(dec), lens, grade ?? ""]];
  });
  expect(list.map((row) => row.map((cell, k) => (k >= 3 && k <= 5 ? Number(cell) : cell)))).toEqual(expected);
  expect(expected.length).toBeGreaterThan(5);
  expect(read("few/report/report.html").match(/<img /g)).toHaveLength(3);
});

test("what is missing is stated", () => {
  const { stdout } = done(searched("bare", "scores: ../scored.csv"));
  expect(stdout).toMatch(/missing: dataset: no pictures/);
  expect(stdout).toMatch(/missing: grades: nobody is known to have looked/);
  expect(stdout).toMatch(/missing: survey-level figures: no purity, .* no sample was drawn by a design/);
  const { estimates, selection, grades, missing } = numbers("bare");
  expect({ estimates, selection, grades }).toEqual({ estimates: null, selection: null, grades: null });
  expect(missing.map(({ part }: { part: string }) => part)).toEqual(
    expect.arrayContaining(["dataset", "finders", "grades", "selection function"]),
  );
  expect(read("bare/report/report.html")).toContain("no survey-level figure");
});

test("a sample drawn by hand gives a list and no figure of the survey", () => {
  const [first, second] = rows().map(([id]) => id);
  write("by-hand.csv", "id,grade", `${first},3`, `${second},0`);
  const grades = ["grades: ../by-hand.csv", "positives: grade >= 2"];
  const { stdout } = done(searched("hand", SCORES, "sample: ../by-hand.csv", ...grades));
  expect(stdout).toMatch(/missing: survey-level figures: .*by-hand\.csv: has no column stratum: .*by hand/);
  expect(numbers("hand")).toMatchObject({ estimates: null, grades: { lenses: 1, others: 1 } });
  copyFileSync(join(folder, "sample.csv"), join(folder, "alone.csv"));
  done(searched("alone", SCORES, "sample: ../alone.csv", ...GRADES));
  expect(numbers("alone").estimates).toBeNull();
  // A probability that was changed is another thing: the design is there, and is contradicted.
  const [head, ...sampled] = read("sample.csv").trim().split("\n");
  const changed = sampled.map((row) => row.replace(/,random-2,[^,]*/, ",random-2,0"));
  write("zero.csv", head!, ...changed);
  copyFileSync(join(folder, "sample.design.json"), join(folder, "zero.design.json"));
  refused(/zero\.csv row \d+: probability must be above 0/, searched("zero", SCORES, "sample: ../zero.csv"));
});

test("a combination orders the list by its probability", () => {
  const noisy = rows().map(([id, score], k) => `${id},${(Number(score) + (k % 7) / 7) / 2}`);
  write("other.csv", "id,score", ...noisy);
  // Better scores are more often lenses here, whatever the tiny network is worth.
  const labels = rows().map(([id], k) => `${id},${k < 48 !== (k % 5 === 0) ? 3 : 0}`);
  write("labels.csv", "id,grade", ...labels);
  done(
    "combine scores.csv other.csv --graded labels.csv --positives 'grade >= 2' --negatives 'grade < 2' --out combined",
  );
  done(searched("joint", SCORES, "combination: ../combined", "dataset: ../target"));
  const [, ...list] = cells("joint/report/candidates.csv");
  const [head, ...combined] = cells("combined/scores.csv");
  expect(list.map((row) => row[1])).toEqual(combined.map((row) => row[head!.indexOf("id")]));
  expect(Number(list[0]![2])).toBeCloseTo(Number(combined[0]![head!.indexOf("score")]), 12);
  expect(numbers("joint")).toMatchObject({ list: { by: "combined" }, combination: { rule: "stacking" } });
  refused(
    /combination\.json: was made of other tables than .*scored\.csv/,
    searched("mixed", "scores: ../scored.csv", "combination: ../combined"),
  );
});

/** A selection function, as `arclet selection` writes it, of these finders. */
function selectionOf(name: string, ...finders: { kind: string; name: string; sha256: string }[]) {
  mkdirSync(join(folder, name), { recursive: true });
  const completeness = { value: 0.5, low: 0.4, high: 0.6 };
  const thresholds = [{ threshold: 0.25, completeness }];
  write(`${name}/selection.json`, JSON.stringify({ finders, thresholds, more: 1 }));
  return thresholds;
}

test("a selection function is shown and linked; the finder that it is of is known by its hash", () => {
  const so = { kind: "model", name: "elsewhere/so", sha256: hash("so/model.safetensors") };
  const thresholds = selectionOf("selection", so);
  write("selection/report.html", "");
  const line = searched("chosen", SCORES, "finders: [../so]", "selection: ../selection");
  expect(done(line).stdout).not.toContain("selection function");
  expect(numbers("chosen").selection.thresholds).toEqual(thresholds);
  const page = read("chosen/report/report.html");
  expect(page).toContain('href="../../selection/report.html"');
  expect(page).toContain("0.500");
});

test("a selection function of another finder is refused; one that nothing ties to the finders is stated", () => {
  const so = { kind: "model", name: "so", sha256: hash("so/model.safetensors") };
  const other = { kind: "model", name: "runs/other", sha256: "c0ffee".repeat(10) };
  selectionOf("of-other", so, other);
  refused(
    /of-other\/selection\.json: is of runs\/other, a model that is none of the search's finders, which are .*so \(SHA-256 begins with c0ffeec0ffee\); name that finder/,
    searched("o", SCORES, "finders: [../so]", "selection: ../of-other"),
  );
  const stated = (name: string, ...lines: string[]) => done(searched(name, SCORES, ...lines)).stdout;
  expect(stated("p", "selection: ../of-other")).toMatch(
    /missing: finder of the selection function: nothing shows .*, since search\.yaml names none/,
  );
  selectionOf("of-table", { kind: "scores", name: "injected.csv", sha256: hash("scores.csv") });
  expect(stated("q", "finders: [../so]", "selection: ../of-table")).toMatch(
    /nothing shows that the selection function is of this search's finders: .* a table of scores, injected\.csv/,
  );
  selectionOf("of-one", so);
  expect(stated("r", "finders: [../so, ../so/model-last.safetensors]", "selection: ../of-one")).toMatch(
    /the selection function is of so alone, not of .*last\.safetensors/,
  );
});

test("parts that don't belong together are refused, with the file and the way out", () => {
  write("changed.csv", ...read("scores.csv").trim().split("\n").slice(0, -1));
  refused(
    /changed\.csv: is not the table that .*sample\.csv was drawn from .*; give that table, or draw a sample/,
    searched("a", "scores: ../changed.csv", "sample: ../sample.csv", ...GRADES),
  );
  refused(
    /scores\.csv: has 96 ids that are not in .*source, the first is .*; give the dataset that was scored/,
    searched("b", SCORES, "dataset: ../source"),
  );
  write("strange.csv", "id,grade", "nobody,3");
  const strange = ["grades: ../strange.csv", "positives: grade >= 2"];
  refused(/strange\.csv: has 1 ids that are not in .*scores\.csv/, searched("c", SCORES, ...strange));
  refused(
    /strange\.csv: has 1 ids that are not in .*sample\.csv/,
    searched("d", SCORES, "sample: ../sample.csv", ...strange),
  );
  refused(/selection\.json: /, searched("e", SCORES, "selection: ../target"));
});

test("a wrong search.yaml is refused with its line", () => {
  refused(/target\/search\.yaml: is not there/, "report target");
  refused(/f\/search\.yaml line 2: scoring is not known/, searched("f", SCORES, "scoring: x"));
  refused(/f\/search\.yaml: scores is missing/, searched("f", "name: none"));
  refused(
    /line 2: dataset must be a file or folder that is there, .*got "nowhere"/,
    searched("f", SCORES, "dataset: nowhere"),
  );
  refused(/line 2: positives must be given with grades/, searched("f", SCORES, "grades: ../grades.csv"));
  refused(/line 2: tops must be given only with a sample/, searched("f", SCORES, "tops: [3]"));
});
