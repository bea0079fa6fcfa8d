import { expect, test } from "vitest";
import { middle, resample } from "../../../../src/dataset/views/fitting/resample.ts";
import { call } from "../../../../src/torch/call.ts";
import { tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import type { Tensor } from "../../../../src/torch/tensor.ts";

test.each([
  ["half", 2, 12, 6],
  ["a third", 3, 12, 4],
  ["one and a half", 1 / 1.5, 12, 18],
  ["two thirds", 1.5, 12, 8],
])("whole images to %s the side are as libtorch's antialiased bilinear", (_, step, from, to) => {
  tidy(() => {
    const x = new Generator(1).uniform([2, 3, from, from]);
    const want = call("aten::_upsample_bilinear2d_aa", x, [to, to], false, undefined, undefined) as Tensor;
    const got = resample(x, "flux", step, [to, to]).div(step * step);
    expect(got.sub(want).abs().max().item()).toBeLessThan(1e-6);
  });
});

test("an object's total flux is conserved, and so is its position about the centre", () => {
  const side = 33;
  // a Gaussian of sigma 4 pixels, 3 right of and 2 above the centre
  const light = Float32Array.from({ length: side * side }, (_, at) => {
    const [y, x] = [Math.floor(at / side) - 16 + 2, (at % side) - 16 - 3];
    return Math.exp(-(x * x + y * y) / 32);
  });
  const before = light.reduce((sum, value) => sum + value, 0);
  for (const step of [0.7, 1.3, 2]) {
    const size = Math.floor(33 / step);
    const out = tidy(() => resample(tensor(light, [1, 1, side, side]), "flux", step, [size, size]).numbers());
    const sum = out.reduce((total, value) => total + value, 0);
    expect(sum / before).toBeCloseTo(1, 2);
    const at = (axis: (i: number) => number) =>
      out.reduce((total, value, i) => total + value * axis(i), 0) / sum;
    expect((at((i) => i % size) - (size - 1) / 2) * step).toBeCloseTo(3, 1);
    expect((at((i) => Math.floor(i / size)) - (size - 1) / 2) * step).toBeCloseTo(-2, 1);
  }
});

test("display values are means, rounded; a constant image stays constant; oblong ones work", () => {
  const live = liveTensors();
  const out = tidy(() =>
    resample(tensor(new Uint8Array(8 * 12).fill(200), [1, 1, 8, 12]), "display", 1.6, [4, 6]),
  );
  expect([out.dtype, out.shape]).toEqual(["uint8", [1, 1, 4, 6]]);
  expect(new Set(out.numbers())).toEqual(new Set([200]));
  out.dispose();
  // two by two pixels by triangles of half-width 2 about (2, 2): weights 0.75 and 0.25 along each axis
  const four = [0, 100, 200, 40, 80, 120, 10, 20, 30, 50, 60, 70, 90, 110, 130, 150];
  const one = tidy(() => resample(tensor(Uint8Array.from(four), [1, 1, 4, 4]), "display", 2, [1, 1]).item());
  const weight = [0.25, 0.75, 0.75, 0.25].map((w) => w / 2);
  const want = four.reduce((sum, v, i) => sum + v * weight[i % 4]! * weight[Math.floor(i / 4)]!, 0);
  expect(one).toBe(Math.round(want));
  expect(liveTensors()).toBe(live);
});

test("the middle is whole pixels, unchanged", () => {
  const got = tidy(() =>
    middle(
      tensor(
        Uint8Array.from({ length: 30 }, (_, i) => i),
        [1, 1, 5, 6],
      ),
      [2, 4],
    ).numbers(),
  );
  expect(got).toEqual([7, 8, 9, 10, 13, 14, 15, 16]);
});
