/**
 * Finders made one: each is calibrated on graded rows, and a rule combines what they say.
 *
 * The rule is learned from evidence that is held out: of each fold of groups by calibrations that have not seen it. What is
 * reported is held out once more (`crossFitted`): no row is judged by a fit that saw its group.
 */
import { z } from "zod";
import { foldsByGroup } from "../folds.ts";
import { numberGroups } from "../resample.ts";
import { bayesEvidence, bayesSchema, fitBayes } from "./bayes.ts";
import {
  chosenCalibration,
  type Evidence,
  evidenceAt,
  type FinderCalibration,
  fitEvidence,
} from "./evidence.ts";
import { filled } from "./imputation.ts";
import { logOdds, shareOf } from "./log-odds.ts";
import { fitMean, meanEvidence, meanSchema } from "./mean.ts";
import { fitStacking, stackingEvidence, stackingSchema } from "./stacking.ts";

export const RULES = ["stacking", "bayes", "independent-bayes", "mean"] as const;
export type Rule = (typeof RULES)[number];

export const ruleSchema = z.discriminatedUnion("rule", [stackingSchema, bayesSchema, meanSchema]);
export type FittedRule = z.infer<typeof ruleSchema>;

/** Rows that people graded, with the finders' scores on their scales. */
export interface GradedScores {
  /** A column a finder, NaN where it has no score (M of N). */
  readonly x: readonly Float64Array[];
  /** 1 for a positive, 0 for a negative (N). */
  readonly positives: Uint8Array;
  /** (N) */
  readonly groups: ArrayLike<string | number>;
  /** The finders' correlations over all rows, for what is missing (M, M). */
  readonly correlations: readonly (readonly number[])[];
}

/** How a combination is fitted. */
export interface FitOptions {
  /** How the finders' evidence becomes one. */
  readonly rule: Rule;
  /** Of every finder; `auto` chooses for each. */
  readonly calibration: FinderCalibration | "auto";
  /** Parts of the cross-fitting. */
  readonly folds: number;
  /** One seed gives one result. */
  readonly seed: number;
}

/** A fitted combination. */
export interface Fit {
  /** One a finder. */
  readonly evidence: readonly Evidence[];
  /** The rule, with its fitted numbers. */
  readonly rule: FittedRule;
  /** Share of positives among the graded rows: the prior of the combined probabilities, unless another is given. */
  readonly share: number;
}

/** Fits on rows that hold both classes. */
export function fitCombination(graded: GradedScores, options: FitOptions): Fit {
  const { x, positives, correlations } = graded;
  const { rule, calibration } = options;
  const share = shareOf(positives);
  const whole = filled(x, correlations);
  const foldOf = foldsOf(graded, options);
  const by = x.map((column) =>
    calibration === "auto" ? chosenCalibration(column, positives, foldOf) : calibration,
  );
  const heldOut = (columns: readonly Float64Array[]) => {
    const out = columns.map((column) => new Float64Array(column.length));
    for (const fold of new Set(foldOf)) {
      const learned = rowsWhere(foldOf, (of) => of !== fold);
      const truth = pick(positives, learned);
      for (const [k, column] of columns.entries()) {
        const evidence = fitEvidence(pick(x[k]!, learned), truth, by[k]!);
        for (const i of rowsWhere(foldOf, (of) => of === fold)) out[k]![i] = evidenceAt(evidence, column[i]!);
      }
    }
    return out;
  };
  return {
    evidence: x.map((column, k) => fitEvidence(column, positives, by[k]!)),
    rule: fittedRule(rule, { held: () => heldOut(x), whole: () => heldOut(whole), positives, foldOf, share }),
    share,
  };
}

function fittedRule(
  rule: Rule,
  of: {
    held: () => Float64Array[];
    whole: () => Float64Array[];
    positives: Uint8Array;
    foldOf: Uint8Array;
    share: number;
  },
): FittedRule {
  if (rule === "stacking") return fitStacking(of.whole(), of.positives, of.foldOf);
  if (rule === "bayes") return fitBayes(of.held(), of.positives, of.share);
  if (rule === "mean") return fitMean(of.held(), of.positives, of.share);
  return { rule, correlation: 0 };
}

/** What each finder says of rows, and all together, in nats. */
export interface Said {
  /** NaN where a finder has no score (M of N). */
  readonly finders: readonly Float64Array[];
  /** 0 of a row without a score (N). */
  readonly combined: Float64Array;
}

/**
 * The fitted combination's evidence for any rows.
 *
 * @param x columns on the finders' scales, NaN for none (M of N)
 */
export function evidenceOf(
  { evidence, rule }: Pick<Fit, "evidence" | "rule">,
  x: readonly Float64Array[],
  correlations: GradedScores["correlations"],
): Said {
  const of = (columns: readonly Float64Array[]) =>
    columns.map((column, k) => column.map((value) => evidenceAt(evidence[k]!, value)));
  const finders = of(x);
  const combined =
    rule.rule === "stacking"
      ? stackingEvidence(rule, of(filled(x, correlations)))
      : rule.rule === "mean"
        ? meanEvidence(rule, finders)
        : bayesEvidence(rule, finders);
  const unscored = combined.map((value, i) =>
    finders.every((column) => Number.isNaN(column[i]!)) ? 0 : value,
  );
  return { finders, combined: unscored };
}

/** Log odds of every graded row, each by a fit that saw no row of its group; at the graded rows' prior. */
export function crossFitted(graded: GradedScores, options: FitOptions): Said {
  const { x, positives, groups, correlations } = graded;
  const foldOf = foldsOf(graded, options);
  const finders = x.map((column) => new Float64Array(column.length));
  const combined = new Float64Array(positives.length);
  for (const fold of new Set(foldOf)) {
    const learned = rowsWhere(foldOf, (of) => of !== fold);
    const held = rowsWhere(foldOf, (of) => of === fold);
    const fit = fitCombination(
      {
        x: x.map((column) => pick(column, learned)),
        positives: pick(positives, learned),
        groups: learned.map((i) => groups[i]!),
        correlations,
      },
      options,
    );
    const said = evidenceOf(
      fit,
      x.map((column) => pick(column, held)),
      correlations,
    );
    const prior = logOdds(fit.share);
    for (const [j, i] of held.entries()) {
      combined[i] = prior + said.combined[j]!;
      for (const [k, column] of finders.entries()) column[i] = prior + said.finders[k]![j]!;
    }
  }
  return { finders, combined };
}

/** Folds of whole groups; groups with positives, negatives or both are dealt each in turn. */
function foldsOf({ positives, groups }: GradedScores, { folds, seed }: FitOptions): Uint8Array {
  const { index, count } = numberGroups(groups, positives.length);
  const classes = new Uint8Array(count);
  for (const [row, group] of index.entries()) classes[group]! |= 1 << positives[row]!;
  return foldsByGroup(
    index,
    Uint8Array.from(index, (group) => classes[group]!),
    folds,
    seed,
  );
}

const rowsWhere = (foldOf: Uint8Array, condition: (fold: number) => boolean): number[] =>
  [...foldOf.keys()].filter((i) => condition(foldOf[i]!));

function pick<T extends Float64Array | Uint8Array>(values: T, rows: readonly number[]): T {
  const out = values.slice(0, rows.length) as T;
  for (const [j, i] of rows.entries()) out[j] = values[i]!;
  return out;
}
