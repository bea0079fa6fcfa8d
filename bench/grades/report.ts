/** The tables and the picture of the experiment on graded rows. */
import * as Plot from "@observablehq/plot";
import { rankCorrelation } from "../../src/evaluate/rank-correlation.ts";
import { csvText } from "../../src/foundation/csv.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";
import { deviation, mean } from "../../src/foundation/statistics.ts";
import { drawSvg, seriesColour, seriesDash } from "../../src/pictures/plot.ts";
import { standaloneSvg } from "../../src/pictures/standalone-svg.ts";
import { markdownTable } from "../../src/pictures/table.ts";
import { METHODS } from "./plan.ts";
import { chosenTruth, type Judged, type Result } from "./result.ts";

/** One method and choice at one number of rows, over seeds. */
interface Line {
  method: string;
  choice: string;
  rows: number;
  lenses: readonly number[];
  /** Of the runs that were not refused. */
  judged: readonly Judged[];
  refused: number;
}

function linesOf(results: readonly Result[]): Line[] {
  const keys = [...new Set(results.map(({ method, choice, rows }) => `${method} ${choice} ${rows}`))];
  return keys.map((key) => {
    const own = results.filter(({ method, choice, rows }) => `${method} ${choice} ${rows}` === key);
    const { method, choice, rows } = own[0]!;
    const judged = own.map(chosenTruth).filter((truth) => truth !== null);
    const refused = own.length - judged.length;
    return { method, choice, rows, lenses: own.map(({ lenses }) => lenses), judged, refused };
  });
}

const spread = (values: readonly number[]): string =>
  values.length === 0
    ? "–"
    : `${mean(values).toFixed(3)}${values.length > 1 ? ` ± ${deviation(values).toFixed(3)}` : ""}`;

function gainsTable(lines: readonly Line[]): string {
  return markdownTable({
    columns: [
      "method",
      "chosen",
      "graded",
      "lenses among them",
      "AUROC",
      "completeness at FPR 1 %",
      "refused",
    ],
    rows: lines.map(({ method, choice, rows, lenses, judged, refused }) => [
      ...[method, choice, rows, lenses.join(", ")],
      spread(judged.map(({ auroc }) => auroc)),
      spread(judged.map(({ recall }) => recall)),
      refused === 0 ? "" : `${refused} of ${refused + judged.length}`,
    ]),
  });
}

/** AUROC against the number of graded rows, a line for each method and choice. */
function figure(start: Judged, lines: readonly Line[]): string {
  const graded = lines.filter(({ choice, judged }) => choice !== "none" && judged.length > 0);
  const names = [...new Set(graded.map(({ method, choice }) => `${method}, ${choice}`))];
  const points = graded.map(({ method, choice, rows, judged }) => ({
    k: names.indexOf(`${method}, ${choice}`),
    rows,
    auroc: mean(judged.map(({ auroc }) => auroc)),
  }));
  const without = lines.find(({ choice }) => choice === "none");
  const levels = [start.auroc, ...(without ? [mean(without.judged.map(({ auroc }) => auroc))] : [])];
  return drawSvg(
    "AUROC on the sealed test against the number of graded rows",
    {
      x: { type: "log", label: "graded rows →", labelAnchor: "center", tickFormat: String, ticks: 3 },
      y: { label: "↑ AUROC", grid: true, nice: true },
      marks: [
        Plot.frame({ anchor: "bottom" }),
        Plot.ruleY(levels, { strokeOpacity: 0.6, strokeDasharray: "4 3" }),
        ...names.flatMap((_, k) => {
          const own = points.filter((point) => point.k === k);
          const at = { x: "rows", y: "auroc" };
          const stroke = seriesColour(k);
          return [
            Plot.line(own, { ...at, stroke, strokeWidth: 2, strokeDasharray: seriesDash(k) }),
            Plot.dot(own, { ...at, fill: stroke, r: 3 }),
          ];
        }),
      ],
    },
    names.map((name, k) => ({ name, k })),
  );
}

/** Within each run: a validator's choice of the epoch against the best on the test. */
function validatorsTable(results: readonly Result[]): string {
  const usable = results.filter(({ epochs }) => epochs.length > 1);
  // Runs that hold graded rows alone, so that all validators judge the same ones.
  const held = usable.filter(({ epochs }) => epochs[0]!.validators["graded-auroc"] !== undefined);
  const names = [...new Set(held.flatMap(({ epochs }) => Object.keys(epochs[0]!.validators)))];
  const rowOf = (name: string, of: readonly Result[]) => {
    const within = of.map(({ epochs }) => {
      const truth = epochs.map((epoch) => epoch.truth.auroc);
      const scores = epochs.map(({ validators }) => validators[name]!);
      const best = Math.max(...scores);
      return {
        regret: Math.max(...truth) - truth[scores.lastIndexOf(best)]!,
        rho: rankCorrelation(scores, truth),
      };
    });
    const rhos = within.flatMap(({ rho }) => (rho === null ? [] : [rho]));
    const between = rankCorrelation(
      of.map(({ epochs, chosen }) => epochs[chosen!.epoch - 1]!.validators[name]!),
      of.map((result) => chosenTruth(result)!.auroc),
    );
    return [spread(within.map(({ regret }) => regret)), spread(rhos), between?.toFixed(2) ?? "–"];
  };
  const last = held.map(({ epochs }) => {
    const truth = epochs.map((epoch) => epoch.truth.auroc);
    return Math.max(...truth) - truth.at(-1)!;
  });
  return markdownTable({
    columns: ["validator", "regret within a run", "rank correlation within", "rank correlation between runs"],
    rows: [...names.map((name) => [name, ...rowOf(name, held)]), ["the last epoch", spread(last), "", ""]],
  });
}

/** Writes `graded-rows.csv` and `graded-rows.svg`, and prints the tables. @param start the finder as it comes */
export function report(start: Judged, results: readonly Result[]): void {
  const lines = linesOf(results);
  const head = ["method", "choice", "rows", "seed", "lenses", "refused", "auroc", "recall_fpr_1e-2"];
  const body = results.map((result) => {
    const truth = chosenTruth(result);
    const { method, choice, rows, seed, lenses, refused } = result;
    const figures = truth === null ? ["", ""] : [truth.auroc.toFixed(4), truth.recall.toFixed(4)];
    return [method, choice, rows, seed, lenses, refused, ...figures];
  });
  const asComes = ["finder", "none", 0, "", 0, false, start.auroc.toFixed(4), start.recall.toFixed(4)];
  writeFileWhole("graded-rows.csv", csvText([head, asComes, ...body]));
  writeFileWhole("graded-rows.svg", standaloneSvg(figure(start, lines)));
  console.log(
    `\nthe finder as it comes: AUROC ${start.auroc.toFixed(3)}, completeness ${start.recall.toFixed(3)}\n`,
  );
  console.log(gainsTable(lines));
  for (const method of METHODS) {
    const own = results.filter((result) => result.method === method && !result.refused && result.rows > 0);
    const held = own.filter(({ epochs }) => epochs[0]?.validators["graded-auroc"] !== undefined);
    if (held.length > 0)
      console.log(`\n${method}, ${held.length} runs with held rows\n\n${validatorsTable(own)}`);
  }
}
