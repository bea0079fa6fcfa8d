/** The modified Bessel function I₀, the mean of exp(x cos φ) over a circle: its series, to 1e-12 for |x| up to 20. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-13 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
