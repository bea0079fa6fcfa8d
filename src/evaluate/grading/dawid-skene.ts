/**
 * Dawid and Skene's model of graders: every object has one true grade, and grader j gives grade l to an object of true grade
 * k with the probability π⁽ʲ⁾_kl. EM finds the graders' confusions and the objects' grades together.
 *
 * Source: Dawid & Skene 1979, Applied Statistics 28, 20, eqs 2.3 to 2.5.
 *
 * *Our deviations*: grades are ordered and graders are few, so π has a prior of one grade a row, of which a grade gets
 * a share ∝ 2^−|k − l|: a grader of whom little is known is mostly right, and wrong by one rather than by three. p has one
 * of one object, spread evenly. EM finds the most probable π and p.
 */

/** One grade: of an object, by a grader, an index in the grades' order. */
export interface Graded {
  /** Index of the object. */
  readonly object: number;
  /** Index of the grader. */
  readonly grader: number;
  /** Index of the grade, 0 to K − 1. */
  readonly grade: number;
}

/** What grades say of objects and graders. */
export interface DawidSkene {
  /** T: each object's probability of every true grade (objects, K). */
  readonly posterior: readonly Float64Array[];
  /** p: the share of every true grade (K). */
  readonly shares: readonly number[];
  /** π⁽ʲ⁾, rows by true grade (graders, K, K). */
  readonly confusion: readonly (readonly Float64Array[])[];
  /** Rounds of expectation and maximisation. */
  readonly rounds: number;
}

const MOST_ROUNDS = 1000;
const STILL = 1e-7;

/**
 * The model of Dawid & Skene 1979 (Appl. Stat. 28, 20), by expectation maximisation. K grades.
 *
 * @param grades in any order; an object must have one or more
 * @param K number of different grades
 */
export function dawidSkene(
  grades: readonly Graded[],
  { objects, graders, K }: { objects: number; graders: number; K: number },
): DawidSkene {
  const prior = priorOf(K);
  // Started from each object's share of votes.
  let posterior = Array.from({ length: objects }, () => new Float64Array(K).fill(1e-3));
  for (const { object, grade } of grades) posterior[object]![grade]! += 1;
  for (const T of posterior) normalise(T);
  for (let round = 1; ; round++) {
    // 1. the graders and the shares, given the objects (eqs 2.3, 2.4)
    const confusion = Array.from({ length: graders }, () => prior.map((row) => row.slice()));
    for (const { object, grader, grade } of grades)
      for (let k = 0; k < K; k++) confusion[grader]![k]![grade]! += posterior[object]![k]!;
    for (const pi of confusion) for (const row of pi) normalise(row);
    const p = new Float64Array(K).fill(1 / K);
    for (const T of posterior) for (let k = 0; k < K; k++) p[k]! += T[k]!;
    normalise(p);
    // 2. the objects, given the graders (eq. 2.5)
    const next = posterior.map(() => p.map(Math.log));
    for (const { object, grader, grade } of grades)
      for (let k = 0; k < K; k++) next[object]![k]! += Math.log(confusion[grader]![k]![grade]!);
    let moved = 0;
    for (const [i, T] of next.entries()) {
      const top = Math.max(...T);
      for (let k = 0; k < K; k++) T[k] = Math.exp(T[k]! - top);
      normalise(T);
      for (let k = 0; k < K; k++) moved = Math.max(moved, Math.abs(T[k]! - posterior[i]![k]!));
    }
    posterior = next;
    if (moved < STILL || round === MOST_ROUNDS)
      return { posterior, shares: [...p], confusion, rounds: round };
  }
}

/** Rows of sum 1, ∝ 2^−|k − l|. */
function priorOf(K: number): Float64Array[] {
  return Array.from({ length: K }, (_, k) =>
    normalise(Float64Array.from({ length: K }, (_, l) => 2 ** -Math.abs(k - l))),
  );
}

function normalise(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  for (let k = 0; k < values.length; k++) values[k]! /= sum;
  return values;
}
