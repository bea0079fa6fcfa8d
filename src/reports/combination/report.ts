/** The report of a fitted combination. */
import { reliabilityBins } from "../../evaluate/calibration.ts";
import type { FittedCombination } from "../../evaluate/combination/combine.ts";
import { rankScores } from "../../evaluate/ranked.ts";
import { rocCurve } from "../../evaluate/ranking.ts";
import { reliabilityFigure } from "../../pictures/figures.ts";
import { rocFigure } from "../../pictures/roc-figure.ts";
import { writeReport } from "../report.ts";
import { correlationsTable, findersTable, findings } from "./tables.ts";

/** Of the reliability curve: graded rows are few. */
const BINS = 10;

/** @throws ArcletError when it can't be written */
export function writeCombinationReport(path: string, fitted: FittedCombination): void {
  const { combination, judged, positives, notes } = fitted;
  const { auroc, low, high } = judged.auroc;
  const { asked, inputs, graded, command, arclet } = combination;
  writeReport(path, {
    title: `${inputs.length} finders combined by ${asked}`,
    question: command,
    headlines: [
      {
        label: "AUROC, combined",
        value: auroc.toFixed(3),
        detail: `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, on rows held out`,
      },
      { label: "log-loss, combined", value: judged.logLoss.toFixed(3), detail: "nats" },
    ],
    data: [],
    split: { text: `Fitted on the graded rows of ${graded.file}, applied to all rows.`, seal: null },
    tables: [
      { title: "Finders and their combination", table: findersTable(fitted) },
      {
        title: "Correlations of the finders' scores among rows of one class",
        table: correlationsTable(fitted),
        note: "Finders that err on the same objects have little to add to each other.",
      },
    ],
    figures: [
      {
        title: "ROC curve, combined",
        svg: rocFigure([{ name: asked, curve: rocCurve(rankScores(judged.probabilities, positives)) }]),
        caption: "Graded rows, each judged by a fit that saw no row of its group.",
      },
      {
        title: "Reliability, combined",
        svg: reliabilityFigure(reliabilityBins(judged.probabilities, positives, BINS), graded.positives),
        caption: "The same rows, at their own prevalence.",
      },
    ],
    commands: [command],
    versions: { arclet, node: process.version },
    notes: [
      ...findings(fitted),
      ...notes,
      ...inputs.map(({ name, file, column, sha256 }) => `${name}: ${file}, column ${column}, ${sha256}`),
      "Intervals are 95 %: DeLong's, drawn towards a model's where few rows know it, and widened to those of a bootstrap over groups where these hold several rows.",
    ],
  });
}
