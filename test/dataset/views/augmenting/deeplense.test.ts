/** DeepLense's policy against what its Albumentations did: where it crops, how it resizes, how often it mirrors. */
import { expect, test } from "vitest";
import { augment } from "../../../../src/dataset/views/augment.ts";
import { deeplenseViews, none } from "../../../../src/dataset/views/augmenting/policy.ts";
import { cat, tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import type { Tensor } from "../../../../src/torch/tensor.ts";
import { image, made } from "../../../fixtures/views/images.ts";
import { binomialDeviate, kolmogorov, normalBelow, uniformDeviate } from "./chance.ts";

const SIDE = 64;
const N = 4000;

/** How N images whose two channels are each pixel's column and row are cropped and mirrored. */
function places(seed: number): { whole: number; flipped: [number, number]; starts: [number[], number[]] } {
  const batch = 500;
  const generator = new Generator(seed);
  const line = tensor(Array.from({ length: SIDE }, (_, i) => i));
  const shape = [batch, 1, SIDE, SIDE];
  const counts = { whole: 0, flipped: [0, 0] as [number, number], starts: [[], []] as [number[], number[]] };
  for (let round = 0; round < N / batch; round++)
    tidy(() => {
      const across = line.reshape([1, 1, 1, SIDE]).expand(shape);
      const down = line.reshape([1, 1, SIDE, 1]).expand(shape);
      const seen = augment(cat([across, down], 1), deeplenseViews.weak, generator);
      for (const axis of [0, 1]) {
        const along = seen.select(1, axis).select(1 + axis, 0); // (B, SIDE): the first line, or the first column
        const [low, high, first] = [along.min([1]), along.max([1]), along.select(1, 0)].map((t) =>
          t.numbers(),
        );
        for (let i = 0; i < batch; i++) {
          const whole = high![i]! - low![i]! > SIDE / 2;
          if (axis === 0 && whole) counts.whole++;
          if (first![i] !== low![i]) counts.flipped[axis]!++;
          if (!whole) counts.starts[axis]!.push(low![i]!);
        }
      }
    });
  line.dispose();
  return counts;
}

test("crops come with probability 1/2, uniformly at 32 positions along each axis, mirrors with 1/4, independently", () => {
  const { whole, flipped, starts } = places(31);
  expect(Math.abs(binomialDeviate(whole, N, 0.5))).toBeLessThan(3.3);
  for (const count of flipped) expect(Math.abs(binomialDeviate(count, N, 0.25))).toBeLessThan(3.3);
  const counts = starts.map((along) => {
    const seen = Array<number>(32).fill(0);
    for (const start of along) {
      // Half-pixel centres: the first value of an enlarged crop is its first pixel's, which is whole.
      expect(Number.isInteger(start)).toBe(true);
      seen[start]!++;
    }
    return seen;
  });
  for (const seen of counts) expect(uniformDeviate(seen)).toBeLessThan(3.1);
  const [x, y] = starts as [number[], number[]];
  const quarters = Array<number>(16).fill(0);
  for (const [i, start] of x.entries()) quarters[(start >> 3) * 4 + (y[i]! >> 3)]!++;
  expect(uniformDeviate(quarters)).toBeLessThan(3.1);
});

test("an enlarged crop is OpenCV's to its rounding, at any position", () => {
  const pixels = image(21, 8, 8, 700);
  const only = { ...none, window: 0.5 };
  const views = tidy(() => {
    const x = tensor(pixels, [1, 1, 8, 8]).expand([200, 1, 8, 8]);
    return augment(x, only, new Generator(5)).data() as Float32Array;
  });
  // OpenCV's is of rows 2 to 5, columns 3 to 6: its first pixel identifies the view.
  const same = Array.from({ length: 200 }, (_, i) => views.subarray(64 * i, 64 * i + 64)).filter(
    (view) => view[0] === pixels[2 * 8 + 3],
  );
  expect(same.length).toBeGreaterThan(2); // of 16 places
  for (const view of same)
    for (const [i, want] of made.resized.entries()) expect(view[i]).toBeCloseTo(want, 3);
});

test("strong views are weak ones with normal noise", () => {
  const flat = tensor(new Float32Array(40 * 16 * 16).fill(0.5), [40, 1, 16, 16]);
  const noise = augment(flat, deeplenseViews.strong, new Generator(6)).sub(0.5).numbers();
  expect(kolmogorov(noise, (x) => normalBelow(x / 0.1))).toBeLessThan(1.95);
  expect(augment(flat, deeplenseViews.weak, new Generator(6)).sub(0.5).abs().max().item()).toBe(0);
});

test("half the side of any image, oblong and odd ones too; one seed one view, nothing left behind", () => {
  const generator = new Generator(7);
  const x = generator.uniform([5, 2, 7, 10]);
  const live = liveTensors();
  const state = generator.state();
  const [a, b] = [1, 2].map(() => {
    generator.restore(state);
    return augment(x, deeplenseViews.strong, generator);
  }) as [Tensor, Tensor];
  expect(a.shape).toEqual([5, 2, 7, 10]);
  expect(a.numbers()).toEqual(b.numbers());
  a.dispose();
  b.dispose();
  expect(liveTensors()).toBe(live);
});
