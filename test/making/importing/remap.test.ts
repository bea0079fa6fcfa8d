import { expect, test } from "vitest";
import { Draws } from "../../../src/foundation/random.ts";
import { remapped } from "../../../src/making/importing/remap.ts";

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** A Gaussian of unit flux, by differences of its integral's numeric values on a fine grid. */
function gaussian(side: number, sigma: number): Float64Array {
  const fine = 20;
  const line = Float64Array.from({ length: side }, (_, i) => {
    let total = 0;
    for (let k = 0; k < fine; k++) {
      const x = i + (k + 0.5) / fine - side / 2;
      total += Math.exp(-(x * x) / (2 * sigma * sigma)) / fine;
    }
    return total / (sigma * Math.sqrt(2 * Math.PI));
  });
  return Float64Array.from({ length: side * side }, (_, p) => line[Math.floor(p / side)]! * line[p % side]!);
}

test("a ratio of 1 changes nothing, 1/2 sums squares of four pixels", () => {
  const draws = new Draws(1);
  const plane = Float32Array.from({ length: 64 }, () => draws.normal());
  const same = remapped(plane, [8, 8], 1, [8, 8]);
  for (let p = 0; p < 64; p++) expect(same[p]).toBeCloseTo(plane[p]!, 6);
  const half = remapped(plane, [8, 8], 0.5, [4, 4]);
  const at = (y: number, x: number) => plane[y * 8 + x]!;
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 4; x++)
      expect(half[y * 4 + x]).toBeCloseTo(
        at(2 * y, 2 * x) + at(2 * y, 2 * x + 1) + at(2 * y + 1, 2 * x) + at(2 * y + 1, 2 * x + 1),
        5,
      );
});

test.each([0.37, 0.75, 1.1, 1.6, 2.5])("flux is conserved at a ratio of %s, whatever the pixels", (ratio) => {
  const draws = new Draws(2);
  const plane = Float32Array.from({ length: 20 * 15 }, () => draws.normal(5, 2));
  const [h, w] = [Math.ceil(20 * ratio) + 2, Math.ceil(15 * ratio) + 2];
  expect(sum(remapped(plane, [20, 15], ratio, [h, w]))).toBeCloseTo(sum(plane), 2);
});

test.each([0.8, 1.25, 1.9])("a star keeps its position and shape at a ratio of %s", (ratio) => {
  const [from, to] = [40, 41 + Math.round(40 * (ratio - 1))];
  const got = remapped(gaussian(from, 3), [from, from], ratio, [to, to]);
  const wanted = gaussian(to, 3 * ratio);
  const peak = Math.max(...wanted);
  for (let p = 0; p < wanted.length; p++) expect(Math.abs(got[p]! - wanted[p]!)).toBeLessThan(0.002 * peak);
});
