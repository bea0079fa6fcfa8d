/** AdaMatch's running class means, by hand. */
import { expect, test } from "vitest";
import { ClassMeans } from "../../src/adapt/class-means.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";

const rows = (lens: number) => tensor([1 - lens, lens, 1 - lens, lens], [2, 2]);

/** p_t of lenses after batches with these predictions. */
function targetAfter(window: number, batches: readonly number[], start = [0.5, 0.5]): number {
  return tidy(() => {
    const means = new ClassMeans(window, start);
    for (const lens of batches) means.observe(rows(0.5), rows(lens));
    return means.targetMean().numbers()[1]!;
  });
}

test("the target's mean is that of the last batches of its window", () => {
  expect(targetAfter(2, [0.9, 0.1, 0.2])).toBeCloseTo(0.15, 6);
  expect(targetAfter(1, [0.9, 0.1])).toBeCloseTo(0.1, 6);
});

test("a long window remembers its start", () => {
  expect(targetAfter(128, [0.1, 0.1])).toBeCloseTo((126 * 0.5 + 2 * 0.1) / 128, 6);
  expect(targetAfter(128, [0.1, 0.1], [0.8, 0.2])).toBeCloseTo((126 * 0.2 + 2 * 0.1) / 128, 6);
});

test("the source's mean moves by a thousandth a batch, from equal parts", () => {
  const p = tidy(() => {
    const means = new ClassMeans(4, [0.5, 0.5]);
    for (let i = 0; i < 2; i++) means.observe(rows(0.9), rows(0.5));
    return means.sourceMean().numbers()[1]!;
  });
  expect(p).toBeCloseTo(0.9 - 0.4 * 0.999 ** 2, 6);
});
