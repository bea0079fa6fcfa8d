import { expect, test } from "vitest";
import { asinh } from "../../src/torch/asinh.ts";
import { tensor } from "../../src/torch/create.ts";
import { liveTensors } from "../../src/torch/scope.ts";
import { watched } from "../../src/torch/watching.ts";

const HALF_STEP = 2 ** -24;

test("asinh is JavaScript's to three units of the last place, from the smallest to the largest numbers", () => {
  const magnitudes = Array.from({ length: 1600 }, (_, i) => 10 ** (-37 + i * 0.034));
  const x = Float32Array.from([...magnitudes, 0, 1, 3e-4, 0.5].flatMap((value) => [value, -value]));
  const y = asinh(tensor(x, [x.length])).data() as Float32Array;
  for (const [i, value] of x.entries()) {
    const exact = Math.asinh(value);
    expect(Math.abs(y[i]! - exact)).toBeLessThanOrEqual(6 * HALF_STEP * Math.abs(exact));
  }
  expect(Object.is(y[x.indexOf(0) + 1], -0)).toBe(true);
});

test("asinh of numbers whose squares overflow, of infinities and of NaN is libtorch's", () => {
  const x = [1, 3e38, -2e19, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  expect(asinh(tensor(x)).numbers()).toEqual(tensor(x).asinh().numbers());
});

test("asinh of float64, of nothing, and with a gradient is libtorch's", () => {
  expect(asinh(tensor([0.1], [1], { dtype: "float64" })).numbers()).toEqual([Math.asinh(0.1)]);
  expect(asinh(tensor([], [0])).numbers()).toEqual([]);
  const x = tensor([0.75]).withGrad();
  asinh(x).sum().backward();
  expect(x.grad!.numbers()[0]).toBeCloseTo(0.8, 6); // 1 / sqrt(1 + 0.5625)
});

test("asinh reads no values where operators are written down for another engine", () => {
  const names: string[] = [];
  const read: number[] = [];
  const watcher = {
    called: (name: string) => void names.push(name),
    read: ({ handle }: { handle: number }) => void read.push(handle),
  };
  watched(watcher, () => void asinh(tensor([1, 2])).dispose());
  expect(names).toContain("aten::asinh");
  expect(read).toEqual([]);
});

test("asinh leaves one tensor and does not change its argument", () => {
  const x = tensor([1, -2]);
  const before = liveTensors();
  const y = asinh(x);
  expect(liveTensors()).toBe(before + 1);
  expect(x.numbers()).toEqual([1, -2]);
  y.dispose();
});
