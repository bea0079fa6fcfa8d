/**
 * Krippendorff's alpha: how well people agree beyond chance, 1 if they do, 0 if they might as well have drawn their grades.
 *
 * Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability (University of Pennsylvania, ASC departmental papers
 * 43): α = 1 − D_o / D_e over the coincidences o_ck of grades of the same object. Any number of graders, gaps allowed; an
 * object with a single grade does not count.
 */
import { percentiles, resample } from "../bootstrap.ts";
import type { Interval } from "../interval.ts";

export const LEVELS = ["nominal", "ordinal", "interval"] as const;
/** How far two grades are apart: not the same; how many grades lie between them; the difference of their values. */
export type Level = (typeof LEVELS)[number];

/** The grades that each object got, as indices in their order (objects of any number of grades). */
export type GradesByObject = readonly (readonly number[])[];

/**
 * @param values of the grades, lowest first (K)
 * @returns null where no object has two grades, or all grades are the same
 */
export function krippendorffAlpha(
  objects: GradesByObject,
  values: readonly number[],
  level: Level,
): number | null {
  return alphaOf(
    objects.map(partsOf),
    objects.map(() => 1),
    values,
    level,
  );
}

const RESAMPLES = 1000;

/** Percentiles of a bootstrap over objects; null where alpha is. */
export async function alphaInterval(
  objects: GradesByObject,
  values: readonly number[],
  level: Level,
  seed: number,
): Promise<Interval | null> {
  const parts = objects.filter((grades) => grades.length > 1).map(partsOf);
  if (parts.length === 0 || krippendorffAlpha(objects, values, level) === null) return null;
  const alphas = new Float64Array(RESAMPLES);
  await resample(parts.length, { resamples: RESAMPLES, seed }, (drawn, r) => {
    const alpha = alphaOf(parts, drawn, values, level);
    if (alpha === null) return false;
    alphas[r] = alpha;
    return true;
  });
  return percentiles(alphas);
}

type Parts = readonly (readonly [grade: number, count: number])[];

/** The different grades of an object, each with how often it was given. */
function partsOf(grades: readonly number[]): Parts {
  const counts = new Map<number, number>();
  for (const grade of grades) counts.set(grade, (counts.get(grade) ?? 0) + 1);
  return [...counts];
}

/** @param times how often each object counts */
function alphaOf(
  objects: readonly Parts[],
  times: ArrayLike<number>,
  values: readonly number[],
  level: Level,
): number | null {
  const K = values.length;
  const o = Array.from({ length: K }, () => new Float64Array(K));
  for (const [u, parts] of objects.entries()) {
    const m = parts.reduce((sum, [, count]) => sum + count, 0);
    if (m < 2 || times[u] === 0) continue;
    for (const [c, nc] of parts)
      for (const [k, nk] of parts) o[c]![k]! += (times[u]! * nc * (nk - Number(c === k))) / (m - 1);
  }
  const n_c = o.map((row) => row.reduce((sum, value) => sum + value, 0));
  const n = n_c.reduce((sum, value) => sum + value, 0);
  const square = distances(n_c, values, level);
  let [observed, expected] = [0, 0];
  for (let c = 0; c < K; c++)
    for (let k = 0; k < K; k++) {
      observed += o[c]![k]! * square[c]![k]!;
      expected += (n_c[c]! * n_c[k]! * square[c]![k]!) / (n - 1);
    }
  return expected > 0 ? 1 - observed / expected : null;
}

/** δ² of two grades; the ordinal one counts the grades given from one to the other, half of those at either end. */
function distances(n_c: readonly number[], values: readonly number[], level: Level): number[][] {
  return values.map((a, c) =>
    values.map((b, k) => {
      if (level === "nominal") return Number(c !== k);
      if (level === "interval") return (a - b) ** 2;
      const between = n_c.slice(Math.min(c, k), Math.max(c, k) + 1).reduce((sum, value) => sum + value, 0);
      return (between - (n_c[c]! + n_c[k]!) / 2) ** 2;
    }),
  );
}
