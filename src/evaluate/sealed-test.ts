/** Finders tested on a dataset's sealed split: the chosen and the last epoch of each run, on one opening of the seal. */
import { join } from "node:path";
import { type Dataset, type ImageDomain, openDataset } from "../dataset/dataset.ts";
import type { Fitting } from "../dataset/views/fitting/config.ts";
import { fitImages } from "../dataset/views/fitting/fit.ts";
import { Closing } from "../foundation/closing.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { changedPluginLines } from "../foundation/plugins.ts";
import { progress } from "../foundation/progress.ts";
import { type CalibratedRows, type CalibrateOptions, calibrateRows } from "../train/calibrate.ts";
import { finderInPlaceOf } from "../train/finders/finders.ts";
import { LEAK } from "../train/leak.ts";
import { LAST_MODEL_FILE, loadModel, MODEL_FILE, type Model, needsOf } from "../train/model.ts";
import { ORACLE } from "../train/oracle.ts";
import { type Predictions, predictRows } from "../train/predict.ts";
import type { TruthColumns } from "./completeness.ts";
import { runTest, type TestResult } from "./finder-test.ts";
import { judgingRows, LEAVE_OUT } from "./graded-test.ts";
import { positiveOf } from "./positive.ts";
import { openSeal } from "./seal.ts";
import { type ThresholdRule, thresholdBy } from "./threshold.ts";
import { truthColumnsOf } from "./truth-columns.ts";

export interface SealedTestOptions extends CalibrateOptions, Fitting {
  split: "val" | "test";
  /** The positive class; null for `lens`, else the last. */
  positive: string | null;
  /** The test's name. */
  name: string;
  prevalences: readonly number[];
  topN: readonly number[];
  rule: ThresholdRule;
  /** Whether rows that share something with graded rows of another dataset are left out; if not, they are refused. */
  withoutGraded: boolean;
  /** The command line that opens the seal, for the dataset's log. */
  command: string;
  /** Called with each note on how images were fitted to a model. */
  onNote: (note: string) => void;
}

export interface SealedTest {
  /** The dataset's name. */
  dataset: string;
  results: TestResult[];
  seal: { split: string; time: string; command: string; openedBefore: number };
  /** The tested rows of the dataset. */
  rows: Int32Array;
}

/** A run's model of one epoch, with the images as it takes them. */
interface Tested {
  run: string;
  epoch: string;
  model: Model;
  images: ImageDomain;
}

/**
 * @param runs run folders, or finders by name
 * @throws ArcletError for a run without models, images that they can't take, and a split without labelled rows
 */
export async function testOnSealedSplit(
  folder: string,
  runs: readonly string[],
  given: SealedTestOptions,
): Promise<SealedTest> {
  const options = { ...given, onNote: once(given.onNote) };
  const { split, command } = options;
  const closing = new Closing();
  try {
    const dataset = closing.add(await openDataset(folder), (opened) => opened.close());
    await dataset.verify();
    const labelled = dataset.labelledRows(split);
    if (labelled.length === 0) refuse(folder, "split", "one with labelled rows", split);
    // What can't be tested is refused before the seal is opened.
    const tested = testedModels(dataset, runs, options, closing);
    const taught = tested.map(({ run, model }) => ({ name: run, graded: model.info.graded ?? [] }));
    const rows = await judgingRows(taught, dataset, labelled, folder, { ...options, fix: LEAVE_OUT });
    const { opening, openedBefore } = openSeal(folder, { command, run: runs.join(", "), split });
    const bar = progress("evaluate", rows.length * tested.length, "images");
    const results: TestResult[] = [];
    const columns = truthColumnsOf(dataset, rows);
    for (const one of tested) {
      const made = await predictRows(one.model, one.images, rows, (n) => bar.tick(n));
      results.push(await testOf(one, { folder, dataset, rows, columns }, made, options));
      one.model.network.dispose();
    }
    bar.done();
    const seal = { split, time: opening.time, command, openedBefore };
    return { dataset: dataset.info.name, results, seal, rows };
  } finally {
    closing.close();
  }
}

