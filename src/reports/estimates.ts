/** The files of `estimate`: estimates.json, report.html, and the figure as a file. */
import { join } from "node:path";
import type { Graded } from "../evaluate/designed-sample/graded-strata.ts";
import { type GraderErrors, type Rate, statedRates } from "../evaluate/designed-sample/grader-errors.ts";
import type { SurveyEstimate, SurveyFigures } from "../evaluate/designed-sample/survey-figures.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { standaloneSvg } from "../pictures/standalone-svg.ts";
import { surveyFigure } from "../pictures/survey-figure.ts";
import { type Table, textTable } from "../pictures/table.ts";
import type { Provenance } from "../torch/provenance.ts";
import { type Headline, writeReport } from "./report.ts";

export interface Estimated extends Graded {
  readonly figures: SurveyFigures;
  /** What was corrected; null for nothing. */
  readonly errors: GraderErrors | null;
  /** The files behind it, and the condition that makes a row a lens. */
  readonly scores: string;
  readonly sample: string;
  readonly grades: string;
  readonly positives: string;
}

/** @returns sentences for the user: what a lens is here, and what was assumed */
export function writeEstimates(out: string, result: Estimated, provenance: Provenance): string[] {
  const { figures } = result;
  const notes = [lensMeaning(result), ...result.notes];
  const numbers = { version: 1, ...estimatesJson(result), notes, provenance };
  writeFileWhole(join(out, "estimates.json"), `${JSON.stringify(numbers, null, 2)}\n`);
  const svg = surveyFigure(figures.thresholds);
  writeFileWhole(join(out, "figures", "purity-completeness.svg"), standaloneSvg(svg));
  writeReport(join(out, "report.html"), {
    title: "Purity, completeness and number of lenses",
    question: provenance.command,
    headlines: [numberHeadline(figures.number)],
    data: [],
    split: null,
    tables: [
      { title: "What is selected", table: thresholdTable(result) },
      { title: "Strata of the sample", table: strataTable(result) },
      {
        title: "Horvitz and Thompson's estimates",
        table: weightedTable(result),
        note: "Grades weighted by the inverse of their probability, without knowing how many rows of a stratum are on each side of a threshold; graders' errors are not corrected.",
      },
    ],
    figures: [
      {
        title: "Purity and completeness",
        svg,
        caption: "Of the rows selected at each threshold, with 95 % intervals.",
      },
    ],
    commands: [provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: [
      ...notes,
      "Values are Hájek's by stratum and side of the threshold. Intervals are 95 %, from exact confidence distributions of each stratum's lenses, with half a lens more where rows are sampled most thinly.",
    ],
  });
  return notes;
}

/** The number of lenses, for the head of a page. */
export const numberHeadline = ({ value, low, high }: SurveyEstimate): Headline => ({
  label: "lenses in the survey",
  value: roundedText(value),
  detail: `95 % interval ${roundedText(low)} to ${roundedText(high)}`,
});

/** What is estimated, and from what, as JSON keeps it. */
export function estimatesJson(result: Estimated) {
  const { figures, errors, strata, thresholds, decoys } = result;
  return {
    ...{ scores: result.scores, sample: result.sample, grades: result.grades, positives: result.positives },
    graderErrors: errors,
    decoys,
    number: figures.number,
    thresholds: figures.thresholds.map((at, t) => ({ threshold: thresholds[t]!, ...at })),
    strata: strata.map(({ name, rows, drawn, graded, positives }) => ({
      ...{ name, rows, drawn, graded, positives },
    })),
  };
}

/** What a lens is in these figures. @param setting the one that corrects graders' errors */
export function lensMeaning({ errors, positives }: Estimated, setting = "--grader-errors"): string {
  if (errors === null)
    return `A lens is what graders call one (${positives}): their errors are not corrected (see ${setting}).`;
  const { sensitivity, specificity } = statedRates(errors);
  const text = (share: number, { right, of }: Rate) =>
    of === null ? `${share} (taken as exact)` : `${share.toFixed(3)} (${right} of ${of})`;
  return `Graders (${positives}) are corrected for a sensitivity of ${text(sensitivity, errors.sensitivity)} and a specificity of ${text(specificity, errors.specificity)}.`;
}

/** The number of lenses, and what each threshold selects, for the terminal. */
export function estimatesTable(result: Estimated): string {
  return `${textTable(thresholdTable(result))}\nlenses in the survey: ${countText(result.figures.number)}`;
}

/** What is selected at each threshold: rows, lenses, purity, completeness. */
export function thresholdTable({ figures, thresholds }: Estimated): Table {
  return {
    columns: ["score from", "selected", "lenses", "purity", "completeness"],
    rows: figures.thresholds.map(({ selected, lenses, purity, completeness }, t) => [
      String(Number(thresholds[t]!.toPrecision(6))),
      selected,
      countText(lenses),
      purity,
      completeness,
    ]),
  };
}

const weightedTable = ({ figures, thresholds }: Estimated): Table => ({
  columns: ["score from", "lenses", "purity", "completeness"],
  rows: [
    ...figures.thresholds.map(({ lenses, purity, completeness }, t) => [
      String(Number(thresholds[t]!.toPrecision(6))),
      roundedText(lenses.horvitzThompson),
      purity.horvitzThompson,
      completeness.horvitzThompson,
    ]),
    ["all", roundedText(figures.number.horvitzThompson), null, null],
  ],
});

/** Rows drawn, graded, and called lenses, by stratum. */
export const strataTable = ({ strata }: Estimated): Table => ({
  columns: ["stratum", "rows", "drawn", "graded", "lenses among them"],
  rows: strata.map(({ name, rows, drawn, graded, positives }) => [name, rows, drawn, graded, positives]),
});

const countText = ({ value, low, high }: SurveyEstimate): string =>
  `${roundedText(value)} [${roundedText(low)}, ${roundedText(high)}]`;

const roundedText = (value: number | null): string => (value === null ? "–" : String(Math.round(value)));
