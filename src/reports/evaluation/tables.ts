/** The tables and figures of an evaluation's report, from its metrics. */

import type { TestResult } from "../../evaluate/finder-test.ts";
import type { Calibration, Estimate, Metrics } from "../../evaluate/schema.ts";
import { completenessFigure, completenessMapFigure } from "../../pictures/completeness-figures.ts";
import { reliabilityFigure } from "../../pictures/figures.ts";
import type { Table } from "../../pictures/table.ts";
import type { ReportFigure, ReportTable } from "../report.ts";

const nameOf = ({ method, checkpoint }: TestResult): string => `${method} (${checkpoint})`;

/** Every table but that of the finders; tables without rows are left out. */
export function metricTables(results: readonly TestResult[]): ReportTable[] {
  const all = [
    {
      title: "Selected at the threshold",
      table: operatingTable(results),
      note: `The confusion matrix of each finder. Threshold: ${[...new Set(results.map(({ metrics }) => metrics.operatingPoint.chosen))].join("; ")}.`,
    },
    {
      title: "Top of the list",
      table: topTable(results),
      note: "Purity and completeness among the N highest scores.",
    },
    {
      title: "Purity in the sky",
      table: prevalenceTable(results),
      note: "The share of selected objects that would be lenses if lenses were this common. The bounds combine the worse ends of recall and false-positive rate.",
    },
    {
      title: "Calibration",
      table: calibrationTable(results),
      note:
        "ECE: expected calibration error over bins of equal width; its value is biased upward, its interval (bootstrap by group) is not. " +
        "Calibrated: fitted on the source's validation rows, then corrected to the prior shown.",
    },
    {
      title: "False-positive rate by kind",
      table: kindTable(results),
      note: "The share of a kind's negatives that is selected at the threshold.",
    },
    {
      title: "Classes",
      table: classTable(results),
      note: "Each class against the rest, and their unweighted mean.",
    },
  ];
  return all.filter(({ table }) => table.rows.length > 0);
}

function operatingTable(results: readonly TestResult[]): Table {
  return {
    columns: [
      "finder",
      "threshold",
      "true positives",
      "false negatives",
      "false positives",
      "true negatives",
      "recall",
      "false-positive rate",
      "purity",
    ],
    rows: results.map((result) => {
      const point = result.metrics.operatingPoint;
      return [
        nameOf(result),
        point.threshold.toPrecision(4),
        point.truePositives,
        point.falseNegatives,
        point.falsePositives,
        point.trueNegatives,
        point.recall,
        point.fpr,
        point.purity,
      ];
    }),
  };
}

/** One row for each finder: purity, then completeness, for each length of the list. */
function topTable(results: readonly TestResult[]): Table {
  const lengths = inAny(results, ({ metrics }) => metrics.top.map(({ n }) => n));
  const topOf = (result: TestResult, n: number) => result.metrics.top.find((top) => top.n === n);
  return {
    columns: [
      "finder",
      ...lengths.map((n) => `purity of the top ${n}`),
      ...lengths.map((n) => `completeness of the top ${n}`),
    ],
    rows:
      lengths.length === 0
        ? []
        : results.map((result) => [
            nameOf(result),
            ...lengths.map((n) => topOf(result, n)?.purity ?? null),
            ...lengths.map((n) => topOf(result, n)?.completeness ?? null),
          ]),
  };
}

/** One row for each finder, one column for each share of lenses. */
function prevalenceTable(results: readonly TestResult[]): Table {
  const shares = inAny(results, ({ metrics }) => metrics.atPrevalence.map(({ prevalence }) => prevalence));
  return {
    columns: ["finder", ...shares.map((share) => `purity if ${share} are lenses`)],
    rows:
      shares.length === 0
        ? []
        : results.map((result) => [
            nameOf(result),
            ...shares.map(
              (share) =>
                result.metrics.atPrevalence.find(({ prevalence }) => prevalence === share)?.purity ?? null,
            ),
          ]),
  };
}

/** The distinct values in any of the results. */
const inAny = <T>(results: readonly TestResult[], valuesOf: (result: TestResult) => readonly T[]): T[] => [
  ...new Set(results.flatMap(valuesOf)),
];

