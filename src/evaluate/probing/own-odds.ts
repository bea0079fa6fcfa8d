/** Log odds set right by graded rows, which few grades don't change much: a network's own, and those of a probe. */
import { crossEntropy, sigmoid } from "../combination/log-odds.ts";

/** The log odds of a lens are slope · l + intercept, l what was said of it. */
export interface OwnOdds {
  readonly slope: number;
  readonly intercept: number;
}

const ITERATIONS = 50;

/**
 * The least of Σ cross-entropy + ½ (slope − 1)² by Newton's method: without grades what was said is right, and its
 * order is never reversed.
 *
 * @param own what was said, l (N)
 * @param targets from 0 to 1, not all 0 and not all 1 (N)
 */
export function fitOwnOdds(own: ArrayLike<number>, targets: ArrayLike<number>): OwnOdds {
  const rows = Array.from(own, (l, i) => ({ l, y: targets[i]! }));
  const mean = rows.reduce((sum, { y }) => sum + y, 0) / rows.length;
  const middle = rows.reduce((sum, { l }) => sum + l, 0) / rows.length;
  const loss = (a: number, c: number) =>
    rows.reduce((sum, { l, y }) => sum + crossEntropy(a * l + c, y), (a - 1) ** 2 / 2);
  let [a, c] = [1, Math.log(mean / (1 - mean)) - middle];
  for (let i = 0; i < ITERATIONS; i++) {
    // Gradient and curvature; the curvature's least keeps the system solvable where all is certain.
    let [ga, gc, aa, ac, cc] = [a - 1, 0, 1, 0, 1e-9];
    for (const { l, y } of rows) {
      const p = sigmoid(a * l + c);
      const w = p * (1 - p);
      ga += (p - y) * l;
      gc += p - y;
      aa += w * l * l;
      ac += w * l;
      cc += w;
    }
    const determinant = aa * cc - ac * ac;
    const [da, dc] = [(cc * ga - ac * gc) / determinant, (aa * gc - ac * ga) / determinant];
    let step = 1;
    while (step > 1e-6 && loss(a - step * da, c - step * dc) > loss(a, c)) step /= 2;
    [a, c] = [a - step * da, c - step * dc];
  }
  return a > 0 ? { slope: a, intercept: c } : { slope: 0, intercept: Math.log(mean / (1 - mean)) };
}
