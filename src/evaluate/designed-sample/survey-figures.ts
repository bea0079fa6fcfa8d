/**
 * Figures of a whole survey from the grades of a designed sample: the number of its lenses, and purity and completeness of
 * what is selected at a threshold, with 95 % intervals.
 *
 * Values are Hájek's (1971), by stratum and side of the threshold, since the rows of each are known in number; Horvitz and
 * Thompson's (1952, JASA 47, 663) are given beside them. Rows of the sample that nobody graded are taken to be missing at
 * random within their stratum. Intervals are the middle 95 % of draws of what the numbers may be (`cell.ts`).
 */
import { Draws } from "../../foundation/random.ts";
import { percentiles } from "../bootstrap.ts";
import type { Estimate } from "../schema.ts";
import {
  type Cell,
  type Counts,
  drawnLenses,
  lensesOf,
  sparsest,
  summed,
  weightedPositives,
} from "./cell.ts";
import { drawnRates, type GraderErrors, statedRates } from "./grader-errors.ts";

/** A stratum, and how much of it lies at or above each threshold. */
export interface GradedStratum extends Counts {
  /** Its counts above each threshold. */
  readonly above: readonly Counts[];
}

/** How figures of a survey are computed. */
export interface FigureOptions {
  /** One seed gives one result. */
  readonly seed: number;
  /** Draws that the intervals are made of. */
  readonly draws?: number;
  /** Errors of the graders to correct; if absent, a lens is what graders call one. */
  readonly errors?: GraderErrors | null;
}

/** An estimate, and Horvitz and Thompson's of the same, not corrected for graders' errors. */
export interface SurveyEstimate extends Estimate {
  readonly horvitzThompson: number | null;
}

/** A survey's figures for one threshold. */
export interface AtThreshold {
  /** Rows with at least that score. */
  readonly selected: number;
  /** Lenses among them. */
  readonly lenses: SurveyEstimate;
  /** Share of lenses among what is selected. */
  readonly purity: SurveyEstimate;
  /** Null, from 0 to 1, where the survey may have no lens. */
  readonly completeness: SurveyEstimate;
}

/** A survey's figures from the grades of a designed sample. */
export interface SurveyFigures {
  /** Lenses in the survey. */
  readonly number: SurveyEstimate;
  /** In the order of the strata's `above`. */
  readonly thresholds: AtThreshold[];
}

const DRAWS = 4000;

/**
 * Number of lenses, purity and completeness of a survey, each with its 95 % interval.
 *
 * @param strata each with one graded row or more, and all with as many thresholds
 */
export function surveyFigures(strata: readonly GradedStratum[], options: FigureOptions): SurveyFigures {
  const whole = strata.map((stratum): Cell => ({ ...stratum, stratum }));
  const drawn = drawsOf([whole], options, 0)[0]!;
  const rates = options.errors ? statedRates(options.errors) : null;
  const number = {
    ...within(lensesOf(whole, rates), drawn),
    horvitzThompson: weightedPositives(whole),
  };
  const thresholds = Array.from({ length: strata[0]?.above.length ?? 0 }, (_, t) =>
    atThreshold(strata, t, options),
  );
  return { number, thresholds };
}

function atThreshold(strata: readonly GradedStratum[], t: number, options: FigureOptions): AtThreshold {
  const above = strata.map((stratum): Cell => ({ ...stratum.above[t]!, stratum }));
  const below = strata.map((stratum): Cell => ({ ...rest(stratum, stratum.above[t]!), stratum }));
  const sides = [above, below].map((cells) => cells.filter(({ rows }) => rows > 0)) as [Cell[], Cell[]];
  const selected = sides[0].reduce((sum, { rows }) => sum + rows, 0);
  const rates = options.errors ? statedRates(options.errors) : null;
  const [found, missed] = sides.map((cells) => lensesOf(cells, rates)) as [number, number];
  const [weighted, others] = sides.map(weightedPositives) as [number, number];
  const [a, b] = drawsOf(sides, options, t + 1) as [Float64Array, Float64Array];
  const shares = a.map((lenses, d) => quotient(lenses, lenses + b[d]!) ?? 1);
  const purities = a.map((lenses) => lenses / selected);
  const share = quotient(found, found + missed);
  return {
    selected,
    lenses: { ...within(found, a), horvitzThompson: weighted },
    purity: { ...within(found / selected, purities), horvitzThompson: weighted / selected },
    completeness: {
      ...(share === null ? { value: null, low: 0, high: 1 } : within(share, shares)),
      horvitzThompson: quotient(weighted, weighted + others),
    },
  };
}

const rest = (all: Counts, part: Counts): Counts => ({
  rows: all.rows - part.rows,
  graded: all.graded - part.graded,
  positives: all.positives - part.positives,
});

const quotient = (part: number, all: number): number | null => (all === 0 ? null : part / all);

/** Draws of the lenses on each side: graders err alike on both. */
function drawsOf(
  sides: readonly (readonly Cell[])[],
  { seed, draws: count = DRAWS, errors = null }: FigureOptions,
  threshold: number,
): Float64Array[] {
  const sparse = sides.map(sparsest);
  const numbers = sides.map(() => new Float64Array(count));
  for (let d = 0; d < count; d++) {
    const draws = new Draws(seed, threshold, d);
    const rates = errors === null ? null : drawnRates(draws, errors);
    for (const [s, cells] of sides.entries())
      numbers[s]![d] = summed(cells.map((cell, c) => drawnLenses(draws, cell, c === sparse[s], rates)));
  }
  return numbers;
}

/** The middle 95 % of draws, around the value. */
function within(value: number, draws: Float64Array): Estimate {
  const { low, high } = percentiles(draws.slice());
  return { value, low: Math.min(low, value), high: Math.max(high, value) };
}
