import { expect, test } from "vitest";
import { augment } from "../../../../src/dataset/views/augment.ts";
import { none } from "../../../../src/dataset/views/augmenting/policy.ts";
import { tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import { binomialDeviate, kolmogorov, uniformOn } from "./chance.ts";

const SIDE = 64;
const N = 1500;

/** The erased rectangles of images whose pixels are all different. */
function rectangles(erase: number, eraseArea: number, seed: number) {
  const pixels = Array.from({ length: SIDE * SIDE }, (_, i) => i + 0.25);
  const mean = (SIDE * SIDE - 1) / 2 + 0.25;
  return tidy(() => {
    const x = tensor(pixels, [1, 1, SIDE, SIDE]).expand([N, 1, SIDE, SIDE]);
    const gone = augment(x, { ...none, erase, eraseArea }, new Generator(seed))
      .eq(mean)
      .to("float32");
    const lines = gone.max([3]).select(1, 0); // (N, SIDE)
    const columns = gone.max([2]).select(1, 0);
    const heights = lines.sum(1).numbers();
    const widths = columns.sum(1).numbers();
    const areas = gone.sum([1, 2, 3]).numbers();
    const tops = lines.argmax(1).numbers();
    return { heights, widths, areas, tops };
  });
}

test("with the given chance, one whole rectangle of a uniform area is set to the band's mean", () => {
  const { heights, widths, areas } = rectangles(0.6, 0.3, 1);
  const touched = areas.filter((area) => area > 0);
  expect(Math.abs(binomialDeviate(touched.length, N, 0.6))).toBeLessThan(3.3);
  for (const [i, area] of areas.entries()) expect(heights[i]! * widths[i]!).toBe(area);
  // sides are whole pixels, which blurs areas by a percent of the image
  expect(
    kolmogorov(
      touched.map((area) => area / SIDE ** 2),
      uniformOn(0.02, 0.3),
    ),
  ).toBeLessThan(1.95);
});

test("aspect ratios are from 0.3 to 1 / 0.3, uniform in the logarithm; positions are uniform", () => {
  const { heights, widths, tops } = rectangles(1, 0.3, 2);
  const shapes = heights.map((height, i) => Math.log(height / widths[i]!));
  expect(kolmogorov(shapes, uniformOn(Math.log(0.3), -Math.log(0.3)))).toBeLessThan(2.3);
  const free = tops.map((top, i) => (top + 0.5) / (SIDE - heights[i]! + 1));
  expect(kolmogorov(free, uniformOn(0, 1))).toBeLessThan(1.95);
});

test("each band gets its own mean; oblong images work; nothing is left behind", () => {
  const x = tensor(
    Array.from({ length: 2 * 3 * 8 * 20 }, (_, i) => i % 7),
    [2, 3, 8, 20],
  );
  const live = liveTensors();
  const out = augment(x, { ...none, erase: 1 }, new Generator(3));
  expect(liveTensors()).toBe(live + 1);
  tidy(() => {
    const changed = out.ne(x);
    const mean = x.mean([2, 3], true).expand(x.shape);
    expect(changed.any().item()).toBe(1);
    expect(out.sub(mean).mul(changed.to("float32")).abs().max().item()).toBe(0);
  });
});