function testedModels(
  dataset: Dataset,
  runs: readonly string[],
  options: SealedTestOptions,
  closing: Closing,
): Tested[] {
  const epochs = runs.flatMap((run) => {
    const finder = finderInPlaceOf(run);
    if (finder !== null) return [loadEpoch(run, finder.model, "chosen", closing)];
    return [
      loadEpoch(run, join(run, MODEL_FILE), "chosen", closing),
      loadEpoch(run, join(run, LAST_MODEL_FILE), "last", closing),
    ];
  });
  return epochs.map((epoch) => {
    const { run, model } = epoch;
    sourceThreshold(epoch, options);
    const { domain, notes } = fitImages(dataset, needsOf(model.info), options);
    for (const line of [...notes, ...changedPluginLines(model.info.plugins ?? [])])
      options.onNote(`${run}: ${line}`);
    return { ...epoch, images: domain };
  });
}

/** Passes each text on once: a run's chosen model is often its last. */
function once(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
}

/** An epoch that target labels, or data that leak, had a part in is marked wherever its numbers go. */
function loadEpoch(run: string, file: string, epoch: string, closing: Closing): Omit<Tested, "images"> {
  const model = closing.add(loadModel(file), ({ network }) => network.dispose());
  const { chosenBy, oracle, leak } = model.info;
  const name = chosenBy === ORACLE ? ORACLE : epoch;
  const marked = oracle && name !== ORACLE ? `${name} (from an oracle's)` : name;
  return { model, run, epoch: leak === null ? marked : `${marked} ${LEAK}` };
}

interface Truth {
  folder: string;
  dataset: Dataset;
  rows: Int32Array;
  columns: TruthColumns | undefined;
}

/** One model's predictions against the labels. */
async function testOf(
  tested: Tested,
  { folder, dataset, rows, columns }: Truth,
  { classes, probabilities, logits, features }: Predictions,
  options: SealedTestOptions,
): Promise<TestResult> {
  const { run, epoch, model } = tested;
  const unknown = dataset.info.classes.find((name) => !classes.includes(name));
  if (unknown !== undefined)
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `class ${unknown} is unknown to the model of ${run}`,
    });
  // As the model numbers its classes
  const labels = Int32Array.from(dataset.labels(rows), (label) =>
    classes.indexOf(dataset.info.classes[label]!),
  );
  const positive = positiveOf(classes, options.positive);
  const scores = Float64Array.from(rows, (_, i) => probabilities[i * classes.length + positive]!);
  const test = {
    ids: Array.from(rows, (row) => dataset.ids[row]!),
    scores,
    positives: Uint8Array.from(labels, (label) => Number(label === positive)),
    groups: Array.from(rows, (row) => dataset.groups[row]!),
  };
  const corrected = calibrateRows(model, logits, features, options);
  if (corrected?.warning != null)
    options.onNote(`${run}: warning: ${corrected.warning}; no calibrated probabilities are tested`);
  const { epoch: number, method: trainedBy } = model.info;
  const names = { test: options.name, method: run, checkpoint: epoch, epoch: number, trainedBy };
  return runTest(names, test, {
    positiveClass: classes[positive]!,
    multiclass: { classes: [...classes], probabilities: Float64Array.from(probabilities), labels },
    prevalences: options.prevalences,
    topN: options.topN,
    ...thresholdBy(options.rule, sourceThreshold(tested, options)),
    ...(columns === undefined ? {} : { columns }),
    ...(corrected?.probabilities == null
      ? {}
      : { calibrated: ofPositive(corrected, corrected.probabilities, positive, classes.length) }),
  });
}

const ofPositive = (
  { by, prior }: CalibratedRows,
  probabilities: Float64Array,
  positive: number,
  classes: number,
) => ({
  probabilities: Float64Array.from(
    { length: probabilities.length / classes },
    (_, i) => probabilities[i * classes + positive]!,
  ),
  by,
  prior: prior[positive]!,
});

/** @throws ArcletError when the rule needs it and the model has none */
function sourceThreshold(
  { run, model }: Pick<Tested, "run" | "model">,
  { rule, positive }: Pick<SealedTestOptions, "rule" | "positive">,
): number | null {
  if (rule.by !== "source") return null;
  const { calibration, classes } = model.info;
  if (calibration === null)
    throw new ArcletError({
      where: run,
      code: "missing",
      problem: "its model holds no threshold of the source's validation rows (--threshold source)",
    });
  return calibration.threshold[positiveOf(classes, positive)]!;
}
