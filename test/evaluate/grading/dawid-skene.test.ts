import { expect, test } from "vitest";
import { dawidSkene, type Graded } from "../../../src/evaluate/grading/dawid-skene.ts";
import { Draws } from "../../../src/foundation/random.ts";

const [K, OBJECTS] = [4, 800];
/** Graders who are right this often, wrong by one otherwise, upwards if they are lenient. */
const GRADERS = [
  { right: 0.9, up: 0.5 },
  { right: 0.75, up: 1 },
  { right: 0.6, up: 0 },
  { right: 0.85, up: 0.5 },
];
const SHARES = [0.5, 0.25, 0.15, 0.1];

/** Where a grader who is wrong goes to from k: the neighbour, or the only one there is. */
const wrong = (k: number, up: number): [down: number, up: number] =>
  k === 0 ? [0, 1] : k === K - 1 ? [1, 0] : [1 - up, up];

function simulated(seed: number) {
  const draws = new Draws(seed);
  const truth: number[] = [];
  const grades: Graded[] = [];
  for (let object = 0; object < OBJECTS; object++) {
    const u = draws.uniform();
    const k = [0.5, 0.75, 0.9, 1].findIndex((end) => u < end);
    truth.push(k);
    for (const [grader, { right, up }] of GRADERS.entries()) {
      const [, rises] = wrong(k, up);
      const grade = draws.uniform() < right ? k : k + (draws.uniform() < rises ? 1 : -1);
      grades.push({ object, grader, grade });
    }
  }
  return { truth, grades };
}

test("it recovers the confusions of simulated graders, the shares and the true grades", () => {
  const { truth, grades } = simulated(1);
  const { confusion, shares, posterior, rounds } = dawidSkene(grades, { objects: OBJECTS, graders: 4, K });
  expect(rounds).toBeLessThan(1000);
  for (const [j, { right, up }] of GRADERS.entries())
    for (let k = 0; k < K; k++) {
      const [down, rises] = wrong(k, up);
      const expected = [k - 1, k, k + 1].map((l, i) => ({
        l,
        share: [down * (1 - right), right, rises * (1 - right)][i]!,
      }));
      for (const { l, share } of expected)
        if (l >= 0 && l < K)
          expect(Math.abs(confusion[j]![k]![l]! - share), `${j} ${k} ${l}`).toBeLessThan(0.12);
      expect([...confusion[j]![k]!].reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    }
  for (const [k, share] of SHARES.entries()) expect(Math.abs(shares[k]! - share)).toBeLessThan(0.04);
  const best = (T: ArrayLike<number>) => Array.from(T).indexOf(Math.max(...Array.from(T)));
  const right = posterior.filter((T, i) => best(T) === truth[i]).length / OBJECTS;
  const votes = truth.filter((k, i) => {
    const counts = Array<number>(K).fill(0);
    for (const { grade } of grades.slice(4 * i, 4 * i + 4)) counts[grade]!++;
    return best(counts) === k;
  }).length;
  expect(right).toBeGreaterThan(votes / OBJECTS);
  // Probabilities mean what they say: those of the true grade are as high as the best ones, on average.
  const meanOf = (of: (T: Float64Array, i: number) => number) =>
    posterior.reduce((sum, T, i) => sum + of(T, i), 0) / OBJECTS;
  expect(Math.abs(meanOf((T) => Math.max(...T)) - right)).toBeLessThan(0.03);
});

test("two objects, one grader: one round of EM by hand, at its fixed point", () => {
  // One grade of each kind, symmetric: T = (t, 1 − t) for grade 0, mirrored for grade 1. π_00 = (t + 2/3) / 2, p = 1/2, so that
  // t = π_00 / (π_00 + π_10) with π_10 = (1 − t + 1/3) / 2: t = t/2 + 1/3.
  const grades = [
    { object: 0, grader: 0, grade: 0 },
    { object: 1, grader: 0, grade: 1 },
  ];
  const { posterior, shares, confusion } = dawidSkene(grades, { objects: 2, graders: 1, K: 2 });
  expect(posterior[0]![0]).toBeCloseTo(2 / 3, 5);
  expect(posterior[1]![1]).toBeCloseTo(2 / 3, 5);
  expect(shares).toEqual([0.5, 0.5].map((share) => expect.closeTo(share, 10)));
  expect(confusion[0]![0]![0]).toBeCloseTo(2 / 3, 5);
});

test("who grades little is drawn to being right, and wrong by one", () => {
  const { confusion } = dawidSkene([{ object: 0, grader: 0, grade: 0 }], { objects: 1, graders: 2, K: 3 });
  // Of grader 1 nothing is known: ∝ 1/2, 1, 1/2.
  expect([...confusion[1]![1]!]).toEqual([0.25, 0.5, 0.25].map((share) => expect.closeTo(share, 12)));
});
