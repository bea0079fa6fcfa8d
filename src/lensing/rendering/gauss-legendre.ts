/** Gauss and Legendre's rule: n points for the mean of a function over an interval, exact for degrees up to 2n − 1. */

interface Rule {
  /** Points in (−½, ½), ascending. */
  points: number[];
  /** Their weights, of sum 1. */
  weights: number[];
}

/** The rule of n points, its nodes found by Newton's iteration on Legendre's polynomial. */
export function gaussLegendre(n: number): Rule {
  const nodes = Array.from({ length: n }, (_, i) => {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let pass = 0; pass < 20; pass++) {
      let [last, value] = [1, x];
      for (let k = 2; k <= n; k++) [last, value] = [value, ((2 * k - 1) * x * value - (k - 1) * last) / k];
      slope = (n * (x * value - last)) / (x * x - 1);
      x -= value / slope;
    }
    return { point: x / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
  return { points: nodes.map(({ point }) => point), weights: nodes.map(({ weight }) => weight) };
}

/** The rule of n points in each of this many equal parts of the interval. */
export function inParts(parts: number, { points, weights }: Rule): Rule {
  const middles = Array.from({ length: parts }, (_, k) => (k + 0.5) / parts - 0.5);
  return {
    points: middles.flatMap((middle) => points.map((point) => middle + point / parts)),
    weights: middles.flatMap(() => weights.map((weight) => weight / parts)),
  };
}
