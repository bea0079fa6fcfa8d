/**
 * Draws from the beta and the binomial distribution, exact for any parameters.
 *
 * Gamma: Marsaglia & Tsang 2000 (ACM TOMS 26, 363). Binomial: the order statistic in the middle splits the trials, until few
 * successes are left that waiting times find (Devroye 1986, Non-Uniform Random Variate Generation, X.4).
 */
import type { Draws } from "../../foundation/random.ts";

/** Gamma of unit scale, shape > 0. */
function gamma(draws: Draws, shape: number): number {
  if (shape < 1) return gamma(draws, shape + 1) * (1 - draws.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = draws.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - draws.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Beta(a, b), a, b ≥ 0 and not both 0: 0 where a is 0, 1 where b is. */
export function beta(draws: Draws, a: number, b: number): number {
  if (a === 0) return 0;
  if (b === 0) return 1;
  const x = gamma(draws, a);
  return x / (x + gamma(draws, b));
}

/** Successes expected at most where waiting times find them. */
const FEW = 16;

/** Successes among n trials of probability p. */
export function binomial(draws: Draws, n: number, p: number): number {
  let [trials, share, found] = [n, p, 0];
  while (trials * Math.min(share, 1 - share) > FEW) {
    // Of the trials' uniform numbers the one in the middle: those below are successes, or those above are none.
    const middle = Math.floor((trials + 1) / 2);
    const at = beta(draws, middle, trials + 1 - middle);
    if (at <= share) {
      found += middle;
      trials -= middle;
      share = (share - at) / (1 - at);
    } else {
      trials = middle - 1;
      share /= at;
    }
  }
  const rare = Math.min(share, 1 - share);
  const few = rare <= 0 ? 0 : byWaiting(draws, trials, rare);
  return found + (share <= 0.5 ? few : trials - few);
}

/** Geometric waiting times from one success to the next. */
function byWaiting(draws: Draws, n: number, p: number): number {
  const scale = 1 / Math.log1p(-p);
  let [passed, found] = [0, 0];
  for (;;) {
    passed += Math.floor(Math.log(1 - draws.uniform()) * scale) + 1;
    if (passed > n) return found;
    found++;
  }
}
