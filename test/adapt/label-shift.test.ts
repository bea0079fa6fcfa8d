/** The parts of a target's classes from predictions. */
import { expect, test } from "vitest";
import { bbse, em } from "../../src/adapt/label-shift.ts";

test("BBSE and EM recover the parts of the classes", () => {
  // Predictions that know the truth with 0.8: p(lens | x) calibrated under equal parts.
  const rows = (lenses: number, others: number) => [
    ...Array(Math.round(lenses * 0.8)).fill([0.2, 0.8]),
    ...Array(Math.round(lenses * 0.2)).fill([0.8, 0.2]),
    ...Array(Math.round(others * 0.2)).fill([0.2, 0.8]),
    ...Array(Math.round(others * 0.8)).fill([0.8, 0.2]),
  ];
  const source = rows(500, 500);
  const labels = [...Array(500).fill(1), ...Array(500).fill(0)];
  const target = rows(100, 900);
  expect(bbse(source, labels, target)[1]).toBeCloseTo(0.1, 9);
  expect(em(target, [0.5, 0.5])[1]).toBeCloseTo(0.1, 4);
  expect(() =>
    bbse(
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      [0, 1],
      [[0.5, 0.5]],
    ),
  ).toThrow("tell the classes apart");
});
