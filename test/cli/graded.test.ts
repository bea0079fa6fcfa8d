/** Grades on the command line: trained on, gone from the test, marked in scores, and judged by nothing. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { type Dataset, openDataset } from "../../src/dataset/dataset.ts";
import { readModelInfo } from "../../src/train/model.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
const { done, refused } = commandLine(folder);
const BY = "--graded-positives 'grade >= 2' --graded-negatives 'grade <= 0.7'";
const JUDGED = "--truth truth.csv --positives 'lens = 1' --negatives 'lens = 0'";

/** A table's rows without its head. */
const cells = (name: string) =>
  readFileSync(join(folder, name), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));

let target: Dataset;
/** Six rows of train and six of test, half of each lenses. */
let graded: number[];
let tested: number;

beforeAll(async () => {
  target = await openDataset(join(folder, "target"));
  const lens = target.info.classes.indexOf("lens");
  const some = (split: "train" | "test", isLens: boolean) =>
    [...target.labelledRows(split)]
      .filter((row) => (target.labels([row])[0] === lens) === isLens)
      .slice(0, 3);
  graded = [some("train", true), some("train", false), some("test", true), some("test", false)].flat();
  tested = target.labelledRows("test").length;
  const isLens = (row: number) => target.labels([row])[0] === lens;
  const table = (name: string, head: string, rows: number[], value: (row: number) => number) =>
    writeFileSync(
      join(folder, name),
      `${[head, ...rows.map((row) => `${target.ids[row]},${value(row)}`)].join("\n")}\n`,
    );
  table("grades.csv", "id,grade", graded, (row) => (isLens(row) ? 3 : 0));
  table("truth.csv", "id,lens", [...target.labelledRows()], (row) => Number(isLens(row)));
  target.close();
  const more = "--method fine-tune --preset paper --fine-tune.epochs 1 --graded-batch 6";
  const { stdout } = done(`train source target --from so ${more} --graded grades.csv ${BY} --out ft`);
  expect(stdout).toContain("graded: 12 rows, 6 lenses and 6 not, 6 per step, each class equally often");
});

test("evaluate on the target says how many rows left its test, and tests the others", () => {
  const { stdout } = done("evaluate ft --data target --out own");
  const left =
    /target: (\d+) rows are no part of the test: 6 that ft learned as grades(?:, and (\d+) of)?/.exec(
      stdout,
    )!;
  const counts = [...stdout.matchAll(/no part of the test/g)];
  expect(counts).toHaveLength(1);
  expect(Number(left[1])).toBe(6 + Number(left[2] ?? 0));
  expect(Number(left[1])).toBeLessThan(tested);
});

test("a share of the graded rows is held, and graded-auroc by them can choose the epoch", () => {
  const more = "--method fine-tune --preset paper --fine-tune.epochs 1 --graded-batch 6";
  const line = `train source target --from so ${more} --graded grades.csv ${BY} --select graded-auroc`;
  const { stdout } = done(`${line} --graded-held 0.4 --out held`);
  expect(stdout).toMatch(/graded and held, for the validator graded-auroc: \d+ rows, \d+ lenses and \d+ not/);
  expect(stdout).toMatch(/epoch 1 of 1, chosen by graded-auroc \([01]\.\d{4}\)/);
  refused(
    /select must be another one unless graded rows are held \(--graded-held 0\.2\)/,
    `${line} --out no`,
  );
});

