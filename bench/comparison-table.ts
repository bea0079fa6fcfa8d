/**
 * A comparison in full, a line a method and encoder:
 * `node --import tsx bench/comparison-table.ts RUNS [ENCODER…]`, RUNS being the `out` of `arclet compare`.
 */
import { join } from "node:path";
import type { Line } from "../src/evaluate/comparison/entries.ts";
import { ArcletError } from "../src/foundation/errors.ts";
import { readJson } from "../src/foundation/files.ts";
import { type Cell, markdownTable } from "../src/pictures/table.ts";
import { differenceText } from "../src/reports/comparing/statistics-tables.ts";

const [out, ...asked] = process.argv.slice(2);
if (out === undefined)
  throw new ArcletError({
    where: "bench/comparison-table",
    code: "missing",
    problem: "needs the folder of a comparison",
  });

const { lines } = readJson(join(out, "metrics.json")) as { lines: Line[] };
const encoders = asked.length > 0 ? asked : [...new Set(lines.map(({ encoder }) => encoder))];
const interval = ({ auroc: { mean, low, high } }: Line) =>
  `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
const fixed = (value: number | null) => value?.toFixed(3) ?? "";

for (const encoder of encoders) {
  const own = lines.filter((line) => line.encoder === encoder);
  const methods = [...new Set(own.filter(({ kind }) => kind === "chosen").map(({ row }) => row))];
  const rows = methods.map((row): Cell[] => {
    const of = (kind: Line["kind"]) => own.find((line) => line.row === row && line.kind === kind);
    const [chosen, last, oracle, mean] = [of("chosen")!, of("last"), of("oracle"), of("mean")];
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
    "s a run",
  ];
  console.log(`${markdownTable({ columns, rows })}\n`);
}
