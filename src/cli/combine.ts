/** `arclet combine`: finders, catalogues and volunteers made one calibrated probability. */
import { join } from "node:path";
import { formatByName } from "../catalog/format.ts";
import type { Combined } from "../evaluate/combination/combine.ts";
import { type CombineConfig, combineConfig } from "../evaluate/combination/config.ts";
import { COMBINATION_FILE } from "../evaluate/combination/file.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { command } from "./command.ts";

export const combine = command({
  details:
    "Each table's scores are calibrated on the graded rows, and a rule makes one probability of what they say: stacking " +
    "(weights learned, drawn towards each other), bayes (likelihood ratios multiplied, corrected for how much the finders " +
    "agree), independent-bayes (not corrected) or mean. All that is printed is of rows held out: no row is judged by a fit " +
    "that saw its group. A row that one table lacks is combined from the others. Writes a folder with scores.csv (every " +
    "row, best first), combination.json and report.html; --apply combination.json combines new tables of the same finders, and `arclet score DATASET combination.json` new images. " +
    "Rows whose grades a finder learned from are refused: its scores of them are better than of others.",
  schema: combineConfig,
  positionals: ["scores"],
  example:
    "arclet combine scores.csv crowd.csv:crowd_p --graded table.csv --positives 'grade >= 2' --negatives 'grade < 1' --out combined",
  async run(values, origin) {
    const outputs = outputsOf(values.out); // before the work
    if (values.apply !== null) {
      const fixed = IN_FILE.find((key) => origin[key] !== "default");
      if (fixed !== undefined)
        refuse("combine", fixed, "left out with --apply, whose file has it", values[fixed]);
      return applied(values, values.apply, outputs);
    }
    return fitted(values, outputs);
  },
});

/** Settings that a fitted combination has. */
const IN_FILE = [
  "graded",
  "positives",
  "negatives",
  "models",
  "allowLearned",
  "rule",
  "calibration",
  "folds",
  "seed",
] as const;

interface Outputs {
  table: string;
  combination: string;
  report: string;
}

/** A folder's files, or a table's and those beside it. */
function outputsOf(out: string): Outputs {
  const stem = /^(.*[^/])\.[A-Za-z]+$/.exec(out)?.[1];
  if (stem === undefined)
    return {
      table: join(out, "scores.csv"),
      combination: join(out, COMBINATION_FILE),
      report: join(out, "report.html"),
    };
  if (formatByName(out) === "regions")
    throw new ArcletError({
      where: out,
      code: "unsupported",
      problem: "regions hold no probabilities",
      fix: "write a table, and arclet export it as regions",
    });
  return { table: out, combination: `${stem}-combination.json`, report: `${stem}-report.html` };
}

async function fitted(values: CombineConfig, outputs: Outputs): Promise<void> {
  const { graded, positives, negatives } = values;
  if (graded === null) refuse("combine", "graded", "given (or --apply)", null);
  if (positives === null || negatives === null)
    refuse("combine", "positives and negatives", "given with --graded, e.g. 'grade >= 2'", null);
  const { combineTables } = await import("../evaluate/combination/combine.ts");
  const { writeCombination } = await import("../evaluate/combination/file.ts");
  const { textTable } = await import("../pictures/table.ts");
  const { correlationsTable, findersTable, findings } = await import("../reports/combination/tables.ts");
  const { writeCombinationReport } = await import("../reports/combination/report.ts");
  const made = await combineTables(values, { path: graded!, positives: positives!, negatives: negatives! });
  for (const note of made.notes) console.log(note);
  console.log(textTable(findersTable(made)));
  console.log(textTable(correlationsTable(made)));
  for (const line of findings(made)) console.log(line);
  await written(outputs.table, made);
  writeCombination(outputs.combination, made.combination);
  writeCombinationReport(outputs.report, made);
  console.log(outputs.combination);
  console.log(outputs.report);
}

async function applied(values: CombineConfig, path: string, { table }: Outputs): Promise<void> {
  const { applyToTables } = await import("../evaluate/combination/apply.ts");
  const { readCombination } = await import("../evaluate/combination/file.ts");
  const { scores, prevalence } = values;
  const made = await applyToTables(path, readCombination(path), scores, prevalence);
  for (const note of made.notes) console.log(note);
  await written(table, made);
}

async function written(path: string, combined: Combined): Promise<void> {
  const { bestIds, writeCombined } = await import("../evaluate/combination/table.ts");
  await writeCombined(path, combined);
  console.log(`${path}: ${combined.joined.ids.length} rows; best: ${bestIds(combined, 5).join(", ")}`);
}
