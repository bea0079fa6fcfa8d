/** `arclet evaluate`: how good a finder is, from runs on a sealed split, or from score tables and a table of truth. */
import { join } from "node:path";
import { z } from "zod";
import { openDataset } from "../dataset/dataset.ts";
import { fittingFields } from "../dataset/views/fitting/config.ts";
import { fitImages } from "../dataset/views/fitting/fit.ts";
import { runTest, type TestResult } from "../evaluate/finder-test.ts";
import { readJudged } from "../evaluate/judged.ts";
import { positiveOf } from "../evaluate/positive.ts";
import type { RankedScores } from "../evaluate/ranked.ts";
import { openSeal } from "../evaluate/seal.ts";
import {
  parseThreshold,
  ruleText,
  THRESHOLD_FORMS,
  type ThresholdRule,
  thresholdAtFpr,
  thresholdOfTop,
} from "../evaluate/threshold.ts";
import { truthColumnsOf } from "../evaluate/truth-columns.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { methodTable, textTable } from "../pictures/table.ts";
import type { Evaluated } from "../reports/evaluation/report.ts";
import { provenance } from "../reports/provenance.ts";
import { calibrateRows } from "../train/calibrate.ts";
import { LEAK } from "../train/leak.ts";
import { LAST_MODEL_FILE, loadModel, MODEL_FILE, type ModelInfo, needsOf } from "../train/model.ts";
import { ORACLE } from "../train/oracle.ts";
import { predictRows } from "../train/predict.ts";
import { calibrationFields } from "./calibration-fields.ts";
import { command } from "./command.ts";

const schema = z.strictObject({
  inputs: z
    .array(z.string().min(1))
    .min(1)
    .describe("run folders (with --data), or score tables (with --truth)"),
  out: z.string().min(1).describe("the folder for metrics.json and report.html"),
  data: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the labelled dataset whose sealed split is opened"),
  split: z.enum(["val", "test"]).default("test").describe("the split that is opened"),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class that is looked for (none: lens, else the last)"),
  truth: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a table with ids: CSV, TSV, Parquet, VOTable or FITS"),
  positives: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("which of its rows are positives, e.g. 'grade >= 2'"),
  negatives: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("which of its rows are negatives, e.g. 'grade <= 0.7'"),
  name: z.string().min(1).default("test").describe("what the test is called, e.g. look-alikes"),
  threshold: z
    .string()
    .min(1)
    .default("0.5")
    .describe(
      `score from which on a row is selected, for the confusion matrix and completeness: ${THRESHOLD_FORMS}; source is ` +
        "chosen on the source's validation rows, fpr and top on the tested rows",
    ),
  top: z
    .array(z.number().int().min(1))
    .default([10, 100, 1000])
    .describe("lengths of the list, from its top, for purity and completeness"),
  prevalence: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .default([1e-3])
    .describe("shares of positives in the sky, for the purity that is to be expected there"),
  ...calibrationFields,
  ...fittingFields,
});
type Values = z.output<typeof schema>;

export const evaluate = command({
  details:
    "A run's chosen and last epoch are both tested. Every opening of a sealed split is logged in the dataset's folder " +
    "and told in the report. Where the dataset or the table of truth has theta_e, arc_snr, lens_mag or kind (simulated " +
    "and painted ones do), the report shows which lenses are found and which look-alikes fool the finder.",
  schema,
  positionals: ["inputs"],
  example:
    "arclet evaluate scores.csv --truth table.csv --positives 'grade >= 2' --negatives 'grade <= 0.7' --out runs/evaluation",
  async run(values) {
    const rule = parseThreshold("evaluate", values.threshold);
    const done =
      values.truth === null ? await onSealedSplit(values, rule) : await onScores(values, values.truth, rule);
    const { writeEvaluation } = await import("../reports/evaluation/report.ts");
    await writeEvaluation(values.out, done, provenance("evaluate"));
    const rows = done.results.map(({ method, checkpoint, metrics }) => ({
      names: [method, checkpoint],
      metrics,
    }));
    console.log(textTable(methodTable(["finder", "epoch"], rows)));
    console.log(`${join(values.out, "report.html")}`);
  },
});

