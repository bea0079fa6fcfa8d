import { expect, test } from "vitest";
import { call } from "../../src/torch/call.ts";
import { ones, tensor, zeros } from "../../src/torch/create.ts";
import { operator, operators } from "../../src/torch/operator.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { messageOf } from "./child.ts";

const numbers = (value: unknown): number[] => (value as Tensor).numbers();

test("an operator is found by name and by overload", () => {
  tidy(() => {
    expect(numbers(call("aten::relu", tensor([-1, 2])))).toEqual([0, 2]);
    expect(numbers(call("aten::pow.Tensor_Scalar", tensor([3, 4]), 2))).toEqual([9, 16]);
    expect(numbers(call("aten::pow.Scalar", 2, tensor([3, 4])))).toEqual([8, 16]);
  });
});

test("the list of operators has thousands, by prefix and sorted", () => {
  const all = operators();
  expect(all.length).toBeGreaterThan(2000);
  expect(all).toEqual([...all].sort());
  expect(operators("aten::add.")).toContain("aten::add.Tensor");
  expect(operators("nothing::")).toEqual([]);
});

test("an operator knows its schema", () => {
  const { arguments: names, schema, tensor: single } = operator("aten::topk");
  expect(names).toEqual(["self", "k", "dim", "largest", "sorted"]);
  expect(schema).toMatch(/^aten::topk\(Tensor self, (Sym)?[iI]nt k, int dim=-1, bool largest=True/);
  expect(single).toBe(false);
});

test("arguments left out take the schema's defaults", () => {
  tidy(() => {
    // alpha = 1
    expect(numbers(call("aten::add.Tensor", tensor([1]), tensor([2])))).toEqual([3]);
    expect(numbers(call("aten::add.Tensor", tensor([1]), tensor([2]), 10))).toEqual([21]);
    // dim = -1 and largest = true, around a given `sorted`
    const [values] = call("aten::topk", tensor([5, 9, 7]), 2, undefined, undefined, true) as [Tensor, Tensor];
    expect(values.numbers()).toEqual([9, 7]);
  });
});

test("arguments may be given by name", () => {
  tidy(() => {
    const x = tensor([5, 9, 7]);
    const [values, indices] = call("aten::topk", x, { k: 2, largest: false }) as [Tensor, Tensor];
    expect(values.numbers()).toEqual([5, 7]);
    expect(indices.numbers()).toEqual([0, 2]);
    expect(messageOf(() => call("aten::topk", x, { many: 2 }))).toMatch(/aten::topk: no argument many/);
    expect(messageOf(() => call("aten::topk", x, 2, { k: 2 }))).toMatch(/k is given twice/);
  });
});

test("tuples, lists, numbers and booleans are returned as such", () => {
  tidy(() => {
    const x = tensor([3, 1, 2], [3, 1]);
    const pair = call("aten::sort", x, 0) as Tensor[];
    expect(pair.map(numbers)).toEqual([
      [1, 2, 3],
      [1, 2, 0],
    ]);
    const parts = call("aten::unbind.int", x) as Tensor[];
    expect(parts.map((part) => part.item())).toEqual([3, 1, 2]);
    expect(call("aten::is_nonzero", tensor(1))).toBe(true);
    expect(call("aten::item", tensor(2.5))).toBe(2.5);
    expect(call("aten::size.int", x, 0)).toBe(3);
    // An output that the mask leaves out is null.
    const [dx, dw, db] = call(
      "aten::convolution_backward",
      ones([1, 1, 2, 2]),
      ones([1, 1, 3, 3]),
      ones([1, 1, 2, 2]),
      null,
      1,
      0,
      1,
      false,
      0,
      1,
      [true, true, false],
    ) as (Tensor | null)[];
    expect(dx?.shape).toEqual([1, 1, 3, 3]);
    expect(dw?.numbers()).toEqual([4, 4, 4, 4]);
    expect(db).toBeNull();
  });
});

test("a whole number keeps an integer tensor's type, a fraction does not", () => {
  tidy(() => {
    const x = tensor([1, 2], [2], { dtype: "int64" });
    expect(x.add(1).dtype).toBe("int64");
    expect(x.mul(0.5).dtype).toBe("float32");
    expect(x.mul(0.5).numbers()).toEqual([0.5, 1]);
    expect(tensor([1, 2], [2], { dtype: "uint8" }).add(250).numbers()).toEqual([251, 252]);
    expect(tensor([1], [1], { dtype: "bfloat16" }).mul(2.5).dtype).toBe("bfloat16");
  });
});

test("a number with a float64 tensor keeps double precision", () => {
  tidy(() => {
    expect(tensor([1], [1], { dtype: "float64" }).add(0.1).item()).toBe(1.1);
    const big = tensor([0], [1], { dtype: "int64" });
    expect(
      (
        big
          .add(0)
          .maximum(2 ** 53 - 1)
          .data() as BigInt64Array
      )[0],
    ).toBe(2n ** 53n - 1n);
    expect(((call("aten::add.Tensor", big, 2n ** 62n + 1n) as Tensor).data() as BigInt64Array)[0]).toBe(
      2n ** 62n + 1n,
    );
  });
});

test("dtypes, devices, memory formats, generators and strings are given by name or object", () => {
  tidy(() => {
    const x = call("aten::full", [2], 3, { dtype: "float64", device: "cpu" }) as Tensor;
    expect([x.dtype, x.device, ...x.numbers()]).toEqual(["float64", "cpu", 3, 3]);
    const image = zeros([1, 2, 3, 4]).contiguous("channels_last");
    expect(image.strides).toEqual([24, 1, 8, 2]);
    const drawn = call("aten::rand.generator", [4], new Generator(3)) as Tensor;
    expect(drawn.numbers()).toEqual(new Generator(3).uniform([4]).numbers());
    expect(numbers(call("aten::div.Tensor_mode", tensor([-7]), 2, "floor"))).toEqual([-4]);
  });
});

test("lists may leave out tensors, and one number fills a list of fixed length", () => {
  tidy(() => {
    const x = tensor([1, 2, 3, 4], [2, 2]);
    const column = tensor([1], [1], { dtype: "int64" });
    expect(numbers(call("aten::index.Tensor", x, [null, column]))).toEqual([2, 4]);
    const pooled = call("aten::max_pool2d", x.reshape([1, 1, 2, 2]), 2) as Tensor;
    expect(pooled.numbers()).toEqual([4]);
    const sums = call("aten::_foreach_add.ScalarList", [tensor(1), tensor(2)], [10, 0.5]) as Tensor[];
    expect(sums.map((sum) => sum.item())).toEqual([11, 2.5]);
  });
});

test("an operator that works in place returns its tensor, and its shape is read again", () => {
  tidy(() => {
    const x = ones([4]);
    expect(x.shape).toEqual([4]);
    call("aten::resize_", x, [2]);
    expect(x.shape).toEqual([2]);
    call("aten::mul_.Scalar", x, 3);
    expect(x.numbers()).toEqual([3, 3]);
  });
});

test("calls leave no tensor behind", () => {
  const before = liveTensors();
  for (let i = 0; i < 50; i++) tidy(() => call("aten::sort", tensor([3, 1, 2]).add(1), 0));
  expect(liveTensors()).toBe(before + 100); // the pairs that were returned
});
