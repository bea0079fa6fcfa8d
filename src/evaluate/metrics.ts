/** All metrics of one test at once, with their intervals. */
import { refuse } from "../foundation/errors.ts";
import { type BootstrapOptions, bootstrapByGroup } from "./bootstrap.ts";
import { type CalibrationInput, calibrationOf, computeCalibration } from "./calibrated.ts";
import { computeCompleteness, falsePositivesByKind, type TruthColumns } from "./completeness.ts";
import { aurocEstimate, UNKNOWN, withWilson } from "./estimates.ts";
import type { Interval } from "./intervals.ts";
import { computeMulticlass, type MulticlassInput, multiclassOf } from "./multiclass.ts";
import { averagePrecisionInterval } from "./precision-interval.ts";
import { areProbabilities, type RankedScores, rankScores, type Scores } from "./ranked.ts";
import {
  auroc,
  averagePrecision,
  purityAtPrevalence,
  recallAtFpr,
  recallBeforeFalsePositive,
  selectAbove,
  selectTop,
} from "./ranking.ts";
import { numberGroups } from "./resample.ts";
import type { BootstrapIntervals, Estimate, Metrics, OperatingPoint } from "./schema.ts";

/** Scored rows of two classes. */
export interface MetricsInput {
  /** Name of the positive class, e.g. `lens`. */
  readonly positiveClass: string;
  /** One a row (N); higher means more like a positive. Calibration is measured if all are in [0, 1]. */
  readonly scores: Scores;
  /** 1 for a positive row, 0 for a negative one (N). */
  readonly positives: Uint8Array;
  /** The sky position of every row (N). */
  readonly groups?: ArrayLike<string | number>;
  /** The K classes of the model, if the rows have labels. */
  readonly multiclass?: MulticlassInput;
  /** The ranking of the scores, if it exists already. */
  readonly ranked?: RankedScores;
  /** Rows with at least this score are selected; or how to choose it from the ranking. Default 0.5. */
  readonly threshold?: number | ((ranked: RankedScores) => number);
  /** How it was chosen, in words; default `as given`. */
  readonly chosen?: string;
  /** Probabilities of the positive class (N) that were calibrated, how, and the prior that they were corrected to. */
  readonly calibrated?: {
    readonly probabilities: Scores;
    readonly by: string;
    readonly prior: number | null;
  };
  /** What is known of the rows besides their class. */
  readonly columns?: TruthColumns;
  /** Default 1e-3 and 1e-4. */
  readonly falsePositiveRates?: readonly number[];
  /** Sizes of the top of the list; those above the number of rows are left out. Default 10, 100, 1000. */
  readonly topN?: readonly number[];
  /** Shares of positives in a survey; default 1e-3. */
  readonly prevalences?: readonly number[];
  /** Default 15. */
  readonly calibrationBins?: number;
  /** If absent, there is no bootstrap. A resample costs O(N). */
  readonly bootstrap?: BootstrapOptions;
}

/**
 * Computes every metric of a positive class against the rest.
 *
 * Intervals are 95 %: `aurocInterval` (null bounds where a class has one row), `averagePrecisionInterval`, Wilson's for
 * shares. Wilson's of TPR_0, TPR_10 and recall at a rate of false
 * positives take the threshold as given; `bootstrap` holds those that don't.
 *
 * @throws ArcletError when a score is not finite, lengths differ, or a class has no row; Interrupted when the user stops the
 *   bootstrap
 */
export async function computeMetrics(input: MetricsInput): Promise<Metrics> {
  const { scores, positives, multiclass, groups, bootstrap, calibrated } = input;
  const ranked = input.ranked ?? rankScores(scores, positives);
  const metrics = metricsOf({ ...input, ranked });
  if (bootstrap === undefined) return metrics;
  const rates = metrics.recallAtFpr.map(({ fpr }) => fpr);
  const withIntervals = (probabilities: Scores) => computeCalibration(calibrationInput(probabilities, input));
  return {
    ...metrics,
    calibration: metrics.calibration && (await withIntervals(scores)),
    calibrated:
      calibrated && metrics.calibrated
        ? { ...metrics.calibrated, ...(await withIntervals(calibrated.probabilities)) }
        : null,
    bootstrap: await bootstrapIntervals(input, ranked, rates, bootstrap),
    multiclass: multiclass ? await computeMulticlass(multiclass, { groups, bootstrap }) : null,
  };
}

