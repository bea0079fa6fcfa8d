/** A comparison's tables, with the numbers at few false positives first, since these judge a lens finder. */

import { DEEPLENSE_ENCODERS, DEEPLENSE_TABLE } from "../../evaluate/comparison/deeplense.ts";
import type { Line, Measured, RowDifference, Spread } from "../../evaluate/comparison/entries.ts";
import type { OverSeeds } from "../../evaluate/comparison/over-seeds.ts";
import type { ValidatorQuality } from "../../evaluate/comparison/validators.ts";
import { csvText } from "../../foundation/csv.ts";
import { deviation, mean } from "../../foundation/statistics.ts";
import type { Cell, Table } from "../../pictures/table.ts";

const LEVEL = 0.05;

/** The lines of one encoder. */
export function lineTable(lines: readonly Line[], encoder: string): Table {
  return {
    columns: [
      ...["method", "epoch", "TPR_0", "TPR_10", "AUROC", "gain over source-only", "average precision"],
      ...["seeds", "seconds", "marks"],
    ],
    rows: lines
      .filter((line) => line.encoder === encoder)
      .map((line) => [
        line.row,
        line.kind === "mean" || line.kind === "stack" ? `${line.kind} of ${line.members} runs` : line.kind,
        spreadCell(line.tpr0),
        spreadCell(line.tpr10),
        { value: line.auroc.mean, low: line.auroc.low, high: line.auroc.high },
        line.gain === null ? "" : differenceText(line.gain, line.adjusted),
        spreadCell(line.averagePrecision),
        line.seeds,
        line.seconds.toFixed(line.seconds < 10 ? 1 : 0),
        line.marks.join(", "),
      ]),
  };
}

const spreadCell = ({ mean, deviation, single }: Spread): Cell =>
  single ?? (mean === null ? null : `${mean.toFixed(3)} ± ${deviation!.toFixed(3)}`);

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;

/** `+0.031 [+0.008, +0.054] *`: the star means that Holm's p is at most 0.05. */
export const differenceText = ({ mean, low, high }: OverSeeds, adjusted: number | null): string =>
  `${signed(mean)} [${signed(low)}, ${signed(high)}]${adjusted !== null && adjusted <= LEVEL ? " *" : ""}`;

/** Differences between one encoder's rows: the row's AUROC minus the column's. */
export function differenceTable(differences: readonly RowDifference[], encoder: string): Table {
  const pairs = differences.filter((pair) => pair.encoder === encoder);
  const names = [...new Set(pairs.flatMap(({ first, second }) => [second, first]))];
  const cell = (row: string, column: string): string => {
    for (const [sign, first, second] of [
      [1, row, column],
      [-1, column, row],
    ] as const) {
      const match = pairs.find((pair) => pair.first === first && pair.second === second);
      if (match !== undefined) return `${signed(sign * match.mean)}${match.adjusted <= LEVEL ? " *" : ""}`;
    }
    return "";
  };
  return {
    columns: ["row minus column", ...names],
    rows: names.map((row) => [row, ...names.map((column) => cell(row, column))]),
  };
}

/** DeepLense's published table. */
export const deeplenseTable = (): Table => ({
  columns: ["method", ...Object.values(DEEPLENSE_ENCODERS)],
  rows: Object.entries(DEEPLENSE_TABLE).map(([method, row]) => [
    method,
    ...Object.keys(DEEPLENSE_ENCODERS).map((encoder) => row[encoder] ?? null),
  ]),
});

/** How well validators choose: over all checkpoints of an encoder and seed, and within single runs. */
export function validatorTable(
  overall: readonly ValidatorQuality[],
  within: readonly ValidatorQuality[],
): Table {
  return {
    columns: [
      "validator",
      "rank correlation with the true AUROC",
      "regret of its choice",
      "regret within a run",
    ],
    rows: overall.map(({ name, correlation, regret }) => [
      name,
      over(
        correlation.filter((rho) => rho !== null),
        2,
      ),
      over(regret, 3),
      over(within.find((quality) => quality.name === name)?.regret ?? [], 3),
    ]),
  };
}

/** `0.812 ± 0.004`: mean and deviation; a dash if there are no values. */
export function over(values: readonly number[], digits: number): string {
  if (values.length === 0) return "–";
  const middle = mean(values).toFixed(digits);
  if (values.length === 1) return middle;
  return `${middle} ± ${deviation(values).toFixed(digits)}`;
}

export interface Failed {
  encoder: string;
  row: string;
  method: string;
  seed: number;
  reason: string;
}

export const failedTable = (failed: readonly Failed[]): Table => ({
  columns: ["encoder", "method", "seed", "reason"],
  rows: failed.map(({ encoder, row, seed, reason }) => [encoder, row, seed, reason]),
});

/** One line for each tested epoch of each run, and for each ensemble; failed runs have a reason and no numbers. */
export function entriesCsv(entries: readonly Measured[], failed: readonly Failed[]): string {
  const estimates = (metrics: Measured["metrics"]) => [
    metrics.tpr0,
    metrics.tpr10,
    metrics.auroc,
    metrics.averagePrecision,
    ...metrics.recallAtFpr.map(({ recall }) => recall),
  ];
  const rates = entries[0]?.metrics.recallAtFpr.map(({ fpr }) => `recall_at_fpr_${fpr}`) ?? [];
  const names = ["tpr_0", "tpr_10", "auroc", "average_precision", ...rates];
  const head = [
    ...["encoder", "row", "method", "seed", "epoch_kind", "epoch", "epochs"],
    ...names.flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    ...["calibration_error", "seconds", "members", "marks", "reason"],
  ];
  const rows = entries.map(({ metrics, ...entry }) => [
    ...[entry.encoder, entry.row, entry.method, entry.seed, entry.kind, entry.epoch, entry.epochs],
    ...estimates(metrics).flatMap(({ value, low, high }) => [value, low, high]),
    ...[metrics.calibration?.ece ?? null, entry.seconds.toFixed(1)],
    ...[entry.members.join(" "), entry.marks.join(", "), ""],
  ]);
  const lost = failed.map(({ encoder, row, method, seed, reason }) => [
    ...[encoder, row, method, seed, "failed"],
    ...Array<string>(head.length - 6).fill(""),
    reason,
  ]);
  return csvText([head, ...rows, ...lost]);
}

/** One line for each difference between two rows. */
export const differencesCsv = (differences: readonly RowDifference[]): string =>
  csvText([
    ["encoder", "first", "second", "auroc_difference", "low", "high", "standard_error"].concat([
      "degrees",
      "p",
      "p_holm",
      "seeds",
    ]),
    ...differences.map((pair) => [
      ...[pair.encoder, pair.first, pair.second, pair.mean, pair.low, pair.high, pair.standardError],
      ...[pair.degrees, pair.p, pair.adjusted, pair.seeds],
    ]),
  ]);
