/** Metrics of K classes: each against the rest, their mean, and which is taken for which. */

import { unknown } from "../foundation/errors/unknown.ts";
import { refuse } from "../foundation/errors.ts";
import { mean } from "../foundation/statistics.ts";
import { type BootstrapOptions, percentiles, resample } from "./bootstrap.ts";
import { aurocEstimate, UNKNOWN, withWilson } from "./estimates.ts";
import type { Interval } from "./interval.ts";
import { averagePrecisionInterval } from "./precision-interval.ts";
import { rankScores, type Scores } from "./ranked.ts";
import { auroc, averagePrecision } from "./ranking.ts";
import { inBlocksIfMany, numberGroups, resamplerOf } from "./resample.ts";
import type { MulticlassMetrics } from "./schema.ts";

/** Scored rows of K classes. */
export interface MulticlassInput {
  /** Names of the K classes, in the order of the columns. */
  readonly classes: readonly string[];
  /** Row-major (N, K). */
  readonly probabilities: Scores;
  /** Index of the true class of every row (N). */
  readonly labels: ArrayLike<number>;
}

export interface MulticlassOptions {
  /** The sky position of every row (N). */
  readonly groups?: ArrayLike<string | number> | undefined;
  /** If absent, there are no intervals. A resample costs O(N K). */
  readonly bootstrap?: BootstrapOptions | undefined;
}

/**
 * The scores of one class against the rest.
 *
 * @returns the class's column (N) and 1 where the row is of that class (N)
 * @throws ArcletError when the class is unknown, shapes don't agree, or a label is no class
 */
export function oneVsRest(input: MulticlassInput, name: string): { scores: Scores; positives: Uint8Array } {
  checkShapes(input);
  const k = input.classes.indexOf(name);
  if (k < 0) throw unknown("evaluate", "class", name, input.classes);
  const { labels, probabilities, classes } = input;
  const scores = new Float64Array(labels.length);
  const positives = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    scores[i] = probabilities[i * classes.length + k]!;
    positives[i] = labels[i] === k ? 1 : 0;
  }
  return { scores, positives };
}

/**
 * One-vs-rest AUROC and average precision of every class, their unweighted mean, accuracy and confusion matrix. A
 * class without rows (or that all rows are of) has null instead of numbers and no part in the mean.
 *
 * @throws ArcletError as `oneVsRest`, or when a probability is not finite; Interrupted when the user stops the bootstrap
 */
export async function computeMulticlass(
  input: MulticlassInput,
  { groups, bootstrap }: MulticlassOptions = {},
): Promise<MulticlassMetrics> {
  const made = multiclassOf(input);
  if (bootstrap === undefined || made.macroAuroc === null) return made;
  const measured = made.oneVsRest.map((one) => one.auroc.value !== null);
  return { ...made, intervals: await intervalsOf(input, measured, groups, bootstrap) };
}

/** Without the bootstrap's intervals. @throws ArcletError as `computeMulticlass` */
export function multiclassOf(input: MulticlassInput): MulticlassMetrics {
  const confusion = confusionMatrix(input);
  const rows = input.labels.length;
  const perClass = input.classes.map((name, k) => {
    const count = confusion[k]!.reduce((sum, n) => sum + n, 0);
    if (count === 0 || count === rows) {
      return {
        class: name,
        rows: count,
        auroc: UNKNOWN,
        averagePrecision: null,
      };
    }
    const { scores, positives } = oneVsRest(input, name);
    const ranked = rankScores(scores, positives);
    return {
      class: name,
      rows: count,
      auroc: aurocEstimate(ranked),
      averagePrecision: averagePrecision(ranked),
    };
  });
  const areas = perClass.map((entry) => entry.auroc.value).filter((value) => value !== null);
  const precisions = perClass.map((entry) => entry.averagePrecision).filter((value) => value !== null);
  const correct = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  return {
    classes: [...input.classes],
    accuracy: withWilson(correct, rows),
    macroAuroc: areas.length === 0 ? null : mean(areas),
    macroAveragePrecision: precisions.length === 0 ? null : mean(precisions),
    intervals: null,
    oneVsRest: perClass,
    confusion,
  };
}

/**
 * Percentiles over draws of groups that all classes share (a draw without a row of some class is drawn again), and each
 * class's `averagePrecisionInterval`.
 */
async function intervalsOf(
  input: MulticlassInput,
  measured: readonly boolean[],
  groups: ArrayLike<string | number> | undefined,
  options: BootstrapOptions,
): Promise<NonNullable<MulticlassMetrics["intervals"]>> {
  const numbered = inBlocksIfMany(numberGroups(groups, input.labels.length), options.seed);
  const some = input.classes.flatMap((name, k) => (measured[k] ? [{ name, k }] : []));
  const ranked = some.map(({ name }) => {
    const { scores, positives } = oneVsRest(input, name);
    const base = rankScores(scores, positives);
    const interval = averagePrecisionInterval(base, groups && { scores, positives, groups });
    return { interval, resampled: resamplerOf(base, scores, positives, numbered) };
  });
  const areas = some.map(() => new Float64Array(options.resamples));
  const precisions = some.map(() => new Float64Array(options.resamples));
  await resample(numbered.count, options, (drawn, r) => {
    for (const [s, { resampled }] of ranked.entries()) {
      const made = resampled(drawn);
      if (made.positives === 0 || made.negatives === 0) return false;
      areas[s]![r] = auroc(made);
      precisions[s]![r] = averagePrecision(made);
    }
    return true;
  });
  const macro = (values: Float64Array[]) =>
    percentiles(Float64Array.from(values[0]!, (_, r) => mean(values.map((one) => one[r]!))));
  const ofClass = (interval: (s: number) => Interval) =>
    input.classes.map((_, k) => {
      const s = some.findIndex((one) => one.k === k);
      return s < 0 ? null : interval(s);
    });
  return {
    macroAuroc: macro(areas),
    macroAveragePrecision: macro(precisions),
    auroc: ofClass((s) => percentiles(areas[s]!)),
    averagePrecision: ofClass((s) => ranked[s]!.interval),
  };
}

/** Rows by true class and most probable class (the first of equals). */
function confusionMatrix(input: MulticlassInput): number[][] {
  checkShapes(input);
  const { classes, probabilities, labels } = input;
  const confusion = classes.map(() => classes.map(() => 0));
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let k = 0; k < classes.length; k++) {
      const p = probabilities[i * classes.length + k]!;
      if (!Number.isFinite(p)) refuse("evaluate", `probability of row ${i}`, "a finite number", p);
      if (p > probabilities[i * classes.length + best]!) best = k;
    }
    confusion[labels[i]!]![best]!++;
  }
  return confusion;
}

function checkShapes({ classes, probabilities, labels }: MulticlassInput): void {
  if (probabilities.length !== labels.length * classes.length) {
    const must = `${labels.length} rows of ${classes.length} classes`;
    refuse("evaluate", "probabilities", must, `${probabilities.length} numbers`);
  }
  for (let i = 0; i < labels.length; i++) {
    const known = Number.isInteger(labels[i]) && labels[i]! >= 0 && labels[i]! < classes.length;
    if (!known) refuse("evaluate", `label of row ${i}`, `a class from 0 to ${classes.length - 1}`, labels[i]);
  }
}