/** The metrics without the bootstrap's part. @throws ArcletError as `computeMetrics` */
export function metricsOf(input: Omit<MetricsInput, "bootstrap">): Metrics {
  const { scores, positives, calibrated, columns } = input;
  const ranked = input.ranked ?? rankScores(scores, positives);
  const rates = input.falsePositiveRates ?? [1e-3, 1e-4];
  const rows = ranked.positives + ranked.negatives;
  const { threshold = 0.5 } = input;
  const at = typeof threshold === "number" ? threshold : threshold(ranked);
  const point = operatingPoint(ranked, at, input.chosen ?? "as given");
  const recall = (value: number) => withWilson(Math.round(value * ranked.positives), ranked.positives);
  return {
    positiveClass: input.positiveClass,
    positives: ranked.positives,
    negatives: ranked.negatives,
    groups: input.groups === undefined ? null : numberGroups(input.groups, rows).count,
    auroc: aurocEstimate(ranked),
    averagePrecision: {
      value: averagePrecision(ranked),
      ...averagePrecisionInterval(ranked, input.groups && { scores, positives, groups: input.groups }),
    },
    tpr0: recall(recallBeforeFalsePositive(ranked, 1)),
    tpr10: ranked.negatives < 10 ? UNKNOWN : recall(recallBeforeFalsePositive(ranked, 10)),
    recallAtFpr: rates.map((fpr) => ({
      fpr,
      falsePositives: Math.floor(fpr * ranked.negatives),
      recall: recall(recallAtFpr(ranked, fpr)),
    })),
    top: (input.topN ?? [10, 100, 1000]).filter((n) => n <= rows).map((n) => topOf(ranked, n)),
    operatingPoint: point,
    atPrevalence: (input.prevalences ?? [1e-3]).map((prevalence) => ({
      prevalence,
      purity: purityEstimate(point, prevalence),
    })),
    calibration: areProbabilities(scores) ? calibrationOf(calibrationInput(scores, input)) : null,
    calibrated: calibrated
      ? {
          by: calibrated.by,
          prior: calibrated.prior,
          ...calibrationOf(calibrationInput(calibrated.probabilities, input)),
        }
      : null,
    completeness: columns ? computeCompleteness(columns, scores, positives, point.threshold) : null,
    falsePositivesByKind: columns?.kind
      ? falsePositivesByKind(columns.kind, scores, positives, point.threshold)
      : null,
    bootstrap: null,
    multiclass: input.multiclass ? multiclassOf(input.multiclass) : null,
  };
}

function topOf(ranked: RankedScores, n: number): Metrics["top"][number] {
  const { tp } = selectTop(ranked, n);
  return { n, purity: withWilson(tp, n), completeness: withWilson(tp, ranked.positives) };
}

function operatingPoint(ranked: RankedScores, threshold: number, chosen: string): OperatingPoint {
  const { tp, fp } = selectAbove(ranked, threshold);
  return {
    threshold,
    chosen,
    truePositives: tp,
    falsePositives: fp,
    trueNegatives: ranked.negatives - fp,
    falseNegatives: ranked.positives - tp,
    recall: withWilson(tp, ranked.positives),
    fpr: withWilson(fp, ranked.negatives),
    purity: withWilson(tp, tp + fp),
  };
}

/**
 * The bounds take the worse ends of recall and of the false-positive rate together, so they are wider than 95 %.
 */
function purityEstimate({ recall, fpr }: OperatingPoint, prevalence: number): Estimate {
  return {
    value: purityAtPrevalence(recall.value!, fpr.value!, prevalence),
    low: purityAtPrevalence(recall.low!, fpr.high!, prevalence),
    high: purityAtPrevalence(recall.high!, fpr.low!, prevalence),
  };
}

function calibrationInput(probabilities: Scores, input: MetricsInput): CalibrationInput {
  const { positives, groups, calibrationBins: bins, bootstrap } = input;
  return { probabilities, positives, groups, bins, bootstrap };
}

async function bootstrapIntervals(
  { scores, positives, groups }: MetricsInput,
  ranked: RankedScores,
  rates: readonly number[],
  options: BootstrapOptions,
): Promise<BootstrapIntervals> {
  const statistics: Record<string, (ranked: RankedScores) => number> = {
    auroc,
    averagePrecision,
    tpr0: (resampled) => recallBeforeFalsePositive(resampled, 1),
    tpr10: (resampled) => recallBeforeFalsePositive(resampled, 10),
  };
  for (const fpr of rates) statistics[`fpr ${fpr}`] = (resampled) => recallAtFpr(resampled, fpr);
  const intervals = await bootstrapByGroup(scores, positives, groups, statistics, options, ranked);
  const intervalOf = (name: string): Interval =>
    intervals[name] ?? refuse("evaluate", "statistic", "known", name);
  return {
    unit: groups === undefined ? "row" : "group",
    resamples: options.resamples,
    seed: options.seed,
    auroc: intervalOf("auroc"),
    averagePrecision: intervalOf("averagePrecision"),
    tpr0: intervalOf("tpr0"),
    tpr10: ranked.negatives < 10 ? null : intervalOf("tpr10"),
    recallAtFpr: rates.map((fpr) => intervalOf(`fpr ${fpr}`)),
  };
}
