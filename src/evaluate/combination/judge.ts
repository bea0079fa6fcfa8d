/** How good a combination is on the graded rows, beside its finders and without each of them. Every row is held out. */
import { safePoint } from "../../foundation/interrupt.ts";
import { type DeLong, delong } from "../intervals.ts";
import { rankScores } from "../ranked.ts";
import { crossFitted, type FitOptions, type GradedScores } from "./fit.ts";
import { type Gain, pairedGain } from "./gain.ts";
import { correlationsOf } from "./imputation.ts";
import { crossEntropy, sigmoid } from "./log-odds.ts";

export interface FinderJudged {
  /** Graded rows that it scored. */
  readonly rows: number;
  readonly auroc: DeLong;
  /** Of its calibrated probability, in nats. */
  readonly logLoss: number;
  /** The combination's AUROC less the finder's, on these rows. Null if they are too few. */
  readonly gain: Gain | null;
  /** The combination's AUROC less that of the combination of all others. Null if rows are too few. */
  readonly adds: Gain | null;
}

export interface JudgedCombination {
  readonly auroc: DeLong;
  readonly logLoss: number;
  readonly finders: readonly FinderJudged[];
  /** Of the finders' scores on their scales, among rows of one class (M, M). */
  readonly correlations: number[][];
  /** Probability of every graded row at the graded rows' prior, held out (N). */
  readonly probabilities: Float64Array;
}

/**
 * @throws ArcletError when a class has fewer than two rows; Interrupted when the user stops it
 */
export async function judgeCombination(
  graded: GradedScores,
  options: FitOptions,
): Promise<JudgedCombination> {
  const { x, positives, groups } = graded;
  const said = crossFitted(graded, options);
  const gainOver = (other: Float64Array) => pairedGain(said.combined, other, positives, groups, options.seed);
  const finders: FinderJudged[] = [];
  for (const [k, column] of x.entries()) {
    await safePoint("nothing was written");
    const rows = [...column.keys()].filter((i) => !Number.isNaN(column[i]!));
    const truth = Uint8Array.from(rows, (i) => positives[i]!);
    finders.push({
      rows: rows.length,
      // A single finder's order needs no fit, and is its own.
      auroc: delong(
        rankScores(
          Float64Array.from(rows, (i) => column[i]!),
          truth,
        ),
      ),
      logLoss: logLossOf(
        Float64Array.from(rows, (i) => said.finders[k]![i]!),
        truth,
      ),
      gain: await gainOver(column),
      adds: await gainOver(without(graded, k, options)),
    });
  }
  return {
    auroc: delong(rankScores(said.combined, positives)),
    logLoss: logLossOf(said.combined, positives),
    finders,
    correlations: correlationsOf(x, { within: positives, shrink: false }),
    probabilities: said.combined.map(sigmoid),
  };
}

/** Held-out log odds of the combination without one finder; of a single one that is left, its own scores. */
function without(graded: GradedScores, finder: number, options: FitOptions): Float64Array {
  const others = [...graded.x.keys()].filter((k) => k !== finder);
  if (others.length === 1) return graded.x[others[0]!]!;
  const rest = {
    ...graded,
    x: others.map((k) => graded.x[k]!),
    correlations: others.map((i) => others.map((j) => graded.correlations[i]![j]!)),
  };
  return crossFitted(rest, options).combined;
}

const logLossOf = (z: Float64Array, positives: Uint8Array): number =>
  z.reduce((sum, value, i) => sum + crossEntropy(value, positives[i]!), 0) / z.length;
