/** SWAP, verdict by verdict, by hand. */
import { expect, test } from "vitest";
import { swap } from "../../../src/evaluate/grading/swap.ts";

const sizes = { objects: 4, graders: 2, prior: 0.2 };
const says = (grader: number, object: number, lens: boolean) => ({ grader, object, lens });

test("a volunteer of whom nothing is known says nothing", () => {
  const { probabilities, graders } = swap([says(0, 0, true), says(1, 0, false)], new Map(), sizes);
  expect(probabilities[0]).toBeCloseTo(0.2, 12);
  expect(graders[0]).toEqual({ lens: 0.5, none: 0.5 });
});

test("what known objects have taught weighs later verdicts, and no earlier ones", () => {
  const known = new Map([
    [2, true],
    [3, false],
  ]);
  const { probabilities, graders } = swap(
    [says(0, 1, true), says(0, 2, true), says(0, 3, false), says(0, 0, true)],
    known,
    sizes,
  );
  // Right about one lens and one other: (1 + 1) / (2 + 1) each. Odds 1/4 · (2/3) / (1/3) = 1/2.
  expect(graders[0]!.lens).toBeCloseTo(2 / 3, 12);
  expect(graders[0]!.none).toBeCloseTo(2 / 3, 12);
  expect(probabilities[0]).toBeCloseTo(1 / 3, 12);
  expect(probabilities[1]).toBeCloseTo(0.2, 12);
  // When the second known object came, the rate for lenses was known already: odds 1/4 · (1 − 2/3) / (1/2) = 1/6.
  expect(probabilities[3]).toBeCloseTo(1 / 7, 12);
});

test("a no by who finds all lenses counts more than a yes by who calls everything one", () => {
  const known = new Map([
    [2, true],
    [3, false],
  ]);
  const good = [says(0, 2, true), says(0, 2, true), says(0, 3, false)];
  const eager = [says(1, 2, true), says(1, 3, true), says(1, 3, true)];
  const { probabilities } = swap([...good, ...eager, says(0, 0, false), says(1, 0, true)], known, sizes);
  // Good: lens 3/4, none 2/3: a no multiplies the odds by (1/4) / (2/3) = 3/8.
  // Eager: lens 2/3, none 1/4: a yes by (2/3) / (3/4) = 8/9. Odds 1/4 · 3/8 · 8/9 = 1/12.
  expect(probabilities[0]).toBeCloseTo(1 / 13, 12);
});
