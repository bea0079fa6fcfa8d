import { describe, expect, test } from "vitest";
import { augment } from "../../../src/dataset/views/augment.ts";
import { type Augmentation, none, strong, weak } from "../../../src/dataset/views/augmenting/policy.ts";
import { tensor } from "../../../src/torch/create.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

const BATCH = 4000;
/** A batch of the same image; channel 1 is channel 0 plus 100. */
const batchOf = (image: number[], side: number, batch = BATCH): Tensor =>
  tensor(
    Float32Array.from({ length: batch * image.length }, (_, i) => image[i % image.length]!),
    [batch, image.length / side ** 2, side, side],
  );
const policy = (more: Partial<Augmentation>): Augmentation => ({ ...none, ...more });
/** How often each outcome came, by its pixels. */
function outcomes(x: Tensor): Map<string, number> {
  const values = x.data() as Float32Array;
  const size = values.length / x.shape[0]!;
  const seen = new Map<string, number>();
  for (let i = 0; i < values.length; i += size) {
    const key = values.subarray(i, i + size).join(" ");
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return seen;
}
const near = (count: number, p: number) =>
  expect(Math.abs(count - BATCH * p)).toBeLessThan(5 * Math.sqrt(BATCH * p * (1 - p)));

describe("symmetries of 1 2 / 3 4", () => {
  const FLIPS = ["1 2 3 4", "2 1 4 3", "3 4 1 2", "4 3 2 1"];
  const TURNS = ["1 2 3 4", "2 4 1 3", "4 3 2 1", "3 1 4 2"];
  const TRANSPOSED = ["1 3 2 4", "4 2 3 1"];
  test.each([
    ["flips", { flips: true }, FLIPS],
    ["quarter turns", { rotations: true }, TURNS],
    ["all eight", { flips: true, rotations: true }, [...new Set([...FLIPS, ...TURNS, ...TRANSPOSED])]],
  ])("%s come equally often, and nothing else", (_, on, expected) => {
    const seen = outcomes(augment(batchOf([1, 2, 3, 4], 2), policy(on), new Generator(1)));
    expect([...seen.keys()].sort()).toEqual([...expected].sort());
    for (const count of seen.values()) near(count, 1 / expected.length);
  });

  test("move the channels together", () => {
    const out = augment(batchOf([1, 2, 3, 4, 101, 102, 103, 104], 2), weak2(), new Generator(2));
    const difference = out.select(1, 1).sub(out.select(1, 0));
    expect([difference.min().item(), difference.max().item()]).toEqual([100, 100]);
  });
  const weak2 = () => policy({ flips: true, rotations: true, shift: 1 });

  test("turn no image that is not square", () => {
    const oblong = tensor(new Float32Array(6), [1, 1, 2, 3]);
    expect(() => augment(oblong, weak, new Generator(1))).toThrow(/images must be square/);
  });
});

test("shifts are whole pixels along both axes with reflected edges", () => {
  const image = [0, 1, 2, 10, 11, 12, 20, 21, 22];
  const reflected = (i: number) => (i < 0 ? -i : i > 2 ? 4 - i : i);
  const expected = [-1, 0, 1].flatMap((dy) =>
    [-1, 0, 1].map((dx) =>
      [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => 10 * reflected(y + dy) + reflected(x + dx))).join(" "),
    ),
  );
  const seen = outcomes(augment(batchOf(image, 3), policy({ shift: 1 }), new Generator(3)));
  expect([...seen.keys()].sort()).toEqual(expected.sort());
  for (const count of seen.values()) near(count, 1 / 9);
});

test("crops stay within the image and enlarge it by 1 to 1 / crop", () => {
  const side = 16;
  const ramp = Array.from({ length: side * side }, (_, i) => i % side); // value = column
  const out = augment(batchOf(ramp, side, 500), policy({ crop: 0.5 }), new Generator(4));
  const values = out.data() as Float32Array;
  const slopes: number[] = [];
  for (let i = 0; i < 500; i++) {
    const line = values.subarray(i * side * side, i * side * side + side);
    expect(line[0]).toBeGreaterThanOrEqual(0);
    expect(line[side - 1]).toBeLessThanOrEqual(side - 1);
    slopes.push(line[9]! - line[8]!);
    // Bilinear sampling of a ramp is a ramp, away from the clamped edge.
    expect(line[8]! - line[7]!).toBeCloseTo(line[9]! - line[8]!, 3);
  }
  expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.5 - 1e-4);
  expect(Math.min(...slopes)).toBeLessThan(0.52);
  expect(Math.max(...slopes)).toBeLessThanOrEqual(1 + 1e-4);
  expect(Math.max(...slopes)).toBeGreaterThan(0.98);
});

test("brightness is one factor per image, noise is normal in every pixel", () => {
  const bright = augment(batchOf([1, 2, 4, 8], 2), policy({ brightness: 0.2 }), new Generator(5)).data();
  const factors = Array.from({ length: BATCH }, (_, i) => Number(bright[4 * i]));
  for (let i = 0; i < BATCH; i++) expect(bright[4 * i + 3]).toBeCloseTo(8 * factors[i]!, 4);
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.8);
  expect(Math.max(...factors)).toBeLessThanOrEqual(1.2);
  expect(factors.reduce((sum, f) => sum + f, 0) / BATCH).toBeCloseTo(1, 1);
  const noisy = augment(batchOf([5, 5, 5, 5], 2), policy({ noise: 0.1 }), new Generator(6));
  expect(noisy.mean().item()).toBeCloseTo(5, 2);
  expect(Math.sqrt(noisy.var().item())).toBeCloseTo(0.1, 2);
});

test("one generator's state gives one view, leaves the input alone and one tensor behind", () => {
  const images = batchOf(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25],
    5,
    8,
  );
  const before = [...images.data()];
  const generator = new Generator(7);
  const state = generator.state();
  const live = liveTensors();
  const first = augment(images, strong, generator);
  expect(liveTensors()).toBe(live + 1);
  const second = augment(images, strong, generator);
  generator.restore(state);
  const again = augment(images, strong, generator);
  expect(again.data()).toEqual(first.data());
  expect(second.data()).not.toEqual(first.data());
  expect([...images.data()]).toEqual(before);
});

test("stored bytes are refused: augmentation comes after preprocessing", () => {
  const bytes = tensor(new Uint8Array(4), [1, 1, 2, 2]);
  expect(() => augment(bytes, weak, new Generator(1))).toThrow(/of a floating type, got "uint8 \[1,1,2,2\]"/);
});
