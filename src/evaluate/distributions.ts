/**
 * Tails and quantiles of Student's t, by the regularised incomplete beta function (Abramowitz & Stegun 1964, 26.5.8 and
 * 26.7.1), of the normal distribution, which is Student's of infinite degrees of freedom, and of Beta for whole parameters.
 */

/** The 97.5 % point of the normal distribution. */
export const Z95 = 1.959963984540054;

/** Above this many degrees of freedom, Student and normal differ in the eighth digit, and the gamma functions cancel. */
const AS_NORMAL = 1e7;

/** P(|T| ≥ |t|): the p-value of a difference from zero. */
export function studentPValue(t: number, degrees: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  if (degrees > AS_NORMAL) return normalTails(Math.abs(t));
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The t with P(|T| ≥ t) = `p`, e.g. 0.05 for a 95 % interval. Positive; infinite if no double can hold it. */
export function studentCritical(p: number, degrees: number): number {
  let high = 1;
  while (studentPValue(high, degrees) > p) {
    high *= 2;
    if (high > 1e300) return Number.POSITIVE_INFINITY;
  }
  let low = high / 2 < 1 ? 0 : high / 2;
  for (let k = 0; k < 200 && high - low > 1e-13 * high; k++) {
    const middle = (low + high) / 2;
    if (studentPValue(middle, degrees) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The q-quantile of Beta(a, b) for whole a and b: the x at which a binomial of a + b − 1 trials of probability x has a
 * successes or more with probability q.
 */
export function betaQuantile(q: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const x = (low + high) / 2;
    if (binomialTail(a + b - 1, a, x) < q) low = x;
    else high = x;
  }
  return (low + high) / 2;
}

/** The probability of `least` successes or more in n trials of probability x. */
function binomialTail(n: number, least: number, x: number): number {
  let log = n * Math.log1p(-x);
  let sum = least === 0 ? Math.exp(log) : 0;
  for (let j = 1; j <= n; j++) {
    log += Math.log((n - j + 1) / j) + Math.log(x) - Math.log1p(-x);
    if (j >= least) sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** P(|Z| ≥ z) = Q(1/2, z²/2), the incomplete gamma function: a series near zero, a continued fraction far out. */
function normalTails(z: number): number {
  const x = (z * z) / 2;
  if (x === 0) return 1;
  const scale = Math.exp(-x) * Math.sqrt(x / Math.PI);
  if (x < 1.5) {
    let term = 2;
    let sum = term;
    for (let n = 1.5; term > 1e-17 * sum; n++) {
      term *= x / n;
      sum += term;
    }
    return 1 - scale * sum;
  }
  // Lentz's evaluation of Γ(1/2, x) = e⁻ˣ √x / (x + 1 − 1/2 − …).
  let b = x + 0.5;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 500; i++) {
    const a = -i * (i - 0.5);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return scale * h;
}

/** I_x(a, b), with x, a, b > 0 and x ≤ 1. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges quickly on its own side of the mean only.
  return x < (a + 1) / (a + b + 2)
    ? (front * fraction(x, a, b)) / a
    : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** Abramowitz & Stegun 26.5.8, by Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const safe = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
}

/** ln Γ(x), x > 0: Stirling's series (6.1.41) after the argument is raised above 12. */
function logGamma(x: number): number {
  let lift = 0;
  let z = x;
  for (; z < 12; z++) lift += Math.log(z);
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - lift;
}
