/**
 * Probabilities of images that a cascade rejected. They are below every one that the finder gives, so that ranks are well-defined
 * whatever is scored together, and in the order of the student's log odds.
 */

/** A probability that no finder's image is below: log odds of −55. */
export const LEAST_PASSED = 2 ** -80;
/** The student's own are not taken lower than this share of it. */
const LEAST_SHARE = 2 ** -40;

/** Of a rejected image: at most half of `LEAST_PASSED`. */
export function rejectedProbability(odds: number): number {
  const own = 1 / (1 + Math.exp(-odds));
  return (LEAST_PASSED / 2) * Math.max(LEAST_SHARE, own);
}

/** Of an image that passed. */
export const passedProbability = (probability: number): number => Math.max(LEAST_PASSED, probability);
