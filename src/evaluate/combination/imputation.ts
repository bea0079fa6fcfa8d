/**
 * Scores that a row lacks, by the mean that they have given the ones it has: x̂_M = R_MA R_AA⁻¹ x_A, R the finders'
 * correlations over all rows (Little & Rubin 2019, Statistical Analysis with Missing Data, section 4.2.2). No grade is used.
 */
import { linearSolve } from "../../foundation/linear-solve.ts";

/** Rows that share two scores before their correlation is believed by half. */
const HALF = 10;
const RIDGE = 1e-6;

/**
 * Pearson's correlations of finders' scores, over the rows that have both. Of few rows they are drawn towards 0.
 *
 * @param x columns on their scales, NaN for none (M of N)
 * @param select the rows to use; all if absent
 */
export function correlationsOf(
  x: readonly Float64Array[],
  { within, shrink = true }: { within?: ArrayLike<number>; shrink?: boolean } = {},
): number[][] {
  return x.map((a, i) =>
    x.map((b, j) => {
      if (i === j) return 1;
      const { r, rows } = pearson(a, b, within);
      return shrink ? (r * rows) / (rows + HALF) : r;
    }),
  );
}

/** @param within classes: deviations are from each class's own mean; one class if absent */
function pearson(
  a: Float64Array,
  b: Float64Array,
  within: ArrayLike<number> | undefined,
): { r: number; rows: number } {
  const sums = new Map<number, [n: number, a: number, b: number]>();
  const both = (i: number) => !Number.isNaN(a[i]!) && !Number.isNaN(b[i]!);
  let rows = 0;
  for (let i = 0; i < a.length; i++) {
    if (!both(i)) continue;
    const sum = sums.get(within?.[i] ?? 0) ?? [0, 0, 0];
    sums.set(within?.[i] ?? 0, [sum[0] + 1, sum[1] + a[i]!, sum[2] + b[i]!]);
    rows++;
  }
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (!both(i)) continue;
    const [n, sumA, sumB] = sums.get(within?.[i] ?? 0)!;
    const [dx, dy] = [a[i]! - sumA / n, b[i]! - sumB / n];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return { r: xx * yy === 0 ? 0 : xy / Math.sqrt(xx * yy), rows };
}

/**
 * The columns with every gap filled; a row without any score gets the mean of all, 0.
 *
 * @param x columns on their scales, NaN for none (M of N)
 * @param correlations R (M, M)
 */
export function filled(
  x: readonly Float64Array[],
  correlations: readonly (readonly number[])[],
): Float64Array[] {
  const out = x.map((column) => column.slice());
  const known = new Map<string, { given: number[]; missing: number[]; weights: number[][] }>();
  for (let row = 0; row < (x[0]?.length ?? 0); row++) {
    if (x.every((column) => !Number.isNaN(column[row]!))) continue;
    const pattern = x.map((column) => (Number.isNaN(column[row]!) ? "0" : "1")).join("");
    const found = known.get(pattern) ?? regressions(pattern, correlations);
    known.set(pattern, found);
    for (const [k, m] of found.missing.entries())
      out[m]![row] = found.given.reduce((sum, g, j) => sum + found.weights[k]![j]! * x[g]![row]!, 0);
  }
  return out;
}

/** R_MA R_AA⁻¹ of a pattern of given (1) and missing (0) scores. */
function regressions(pattern: string, R: readonly (readonly number[])[]) {
  const indices = [...pattern].map((_, i) => i);
  const given = indices.filter((i) => pattern[i] === "1");
  const missing = indices.filter((i) => pattern[i] === "0");
  const among = given.map((i) => given.map((j) => R[i]![j]! + (i === j ? RIDGE : 0)));
  const weights = missing.map((m) => {
    const towards = given.map((g) => R[m]![g]!);
    return linearSolve(among, towards, 1e-9) ?? towards.map(() => 0);
  });
  return { given, missing, weights };
}
