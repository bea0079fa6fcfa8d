/** A fitted combination on the command line: `score` and `export` take it; grades that a finder learned from are refused. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { readCombination } from "../../src/evaluate/combination/file.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "adda");
const { done, refused } = commandLine(folder);
const at = (...names: string[]) => join(folder, ...names);
const lines = (name: string) => readFileSync(at(name), "utf8").trimEnd().split("\n");
const GRADED = "--graded grades.csv --positives 'grade = 1' --negatives 'grade = 0'";
const TABLES = "plain=so.csv adapted=adda.csv:p_lens";

/** Ids of the graded rows. */
let graded: string[];

beforeAll(async () => {
  const target = await openDataset(at("target"));
  const rows = [...target.labelledRows()].slice(0, 60);
  const lens = target.info.classes.indexOf("lens");
  graded = rows.map((row) => target.ids[row]!);
  const grades = rows.map((row) => `${target.ids[row]},${Number(target.labels([row])[0] === lens)}`);
  writeFileSync(at("grades.csv"), `${["id,grade", ...grades].join("\n")}\n`);
  target.close();
  for (const run of ["so", "adda"]) done(`score target ${run} --out ${run}.csv`);
  done(`combine ${TABLES} ${GRADED} --models plain=so,adapted=adda --out combined`);
});

test("score scores images by the models that a combination names, as combine did their tables", () => {
  const { stdout } = done("score target combined --out all.csv");
  expect(stdout).toContain("all.csv: 96 images");
  expect(lines("all.csv")).toEqual(lines("combined/scores.csv"));
  const { inputs } = readCombination(at("combined", "combination.json"));
  expect(inputs.map(({ models }) => models!.map(({ path }) => path))).toEqual([["so"], ["adda"]]);
});

test("a table in place of a model, part of the rows, another prevalence, and a page", () => {
  const line = "score target combined/combination.json --splits test --inputs adapted=adda.csv:p_lens";
  done(`${line} --prevalence 0.01 --out rare.csv --report page`);
  const whole = new Map(lines("combined/scores.csv").map((row) => [row.split(",")[0], row.split(",")]));
  const [, ...rows] = lines("rare.csv").map((row) => row.split(","));
  expect(rows.length).toBeLessThan(60);
  const odds = (text: string) => Number(text) / (1 - Number(text));
  const { prevalence } = readCombination(at("combined", "combination.json"));
  for (const [id, , score] of rows)
    expect(odds(whole.get(id!)![2]!) / odds(score!)).toBeCloseTo(
      prevalence / (1 - prevalence) / (0.01 / 0.99),
      3,
    );
  expect(readFileSync(at("page", "report.html"), "utf8")).toContain("Candidates: lens");
});

test("export writes the combined scores of the tables that it was fitted on, unless they have changed", () => {
  expect(done("export combined --out again.csv").stdout).toContain(
    "again.csv: 96 rows, combined of plain, adapted",
  );
  expect(lines("again.csv")).toEqual(lines("combined/scores.csv"));
  copyFileSync(at("so.csv"), at("kept.csv"));
  writeFileSync(at("so.csv"), lines("so.csv").slice(0, -1).join("\n"));
  refused(
    /so\.csv: is not the table of plain that combined\/combination\.json was fitted on.*combine --apply/,
    "export combined --out no.csv",
  );
  copyFileSync(at("kept.csv"), at("so.csv"));
});

test("a model that is not the one, an input without any, and settings that make no sense are refused", () => {
  refused(
    /adda: is not the model that made the scores of plain when combined\/combination\.json was fitted/,
    "score target combined --inputs plain=adda --out no.csv",
  );
  done(`combine ${TABLES} ${GRADED} --out nameless`);
  refused(
    /nameless\/combination\.json: it doesn't say which model made the scores of plain.*--inputs plain=MODEL/,
    "score target nameless --out no.csv",
  );
  done("score target nameless --inputs plain=so,adapted=adda --out named.csv");
  expect(lines("named.csv")).toEqual(lines("combined/scores.csv"));
  refused(/input must be one of plain, adapted, got "other"/, "score target combined --inputs other=so");
  refused(/models> must be the combination combined alone/, "score target combined so --out no.csv");
  refused(/--prior must be left out.*--prevalence/, "score target combined --prior 0.9,0.1 --out no.csv");
  refused(/--inputs must be left out unless a combination scores/, "score target so --inputs plain=so");
  refused(
    /input adapted: column must be score or p_CLASS.*got "calibrated"/,
    `combine so.csv adapted=adda.csv:calibrated ${GRADED} --models adapted=adda --out no`,
  );
  refused(
    /models must be one of plain, adapted, got "other"/,
    `combine ${TABLES} ${GRADED} --models other=so`,
  );
});

test("graded rows that a finder learned from are refused, or fitted on with a warning, and judge nothing", () => {
  const [head, ...rows] = lines("so.csv");
  const learned = new Set(graded.slice(0, 12));
  const marked = rows.map((row) => `${row},${learned.has(row.split(",")[0]!)}`);
  writeFileSync(at("taught.csv"), `${[`${head},graded`, ...marked].join("\n")}\n`);
  const line = `combine taught.csv adapted=adda.csv:p_lens ${GRADED}`;
  refused(
    new RegExp(
      `taught\\.csv: the finder taught learned from the grades of 12 of the 60 graded rows.*: ${graded[0]}, ` +
        ".* and 7 more.*cross-validated.*--allow-learned",
    ),
    `${line} --out no`,
  );
  const { stdout } = done(`${line} --allow-learned --out allowed`);
  expect(stdout).toMatch(/warning: taught\.csv: .*figures below are too good/);
  expect(readCombination(at("allowed", "combination.json")).inputs.map((one) => one.learned)).toEqual([
    12,
    undefined,
  ]);
  // Of rows that are not its own grades, those that a finder learned from are marked as well.
  const others = lines("grades.csv").filter((row) => !learned.has(row.split(",")[0]!));
  writeFileSync(at("others.csv"), `${others.join("\n")}\n`);
  done(`${line.replace("grades.csv", "others.csv")} --out apart`);
  const column = lines("apart/scores.csv")[0]!.split(",").indexOf("graded");
  const marks = lines("apart/scores.csv").filter((row) => row.split(",")[column] === "true");
  expect(marks).toHaveLength(60);
});

test("a probability of exactly 0 is taken as a small one, and said", () => {
  const [head, first, ...rows] = lines("so.csv");
  const zero = first!.split(",").map((value, i) => (i === 2 ? "0" : value));
  writeFileSync(at("zero.csv"), `${[head, zero.join(","), ...rows].join("\n")}\n`);
  const { stdout } = done(`combine zero.csv adapted=adda.csv:p_lens ${GRADED} --out with-zero`);
  expect(stdout).toMatch(/^zero: takes 1 probability of exactly 0 as 0\.\d+$/m);
  expect(lines("with-zero/scores.csv")).toHaveLength(97);
});