function calibrationTable(results: readonly TestResult[]): Table {
  const row = (result: TestResult, what: string, { ece, brier, logLoss, intervals }: Calibration) => {
    const estimate = (value: number | null, name: "ece" | "brier" | "logLoss"): Estimate => ({
      value,
      low: intervals?.[name].low ?? null,
      high: intervals?.[name].high ?? null,
    });
    return [
      nameOf(result),
      what,
      estimate(ece, "ece"),
      estimate(brier, "brier"),
      estimate(logLoss, "logLoss"),
    ];
  };
  return {
    columns: ["finder", "probabilities", "ECE", "Brier score", "log-loss (nats)"],
    rows: results.flatMap((result) => {
      const { calibration, calibrated } = result.metrics;
      return [
        ...(calibration ? [row(result, "as scored", calibration)] : []),
        ...(calibrated ? [row(result, calibratedText(calibrated), calibrated)] : []),
      ];
    }),
  };
}

function calibratedText({ by, prior }: NonNullable<Metrics["calibrated"]>): string {
  return `calibrated: ${by}${prior === null ? "" : ` ${prior.toPrecision(3)}`}`;
}

/** One row for each kind, those that fool the first finder most on top; one column for each finder. */
function kindTable(results: readonly TestResult[]): Table {
  const kindsOf = ({ metrics }: TestResult) => metrics.falsePositivesByKind ?? [];
  const judged = results.filter((result) => kindsOf(result).length > 0);
  const kinds = inAny(judged, (result) => kindsOf(result).map(({ kind }) => kind));
  const rowOf = (result: TestResult, kind: string) => kindsOf(result).find((row) => row.kind === kind);
  return {
    columns: ["kind", "negatives", ...judged.map(nameOf)],
    rows: kinds.map((kind) => [
      kind,
      Math.max(...judged.map((result) => rowOf(result, kind)?.negatives ?? 0)),
      ...judged.map((result) => rowOf(result, kind)?.fpr ?? null),
    ]),
  };
}

/** Only for more than two classes: with two, both rows would be the same. */
function classTable(results: readonly TestResult[]): Table {
  return {
    columns: ["finder", "class", "rows", "AUROC", "average precision"],
    rows: results.flatMap((result) => {
      const { multiclass } = result.metrics;
      if (multiclass === null || multiclass.classes.length < 3) return [];
      const { intervals, macroAuroc, macroAveragePrecision } = multiclass;
      const bounds = (interval: { low: number; high: number } | null | undefined) =>
        interval ?? { low: null, high: null };
      return [
        ...multiclass.oneVsRest.map((one, k) => [
          nameOf(result),
          one.class,
          one.rows,
          one.auroc,
          { value: one.averagePrecision, ...bounds(intervals?.averagePrecision[k]) },
        ]),
        [
          nameOf(result),
          "mean of the classes",
          multiclass.oneVsRest.reduce((sum, { rows }) => sum + rows, 0),
          { value: macroAuroc, ...bounds(intervals?.macroAuroc) },
          { value: macroAveragePrecision, ...bounds(intervals?.macroAveragePrecision) },
        ],
      ];
    }),
  };
}

/** Figures of reliability and completeness, with the name of each file. */
export function metricFigures(result: TestResult): (ReportFigure & { file: string })[] {
  const { calibration, calibrated, completeness, positiveClass } = result.metrics;
  const name = nameOf(result);
  const reliability = (file: string, title: string, what: string, { bins, ece }: Calibration) => ({
    file,
    title,
    svg: reliabilityFigure(bins, positiveClass),
    caption: `${name}: share of positives among rows of a probability, ${what}. Expected calibration error ${ece.toFixed(3)}.`,
  });
  const figures = [
    ...(calibration ? [reliability("reliability", "Reliability", "as scored", calibration)] : []),
    ...(calibrated
      ? [
          reliability(
            "reliability-calibrated",
            "Reliability, calibrated",
            calibratedText(calibrated),
            calibrated,
          ),
        ]
      : []),
  ];
  if (completeness === null) return figures;
  const at = `at a threshold of ${completeness.threshold.toPrecision(4)} (${result.metrics.operatingPoint.chosen})`;
  for (const along of completeness.along)
    figures.push({
      file: `completeness-${along.column}`,
      title: `Completeness: ${along.label}`,
      svg: completenessFigure(along, positiveClass),
      caption: `${name}: recall with Wilson's 95 % interval, ${at}.`,
    });
  if (completeness.map)
    figures.push({
      file: "completeness-map",
      title: "Completeness map",
      svg: completenessMapFigure(completeness.map, positiveClass),
      caption: `${name}: share found in each cell, ${at}. Cells without a lens are empty.`,
    });
  return figures;
}
