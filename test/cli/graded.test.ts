/** Grades on the command line: trained on, gone from the test, marked in scores, and judged by nothing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { type Dataset, openDataset } from "../../src/dataset/dataset.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
const { done, refused } = commandLine(folder);
const BY = "--graded-positives 'grade >= 2' --graded-negatives 'grade <= 0.7'";
const JUDGED = "--truth truth.csv --positives 'lens = 1' --negatives 'lens = 0'";

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
