/** Tests of distributions, for fixed seeds. Each gives a probability that must not be tiny. */

/** Pearson's chi-square of counts that should all be equal, as a normal deviate (Wilson and Hilferty 1931). */
export function uniformDeviate(counts: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const expected = total / counts.length;
  const chi = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (Math.cbrt(chi / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}

/** Kolmogorov-Smirnov's distance of a sample from a distribution function, times √n: above 1.95 once in a thousand. */
export function kolmogorov(sample: readonly number[], below: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const n = sorted.length;
  const off = sorted.map((x, i) => Math.max((i + 1) / n - below(x), below(x) - i / n));
  return Math.max(...off) * Math.sqrt(n);
}

/** How many standard deviations a count is off its binomial expectation. */
export const binomialDeviate = (count: number, n: number, p: number): number =>
  (count - n * p) / Math.sqrt(n * p * (1 - p));

export const uniformOn =
  (low: number, high: number) =>
  (x: number): number =>
    Math.min(1, Math.max(0, (x - low) / (high - low)));

/** The normal distribution function: Abramowitz and Stegun 7.1.26, to 1.5e-7. */
export function normalBelow(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-z * z);
  return x > 0 ? 1 - tail / 2 : tail / 2;
}
