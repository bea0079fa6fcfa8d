/** `arclet evaluate`: how good a finder is: runs on a sealed split, or score tables against a table of truth. */
import { join } from "node:path";
import { parseThreshold, type ThresholdRule } from "../evaluate/threshold.ts";
import { commandLine } from "../foundation/command-line.ts";
import { refuse } from "../foundation/errors.ts";
import { methodTable, textTable } from "../pictures/table.ts";
import { type EvaluateValues, evaluateConfig } from "../reports/evaluation/config.ts";
import type { Evaluated } from "../reports/evaluation/report.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const evaluate = command({
  details:
    "Both the chosen and the last epoch of a run are tested. Every opening of a sealed split is logged in the dataset's " +
    "folder and shown in the report. If the dataset or the table of truth has theta_e, arc_snr, lens_mag or kind (as " +
    "simulated and painted datasets do), the report shows which lenses are found and which look-alikes fool the finder.",
  schema: evaluateConfig,
  positionals: ["inputs"],
  example:
    "arclet evaluate scores.csv --truth table.csv --positives 'grade >= 2' --negatives 'grade <= 0.7' --out runs/evaluation",
  async run(values) {
    const rule = parseThreshold("evaluate", values.threshold);
    const evaluated =
      values.truth === null ? await onSealedSplit(values, rule) : await onScores(values, values.truth, rule);
    const { epochsOnce, writeEvaluation } = await import("../reports/evaluation/report.ts");
    await writeEvaluation(values.out, evaluated, provenance("evaluate"));
    const rows = epochsOnce(evaluated.results).map(({ method, checkpoint, metrics }) => ({
      names: [method, checkpoint],
      metrics,
    }));
    console.log(textTable(methodTable(["finder", "epoch"], rows)));
    console.log(join(values.out, "report.html"));
  },
});

/** Tests runs on a dataset's sealed split. */
async function onSealedSplit(values: EvaluateValues, rule: ThresholdRule): Promise<Evaluated> {
  const { inputs, data, name, prevalence, top } = values;
  if (data === null) refuse("evaluate", "--data", "given with runs (or --truth with score tables)", null);
  sayFinders(inputs);
  const { testOnSealedSplit } = await import("../evaluate/sealed-test.ts");
  const { dataset, results, seal, rows } = await testOnSealedSplit(data!, inputs, {
    ...values,
    prevalences: prevalence,
    topN: top,
    rule,
    command: commandLine(),
    onNote: console.log,
  });
  return { title: `${name}: ${dataset}`, results, seal, runs: inputs, folder: data!, rows };
}

/** Tests score tables against a table of truth. */
async function onScores(values: EvaluateValues, truth: string, rule: ThresholdRule): Promise<Evaluated> {
  const { inputs, positives, negatives, withoutGraded, name, prevalence, top } = values;
  if (positives === null || negatives === null)
    refuse("evaluate", "--positives and --negatives", "given with --truth, e.g. 'grade >= 2'", null);
  if (rule.by === "source")
    refuse("evaluate", "--threshold", "a score, fpr=SHARE or top=N with score tables", values.threshold);
  const { testScoreTables } = await import("../evaluate/table-test.ts");
  const results = await testScoreTables(
    inputs,
    { path: truth, positives: positives!, negatives: negatives!, withoutGraded },
    { name, prevalences: prevalence, topN: top, rule, onNote: console.log },
  );
  return { title: `${name}: ${truth}`, results, seal: null, runs: [], folder: null, rows: null };
}
