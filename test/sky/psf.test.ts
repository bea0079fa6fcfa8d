import { expect, test } from "vitest";
import { convolve, gaussianPsf, moffatPsf, transferOf } from "../../src/sky/psf.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

const kinds: Record<string, (fwhm: Tensor, size: number) => Tensor> = {
  Gaussian: (fwhm, size) => gaussianPsf(fwhm, size),
  "Moffat β 2.5": (fwhm, size) => moffatPsf(fwhm, 2.5, size),
  "Moffat β 3.5": (fwhm, size) => moffatPsf(fwhm, 3.5, size),
};

for (const [name, psf] of Object.entries(kinds)) {
  test(`${name}: unit sum, and the requested full width at half maximum`, () => {
    const widths = [2.5, 4, 7.3];
    const { sums, rows } = tidy(() => {
      const psfs = psf(tensor(Float64Array.from(widths)), 128);
      return { sums: psfs.sum([-2, -1]).numbers(), rows: psfs.select(1, 0).data() as Float64Array };
    });
    widths.forEach((width, i) => {
      expect(sums[i]).toBeCloseTo(1, 12);
      // where the row through the peak crosses one half, from its interpolated logarithm
      const row = rows.subarray(i * 128, i * 128 + 64);
      const outer = row.findIndex((value) => value < row[0]! / 2);
      const [a, b] = [Math.log(row[outer - 1]! / row[0]!), Math.log(row[outer]! / row[0]!)];
      const half = outer - 1 + (Math.log(0.5) - a) / (b - a);
      expect(Math.abs((2 * half) / width - 1), `${width}`).toBeLessThan(0.06);
    });
  });
}

test("Gaussian and Moffat values at 0, 2 and (2, 3) pixels follow the formulas", () => {
  const [g, m] = tidy(() => {
    const width = tensor(Float64Array.from([4]));
    return [gaussianPsf(width, 64).data() as Float64Array, moffatPsf(width, 3, 64).data() as Float64Array];
  });
  // at half the full width from the centre a PSF is half its peak
  expect(g![2]! / g![0]!).toBeCloseTo(0.5, 12);
  expect(m![2]! / m![0]!).toBeCloseTo(0.5, 12);
  // (2, 3): r² = 13; Gaussian 2^(−13 / 4); Moffat γ² = 4 / (2^(1/3) − 1)
  expect(g![3 * 64 + 2]! / g![0]!).toBeCloseTo(2 ** (-13 / 4), 12);
  expect(m![3 * 64 + 2]! / m![0]!).toBeCloseTo((1 + (13 * (2 ** (1 / 3) - 1)) / 4) ** -3, 12);
  // the grid is periodic: −2 is 62
  expect(g![62]).toBe(g![2]);
});

test("a truncated Gaussian is zero beyond and still has unit sum", () => {
  const psf = tidy(() => gaussianPsf(tensor(Float64Array.from([4])), 64, 3).data() as Float64Array);
  const reach = Math.floor((3 * 4) / 2.3548200450309493 + 0.5); // 5
  expect(psf[reach]).toBeGreaterThan(0);
  expect(psf[reach + 1]).toBe(0);
  expect(psf.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
});

const SIDE = 12;
function direct(image: Float64Array, psf: Float64Array, size: number, margin: number): Float64Array {
  const clamp = (i: number) => Math.min(SIDE - 1, Math.max(0, i));
  const result = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      for (let v = -margin; v < SIDE + margin; v++)
        for (let u = -margin; u < SIDE + margin; u++) {
          const dy = (((y - v) % size) + size) % size;
          const dx = (((x - u) % size) + size) % size;
          result[y * SIDE + x]! += image[clamp(v) * SIDE + clamp(u)]! * psf[dy * size + dx]!;
        }
  return result;
}

for (const margin of [0, 3]) {
  test(`convolution equals the direct sum, with a margin of ${margin}`, () => {
    const size = 30;
    const { image, psf, got } = tidy(() => {
      const image = new Generator(3).uniform([1, 1, SIDE, SIDE], { dtype: "float64" });
      const psf = moffatPsf(tensor(Float64Array.from([3])).reshape([1, 1]), 2.5, size);
      return {
        image: image.data() as Float64Array,
        psf: psf.data() as Float64Array,
        got: convolve(image, transferOf(psf), margin).data() as Float64Array,
      };
    });
    direct(image, psf, size, margin).forEach((want, i) => {
      expect(got[i]).toBeCloseTo(want, 12);
    });
  });
}

test("a flat image stays flat up to its edge if the edge is repeated beyond", () => {
  const { flat, dark } = tidy(() => {
    const transfer = transferOf(gaussianPsf(tensor(Float64Array.from([3])).reshape([1, 1]), 64));
    const image = ones([1, 1, 24, 24], { dtype: "float64" });
    return {
      flat: convolve(image, transfer, 8).numbers(),
      dark: convolve(image, transfer).numbers(),
    };
  });
  for (const value of flat) expect(value).toBeCloseTo(1, 6);
  expect(dark[0]).toBeLessThan(0.5);
});
