/**
 * Prints a comparison in full, one line for each method and encoder:
 * `node --import tsx bench/comparison-table.ts RUNS [ENCODER…]`, RUNS being the `out` of `arclet compare`.
 */
import { join } from "node:path";
import type { Line } from "../src/evaluate/comparison/entries.ts";
import { ArcletError } from "../src/foundation/errors.ts";
import { readJson } from "../src/foundation/files.ts";
import { type Cell, markdownTable } from "../src/pictures/table.ts";
import { differenceText } from "../src/reports/comparing/statistics-tables.ts";

const [out, ...requested] = process.argv.slice(2);
if (out === undefined)
  throw new ArcletError({
    where: "bench/comparison-table",
    code: "missing",
    problem: "needs the folder of a comparison",
  });

const { lines } = readJson(join(out, "metrics.json")) as { lines: Line[] };
const encoders = requested.length > 0 ? requested : [...new Set(lines.map(({ encoder }) => encoder))];
const interval = ({ auroc: { mean, low, high } }: Line) =>
  `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
const fixed = (value: number | null) => value?.toFixed(3) ?? "";

for (const encoder of encoders) {
  const encoderLines = lines.filter((line) => line.encoder === encoder);
  const methods = [...new Set(encoderLines.filter(({ kind }) => kind === "chosen").map(({ row }) => row))];
  const rows = methods.map((row): Cell[] => {
    const lineOf = (kind: Line["kind"]) =>
      encoderLines.find((line) => line.row === row && line.kind === kind);
    const [chosen, last, oracle, mean] = [
      lineOf("chosen")!,
      lineOf("last"),
      lineOf("oracle"),
      lineOf("mean"),
    ];
    const { gain, adjusted, tpr10, averagePrecision, seconds, seeds } = chosen;
    return [
      row,
      interval(chosen),
      gain === null ? "" : differenceText(gain, adjusted),
      last === undefined ? "" : last.auroc.mean.toFixed(3),
      oracle === undefined ? "" : oracle.auroc.mean.toFixed(3),
      mean === undefined ? "" : interval(mean),
      fixed(averagePrecision.mean),
      fixed(tpr10.mean),
      seeds,
      Math.round(seconds),
    ];
  });
  const columns = [
    encoder,
    "AUROC, chosen epoch",
    "gain over source-only",
    "last",
    "oracle",
    "mean of the seeds' runs",
    "average precision",
    "TPR_10",
    "seeds",
    "seconds per run",
  ];
  console.log(`${markdownTable({ columns, rows })}\n`);
}