test("a column of kinds: each is an output, those of rows without a grade are none, and classes stay two", () => {
  const isLens = new Map(cells("grades.csv").map(([id, grade]) => [id!, grade === "3"]));
  const ids = [...isLens.keys()];
  const others = ids.filter((id) => !isLens.get(id));
  const kindOf = (id: string) => (isLens.get(id) ? "" : others.indexOf(id) % 2 === 0 ? "ring" : "merger");
  const lines = ids.map((id) => `${id},${isLens.get(id) ? 3 : 0},${kindOf(id)}`);
  // What a grader named and left between the two conditions, or without a grade, is not graded.
  const ungraded = cells("truth.csv").flatMap(([id]) => (isLens.has(id!) ? [] : [id!]));
  const table = (name: string, rows: readonly string[]) =>
    writeFileSync(join(folder, name), `${["id,grade,what", ...rows].join("\n")}\n`);
  table("named.csv", [...lines, `${ungraded[0]},1,artefact`, `${ungraded[1]},,artefact`]);
  const more = "--method fine-tune --preset paper --fine-tune.epochs 1 --graded-batch 6";
  const line = (name: string, kinds: string, out: string) =>
    `train source target --from so ${more} --graded ${name} ${BY} --graded-kinds ${kinds} --out ${out}`;
  const { stdout } = done(line("named.csv", "what", "kinds"));
  expect(stdout).toContain("graded: 12 rows, 6 lenses and 6 not");
  expect(stdout).toContain("kinds: merger, ring; their sum is not-lens");
  expect(readModelInfo(join(folder, "kinds")).info.outputs).toEqual([
    { class: "not-lens", kind: "merger" },
    { class: "not-lens", kind: "ring" },
    { class: "lens", kind: null },
  ]);
  expect(JSON.parse(readFileSync(join(folder, "kinds", "graded.json"), "utf8")).rows).toHaveLength(12);
  done("score target kinds --out of-kinds.csv");
  const [head] = readFileSync(join(folder, "of-kinds.csv"), "utf8").split("\n");
  expect(head).not.toMatch(/ring|merger/);
  refused(/named\.csv: has no column form/, line("named.csv", "form", "x"));
  // One kind is no kind.
  table(
    "alike.csv",
    lines.map((row) => row.replace("merger", "ring")),
  );
  refused(
    /rows that are no lenses name 1 kind \(ring\), and 2 to 50 make sense/,
    line("alike.csv", "what", "x"),
  );
  // A kind that the starting model has no output for trains the class alone, which is said.
  table(
    "newer.csv",
    lines.map((row) => row.replace("merger", "spiral")),
  );
  expect(done(line("newer.csv", "what", "newer").replace("--from so", "--from kinds")).stdout).toMatch(
    /3 rows are of kinds that the starting model doesn't have \(spiral\): they train their class alone/,
  );
});

test("on another dataset with graded rows evaluate refuses the model, naming them, or leaves them out", () => {
  done("split target --fractions 0.3,0.2,0.5 --seed 5 --out again");
  refused(
    /^arclet: ft: learned from grades that touch \d+ rows of again: \S+.*; first .*; --without-graded leaves these rows out/,
    "evaluate ft --data again --out refused",
  );
  const { stdout } = done("evaluate ft --data again --without-graded --out left");
  expect(stdout).toMatch(/ft: learned from grades that touch \d+ rows of again: .*; they are left out/);
  refused(/learned from grades that touch \d+ rows of again/, "threshold ft --data again --split test");
});

test("scores mark the rows; a table is not judged by them", async () => {
  expect(done("score target ft so --out s.csv").stdout).toMatch(
    /ft: learned from the grades of \d+ of these rows/,
  );
  const { table } = await readCatalog(join(folder, "s.csv"));
  const marked = new Set(table.column("id").filter((_, row) => table.column("graded")[row] === true));
  for (const row of graded) expect(marked.has(target.ids[row]!)).toBe(true);
  expect(marked.size).toBeLessThan(table.count);
  refused(
    /^arclet: s\.csv: its finder learned from the grades of \d+ judged ids of truth\.csv.*--without-graded leaves these rows out/,
    `evaluate s.csv ${JUDGED} --out refused`,
  );
  const { stdout } = done(`evaluate s.csv ${JUDGED} --without-graded --out table`);
  expect(stdout).toMatch(/judged ids of truth\.csv.*; they are left out/);
  done("score target so --out plain.csv");
  expect((await readCatalog(join(folder, "plain.csv"))).table.names).not.toContain("graded");
  done(`evaluate plain.csv ${JUDGED} --out plain`);
});

test("methods says which take grades; one that takes none is refused with those that do", () => {
  const { stdout } = done("methods");
  expect(stdout).toMatch(/^adamatch .*; takes grades \[/m);
  expect(stdout).toMatch(/^fine-tune .*; needs grades \[/m);
  expect(stdout).toMatch(/^adabn {2}(?!.*grades)/m);
  refused(
    /graded is given, and adabn takes no grades; methods that do: .*fine-tune/,
    `train source target --method adabn --graded grades.csv ${BY} --out no`,
  );
});
