/** A fitted combination in tables and sentences, for the terminal and the report. */
import type { FittedCombination } from "../../evaluate/combination/combine.ts";
import { saysNothing } from "../../evaluate/combination/evidence.ts";
import type { Combination } from "../../evaluate/combination/file.ts";
import type { Gain } from "../../evaluate/combination/gain.ts";
import type { Interval } from "../../evaluate/interval.ts";
import type { Cell, Table } from "../../pictures/table.ts";

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
const gainCell = (gain: Gain | null): Cell =>
  gain === null ? null : `${signed(gain.value)} [${signed(gain.low)}, ${signed(gain.high)}]`;
const area = ({ auroc, low, high }: Interval & { auroc: number }): Cell => ({ value: auroc, low, high });

/** By how much a finder's evidence is multiplied in a row that all scored; null if that depends on the scores. */
function weightsOf({ rule, inputs }: Combination): (number | null)[] {
  if (rule.rule === "mean") return inputs.map(() => null);
  return inputs.map(({ evidence }, k) => {
    if (saysNothing(evidence)) return 0;
    return rule.rule === "stacking" ? rule.weights[k]! : 1 / (1 + (inputs.length - 1) * rule.correlation);
  });
}

/** The finders and their combination, on graded rows that were held out. */
export function findersTable({ combination, judged, names }: FittedCombination): Table {
  const weights = weightsOf(combination);
  return {
    columns: [
      "finder",
      "graded",
      "calibration",
      "AUROC",
      "log-loss",
      "weight",
      "combination's gain over it",
      "what it adds to the others",
    ],
    rows: [
      ...judged.finders.map(({ rows, auroc, logLoss, gain, adds }, k) => [
        ...[names[k]!, rows, combination.inputs[k]!.evidence.by, area(auroc), logLoss],
        ...[weights[k]!, gainCell(gain), gainCell(adds)],
      ]),
      [
        ...[
          `combined (${combination.asked})`,
          combination.graded.ids.length,
          null,
          area(judged.auroc),
          judged.logLoss,
        ],
        ...[null, null, null],
      ],
    ],
  };
}

/** Correlations of the finders' scores among rows of one class. */
export const correlationsTable = ({ judged, names }: FittedCombination): Table => ({
  columns: ["correlation", ...names],
  rows: names.map((name, k) => [name, ...judged.correlations[k]!.map((r) => r.toFixed(2))]),
});

/** What the numbers say, a sentence each. */
export function findings({ combination, judged, names }: FittedCombination): string[] {
  const { rule, graded, prevalence } = combination;
  const sentences = [
    `${graded.ids.length} graded rows in ${graded.groups} groups, ${(graded.share * 100).toFixed(0)} % of them positives (${graded.positives}); each is judged by a fit that saw no row of its group`,
  ];
  if (rule.rule === "stacking" && rule.weights.every((weight) => weight === 0))
    sentences.push(
      "the finders together do not rank graded positives above negatives: every row has the prior",
    );
  else if (rule.rule === "stacking")
    sentences.push(
      `weights are drawn towards each other with strength ${rule.penalty}, chosen by cross-validation`,
    );
  if (rule.rule === "bayes")
    sentences.push(
      `finders are taken to have a correlation of ${rule.correlation.toFixed(2)} given the class`,
    );
  for (const [k, { adds }] of judged.finders.entries()) {
    if (adds === null || adds.low > 0) continue;
    const change = `without it the AUROC is ${Math.abs(adds.value).toFixed(3)} ${adds.value < 0 ? "higher" : "lower"}, and the interval of that holds 0`;
    sentences.push(
      adds.high < 0
        ? `${names[k]} does harm: without it the AUROC is ${Math.abs(adds.value).toFixed(3)} higher`
        : `${names[k]} adds nothing that these grades can show: ${change}`,
    );
  }
  sentences.push(
    `probabilities are for a prevalence of ${prevalence.toPrecision(3)}${prevalence === graded.share ? ", that of the graded rows; --prevalence gives another" : ""}`,
  );
  return sentences;
}
