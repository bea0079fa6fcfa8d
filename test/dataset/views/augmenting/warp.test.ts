import { describe, expect, test } from "vitest";
import { augment } from "../../../../src/dataset/views/augment.ts";
import { type Augmentation, none } from "../../../../src/dataset/views/augmenting/policy.ts";
import { warped } from "../../../../src/dataset/views/augmenting/warp.ts";
import { tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import type { Tensor } from "../../../../src/torch/tensor.ts";
import { kolmogorov, uniformOn } from "./chance.ts";

const policy = (more: Partial<Augmentation>): Augmentation => ({ ...none, ...more });
const x = () => new Generator(1).uniform([3, 2, 7, 7]);
const off = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
const all = (angle: number) => tensor([angle, angle, angle]);

describe("turning", () => {
  test("by 0 changes nothing, by quarters is exact, once around is nothing", () => {
    tidy(() => {
      const images = x();
      expect(off(warped(images, all(0), null), images)).toBeLessThan(1e-5);
      for (const quarters of [1, 2, 3])
        expect(off(warped(images, all((quarters * Math.PI) / 2), null), images.rot90(quarters))).toBeLessThan(
          1e-5,
        );
      expect(off(warped(images, all(2 * Math.PI), null), images)).toBeLessThan(1e-5);
    });
  });

  test("by half of an oblong image is both flips", () => {
    tidy(() => {
      const images = new Generator(2).uniform([3, 1, 5, 9]);
      expect(off(warped(images, all(Math.PI), null), images.flip([2, 3]))).toBeLessThan(1e-5);
    });
  });

  test("by 45 degrees samples between pixels, and takes the edge's pixel for what is outside", () => {
    // 1 2 / 3 4: the new first pixel is 0.71 above the centre, between 1 and 2 and out of their rows' middle
    const square = tensor([1, 2, 3, 4], [1, 1, 2, 2]);
    const got = tidy(() => warped(square, tensor([Math.PI / 4]), null).numbers());
    expect(got).toEqual([1.5, 3, 2, 3.5].map((value) => expect.closeTo(value, 5)));
  });

  test("angles are uniform up to the largest, either way", () => {
    // On the ramp x, the right neighbour of the centre is cos(angle) off it, the lower one -sin(angle).
    const N = 4000;
    const ramp = Array.from({ length: 25 }, (_, i) => i % 5);
    const angles = tidy(() => {
      const images = tensor(ramp, [1, 1, 5, 5]).expand([N, 1, 5, 5]);
      const seen = augment(images, policy({ turn: 30 }), new Generator(3)).data() as Float32Array;
      return Array.from({ length: N }, (_, i) => Math.atan2(2 - seen[25 * i + 17]!, seen[25 * i + 13]! - 2));
    });
    const most = Math.PI / 6;
    expect(Math.max(...angles.map(Math.abs))).toBeLessThan(most + 1e-4);
    expect(kolmogorov(angles, uniformOn(-most, most))).toBeLessThan(1.95);
  });
});

describe("shifting by fractions", () => {
  test("whole pixels are moved unchanged, halves are means, edges are reflected", () => {
    const line = (dx: number) =>
      tidy(() => warped(tensor([[[[1, 2, 4, 8]]]]), null, tensor([[dx, 0]])).numbers());
    const close = (values: number[]) => values.map((value) => expect.closeTo(value, 4));
    expect(line(0)).toEqual(close([1, 2, 4, 8]));
    expect(line(1)).toEqual(close([2, 4, 8, 8]));
    expect(line(0.5)).toEqual(close([1.5, 3, 6, 8]));
    expect(line(-2)).toEqual(close([2, 1, 1, 2]));
  });

  test("each image has its own, uniform along each axis", () => {
    const N = 3000;
    const images = (axis: number) =>
      tensor(
        Array.from({ length: 81 }, (_, i) => (axis === 0 ? i % 9 : Math.floor(i / 9))),
        [1, 1, 9, 9],
      ).expand([N, 1, 9, 9]);
    for (const axis of [0, 1]) {
      const shifts = tidy(() => {
        const seen = augment(images(axis), policy({ subpixel: 1.5 }), new Generator(4));
        return seen.select(2, 4).select(2, 4).sub(4).numbers();
      });
      expect(kolmogorov(shifts, uniformOn(-1.5, 1.5))).toBeLessThan(1.95);
    }
  });
});

describe("stretching and shearing", () => {
  const grid = () => tensor(new Generator(6).uniform([1, 1, 5, 5]).numbers(), [1, 1, 5, 5]);
  const mapped = (added: number[]) =>
    tidy(() => warped(grid(), null, null, tensor(added, [1, 2, 2])).numbers());
  const at = (values: number[], row: number, column: number) => values[5 * row + column]!;

  test("0 added to the identity changes nothing; a row's shear moves it by its distance below the centre", () => {
    const image = tidy(() => grid().numbers());
    mapped([0, 0, 0, 0]).forEach((value, i) => {
      expect(value).toBeCloseTo(image[i]!, 5);
    });
    const sheared = mapped([0, 1, 0, 0]); // right + down
    expect(at(sheared, 3, 2)).toBeCloseTo(at(image, 3, 3), 5);
    expect(at(sheared, 1, 2)).toBeCloseTo(at(image, 1, 1), 5);
    expect(at(sheared, 2, 4)).toBeCloseTo(at(image, 2, 4), 5);
    const down = mapped([0, 0, 1, 0]); // down + right
    expect(at(down, 2, 3)).toBeCloseTo(at(image, 3, 3), 5);
  });

  test("1 added to an axis samples twice as far along it", () => {
    const image = tidy(() => grid().numbers());
    const wide = mapped([1, 0, 0, 0]);
    expect(at(wide, 2, 1)).toBeCloseTo(at(image, 2, 0), 5);
    expect(at(wide, 4, 3)).toBeCloseTo(at(image, 4, 4), 5);
  });

  test("each image has its own elements, normal with the requested deviation", () => {
    const N = 4000;
    // On the ramp x, the right neighbour of the centre is 1 + a off it, the lower one b.
    const ramp = Array.from({ length: 25 }, (_, i) => i % 5);
    const [a, b] = tidy(() => {
      const images = tensor(ramp, [1, 1, 5, 5]).expand([N, 1, 5, 5]);
      const seen = augment(images, policy({ affine: 0.1 }), new Generator(3)).data() as Float32Array;
      const offsets = (pixel: number, expected: number) =>
        Array.from({ length: N }, (_, i) => seen[25 * i + pixel]! - expected);
      return [offsets(13, 3), offsets(17, 2)] as const;
    });
    for (const values of [a, b]) {
      const mean = values.reduce((sum, value) => sum + value, 0) / N;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / N);
      expect(Math.abs(mean)).toBeLessThan(4 * (0.1 / Math.sqrt(N)));
      expect(deviation).toBeGreaterThan(0.1 * (1 - 4 / Math.sqrt(2 * N)));
      expect(deviation).toBeLessThan(0.1 * (1 + 4 / Math.sqrt(2 * N)));
    }
    const correlation = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / N / 0.01;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(N));
  });
});

test("a turn, a stretch and a shift are one sampling; constant images stay; one tensor is left", () => {
  const images = tensor(new Float32Array(4 * 3 * 36).fill(5), [4, 3, 6, 6]);
  const live = liveTensors();
  const seen = augment(images, policy({ turn: 180, subpixel: 2, affine: 0.1 }), new Generator(5));
  expect(liveTensors()).toBe(live + 1);
  expect(seen.sub(5).abs().max().item()).toBeLessThan(1e-5);
});
