/**
 * SWAP, the Space Warps Analysis Pipeline: the probability that an object is a lens, as volunteers say yes or no one after the
 * other, each weighed by how often they were right on objects whose class is known.
 *
 * Source: Marshall et al. 2016, MNRAS 455, 1171 (arXiv:1504.06148), section 4: Bayes' theorem for each verdict, with the
 * volunteer's rates at the time. A volunteer begins as if one of two lenses and one of two others had been told (rates of one
 * half, which say nothing).
 */

/** The paper's share of lenses among the objects before anybody has looked. */
export const SWAP_PRIOR = 2e-4;

/** One verdict, in the order in which they were given. */
export interface Verdict {
  readonly object: number;
  readonly grader: number;
  readonly lens: boolean;
}

/** A volunteer's rates: P(says lens | lens), P(says none | none). */
export interface SwapRates {
  readonly lens: number;
  readonly none: number;
}

export interface Swap {
  /** P(lens) of each object; the prior of one that nobody has looked at. */
  readonly probabilities: Float64Array;
  readonly graders: readonly SwapRates[];
}

/**
 * @param known whether an object is a lens, of those whose class is known: they teach the rates, and have a probability like
 *   the others
 * @param prior share of lenses, above 0 and below 1
 */
export function swap(
  verdicts: readonly Verdict[],
  known: ReadonlyMap<number, boolean>,
  { objects, graders, prior }: { objects: number; graders: number; prior: number },
): Swap {
  const counts = Array.from({ length: graders }, () => ({ lenses: 2, found: 1, others: 2, passed: 1 }));
  const ratesOf = (grader: number): SwapRates => {
    const { lenses, found, others, passed } = counts[grader]!;
    return { lens: found / lenses, none: passed / others };
  };
  const logOdds = new Float64Array(objects).fill(Math.log(prior / (1 - prior)));
  for (const { object, grader, lens } of verdicts) {
    const rates = ratesOf(grader);
    logOdds[object]! += lens
      ? Math.log(rates.lens / (1 - rates.none))
      : Math.log((1 - rates.lens) / rates.none);
    const truth = known.get(object);
    if (truth === undefined) continue;
    const count = counts[grader]!;
    if (truth) {
      count.lenses++;
      count.found += Number(lens);
    } else {
      count.others++;
      count.passed += Number(!lens);
    }
  }
  return {
    probabilities: logOdds.map((odds) => 1 / (1 + Math.exp(-odds))),
    graders: counts.map((_, grader) => ratesOf(grader)),
  };
}
