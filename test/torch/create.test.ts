import { expect, test } from "vitest";
import {
  arange,
  cat,
  eye,
  full,
  linspace,
  oneHot,
  onesLike,
  stack,
  tensor,
  where,
  zerosLike,
} from "../../src/torch/create.ts";
import type { DType, TypedArray } from "../../src/torch/dtype.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";

test.each<[DType, TypedArray]>([
  ["float64", new Float64Array([0.1, -1e300, Number.POSITIVE_INFINITY])],
  ["float32", new Float32Array([0.1, -3e38, -0])],
  ["int64", new BigInt64Array([2n ** 63n - 1n, -(2n ** 63n), 1n])],
  ["int32", new Int32Array([2 ** 31 - 1, -(2 ** 31)])],
  ["int16", new Int16Array([32767, -32768])],
  ["int8", new Int8Array([127, -128])],
  ["uint8", new Uint8Array([0, 255])],
])("%s goes in and out to the last bit", (dtype, values) => {
  tidy(() => {
    const there = tensor(values);
    expect(there.dtype).toBe(dtype);
    expect(there.shape).toEqual([values.length]);
    expect(there.data()).toEqual(values);
  });
});

test("bfloat16 and float16 come out as float32, rounded to their precision", () => {
  tidy(() => {
    // bfloat16 has 8 bits of significand: 1 + 2^-8 rounds to even, and 3e38 to a multiple of 2^120.
    const coarse = tensor([1 + 2 ** -8, 257, -3e38], [3], { dtype: "bfloat16" });
    expect(coarse.numbers()).toEqual([1, 256, -226 * 2 ** 120]);
    expect(tensor([2049, 65504], [2], { dtype: "float16" }).numbers()).toEqual([2048, 65504]);
    expect(tensor([1], [1], { dtype: "bfloat16" }).data()).toBeInstanceOf(Float32Array);
  });
});

test("bool holds 0 and 1, whatever it was values from", () => {
  tidy(() => {
    const mask = tensor([0, -2.5, 3], [3], { dtype: "bool" });
    expect(mask.dtype).toBe("bool");
    expect(mask.data()).toEqual(new Uint8Array([0, 1, 1]));
  });
});

test("nested lists give the shape, whole numbers stay exact in the integer types", () => {
  tidy(() => {
    const x = tensor([
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ]);
    expect(x.shape).toEqual([3, 2, 1]);
    expect(tensor(7).shape).toEqual([]);
    expect(tensor([2 ** 53 - 1], [1], { dtype: "int64" }).data()).toEqual(
      new BigInt64Array([2n ** 53n - 1n]),
    );
  });
});

test("a strided view is read in row-major order", () => {
  tidy(() => {
    const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(x.transpose(0, 1).numbers()).toEqual([1, 4, 2, 5, 3, 6]);
    expect(x.slice(1, 0, 3, 2).numbers()).toEqual([1, 3, 4, 6]);
    expect(x.expand([2, 2, 3]).numbers()).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  });
});

test("a typed array's own window is read, not its buffer", () => {
  tidy(() => {
    const window = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    expect(tensor(window).numbers()).toEqual([1, 2]);
    window[0] = 5;
    const copied = tensor(window);
    window[0] = 6;
    expect(copied.numbers()).toEqual([5, 2]);
  });
});

test("empty tensors have shapes and no values", () => {
  tidy(() => {
    expect(tensor([], [0]).numbers()).toEqual([]);
    expect(tensor(new Float32Array(0), [2, 0, 3]).shape).toEqual([2, 0, 3]);
    expect(tensor([]).sum().item()).toBe(0);
  });
});

test("tensors from formulas", () => {
  tidy(() => {
    expect(full([2], 0.5).numbers()).toEqual([0.5, 0.5]);
    expect(full([1], 3).dtype).toBe("float32");
    expect(arange(2, 9, 3).numbers()).toEqual([2, 5, 8]);
    expect(arange(0, 2).dtype).toBe("int64");
    expect(linspace(-1, 1, 5).numbers()).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(eye(2).numbers()).toEqual([1, 0, 0, 1]);
    const x = tensor([1, 2], [2], { dtype: "int64" });
    expect([zerosLike(x).dtype, onesLike(x).numbers()]).toEqual(["int64", [1, 1]]);
    expect(oneHot(x, 3).numbers()).toEqual([0, 1, 0, 0, 0, 1]);
    expect(cat([x, x]).numbers()).toEqual([1, 2, 1, 2]);
    expect(stack([x, x], 1).numbers()).toEqual([1, 1, 2, 2]);
    expect(where(x.gt(1), x, x.neg()).numbers()).toEqual([-1, 2]);
  });
});

test("making a tensor of another type leaves no other tensor behind", () => {
  const before = liveTensors();
  const values = tensor([1, 2], [2], { dtype: "int64" });
  expect(liveTensors()).toBe(before + 1);
  values.dispose();
});