/** Runs, on a dataset's sealed split. */
async function onSealedSplit(values: Values, rule: ThresholdRule): Promise<Evaluated> {
  const { inputs, data, split, positive, prevalence, name, top } = values;
  if (data === null) refuse("evaluate", "--data", "given with runs (or --truth with score tables)", null);
  const dataset = await openDataset(data!);
  try {
    const rows = dataset.labelledRows(split);
    if (rows.length === 0) refuse(data!, "split", "one with labelled rows", split);
    const models = inputs.flatMap((run) => [
      loadEpoch(run, MODEL_FILE, "chosen"),
      loadEpoch(run, LAST_MODEL_FILE, "last"),
    ]);
    // What can't be tested is refused before the seal is opened.
    const tested = models.map((one) => {
      sourceThreshold(rule, one.model.info, one.run, positive);
      const fitted = fitImages(dataset, needsOf(one.model.info), values);
      return { ...one, images: fitted.domain, said: fitted.said.map((line) => `${one.run}: ${line}`) };
    });
    for (const line of new Set(tested.flatMap(({ said }) => said))) console.log(line);
    const command = provenance("evaluate").command;
    const { opening, openedBefore } = openSeal(data!, { command, run: inputs.join(", "), split });
    const bar = progress("evaluate", rows.length * models.length, "images");
    const results: TestResult[] = [];
    const columns = truthColumnsOf(dataset, rows);
    for (const { model, run, epoch, images } of tested) {
      const { classes, probabilities, logits } = await predictRows(model, images, rows, (n) => bar.tick(n));
      const unknown = dataset.info.classes.find((one) => !classes.includes(one));
      if (unknown !== undefined)
        throw new ArcletError({
          where: data,
          code: "conflict",
          problem: `class ${unknown} is unknown to the model of ${run}`,
        });
      const labels = Int32Array.from(dataset.labels(rows), (label) =>
        classes.indexOf(dataset.info.classes[label]!),
      );
      const place = positiveOf(classes, positive);
      const scores = Float64Array.from(rows, (_, i) => probabilities[i * classes.length + place]!);
      const test = {
        ids: Array.from(rows, (row) => dataset.ids[row]!),
        scores,
        positives: Uint8Array.from(labels, (label) => Number(label === place)),
        groups: Array.from(rows, (row) => dataset.groups[row]!),
      };
      const multiclass = { classes: [...classes], probabilities: Float64Array.from(probabilities), labels };
      const names = { test: name, method: run, checkpoint: epoch };
      const honest = calibrateRows(model, logits, values);
      results.push(
        runTest(names, test, {
          positiveClass: classes[place]!,
          multiclass,
          prevalences: prevalence,
          topN: top,
          ...chosen(rule, sourceThreshold(rule, model.info, run, positive)),
          ...(columns === undefined ? {} : { columns }),
          ...(honest === null
            ? {}
            : {
                calibrated: {
                  probabilities: scores.map((_, i) => honest.probabilities[i * classes.length + place]!),
                  by: honest.by,
                  prior: honest.prior[place]!,
                },
              }),
        }),
      );
      model.network.dispose();
    }
    bar.done();
    const seal = { split, time: opening.time, command, openedBefore };
    return { title: `${name}: ${dataset.info.name}`, results, seal, runs: inputs, folder: data!, rows };
  } finally {
    dataset.close();
  }
}

/** What target labels had a part in, or data that leak, says so wherever its numbers go. */
function loadEpoch(run: string, file: string, epoch: string) {
  const model = loadModel(join(run, file));
  const { chosenBy, oracle, leak } = model.info;
  const name = chosenBy === ORACLE ? ORACLE : epoch;
  const marked = oracle && name !== ORACLE ? `${name} (from an oracle's)` : name;
  return { model, run, epoch: leak === null ? marked : `${marked} ${LEAK}` };
}

/** The threshold and how it was chosen. `source` is the one of the source's validation rows. */
function chosen(rule: ThresholdRule, source: number | null) {
  const threshold = (ranked: RankedScores): number => {
    if (rule.by === "value") return rule.value;
    if (rule.by === "source") return source!;
    return rule.by === "fpr" ? thresholdAtFpr(ranked, rule.fpr) : thresholdOfTop(ranked, rule.n);
  };
  return { threshold, chosen: ruleText(rule) };
}

/** @throws ArcletError when it is asked for and the model does not know it */
function sourceThreshold(
  rule: ThresholdRule,
  { calibration, classes }: ModelInfo,
  run: string,
  positive: string | null,
): number | null {
  if (rule.by !== "source") return null;
  if (calibration === null)
    throw new ArcletError({
      where: run,
      code: "missing",
      problem: "its model holds no threshold of the source's validation rows (--threshold source)",
    });
  return calibration.threshold[positiveOf(classes, positive)]!;
}

/** Score tables, against a table of truth. */
async function onScores(values: Values, truth: string, rule: ThresholdRule): Promise<Evaluated> {
  const { inputs, positives, negatives, name, prevalence, top } = values;
  if (positives === null || negatives === null)
    refuse("evaluate", "--positives and --negatives", "given with --truth, e.g. 'grade >= 2'", null);
  if (rule.by === "source")
    refuse("evaluate", "--threshold", "a score, fpr=SHARE or top=N with score tables", values.threshold);
  const results: TestResult[] = [];
  for (const path of inputs) {
    const judged = await readJudged(path, { path: truth, positives: positives!, negatives: negatives! });
    for (const line of judged.said) console.log(line);
    const { scores, calibrated, columns, leak } = judged;
    const rows = { ids: [], scores, positives: judged.positives, groups: judged.groups };
    const names = { test: name, method: path, checkpoint: leak ? `as scored ${LEAK}` : "as scored" };
    results.push(
      runTest(names, rows, {
        positiveClass: positives!,
        prevalences: prevalence,
        topN: top,
        ...chosen(rule, null),
        columns,
        ...(calibrated === null
          ? {}
          : { calibrated: { probabilities: calibrated, by: "column calibrated", prior: null } }),
      }),
    );
  }
  return { title: `${name}: ${truth}`, results, seal: null, runs: [], folder: null, rows: null };
}
