/** A computation is written down as it is, for any batch, or refused. */
import { expect, test } from "vitest";
import { OfBatch, traceOfAnyBatch } from "../../src/onnx/any-batch.ts";
import { type Constant, traceOf, Value } from "../../src/onnx/trace.ts";
import { cat, full, ones, tensor } from "../../src/torch/create.ts";
import { relu_ } from "../../src/torch/neural.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";
import { expectSame, runtime } from "./both.ts";

noTensorIsLeft();

const input = (batch: number) => full([batch, 2], 1);
const traced = (body: (x: Tensor) => Tensor) => traceOfAnyBatch("net", input, (x) => ({ y: body(x) }));

test("what doesn't depend on the input is a constant, and what no output needs is left out", () => {
  const { steps } = traced((x) => {
    x.exp(); // needed by nothing
    return x.mul(tensor([2, 3]).add(1).square());
  });
  expect(steps.map(({ operator }) => operator)).toEqual(["aten::mul.Tensor"]);
  const [, factor] = steps[0]!.args as [unknown, { constant: Constant }];
  expect([...factor.constant.data]).toEqual([9, 16]);
});

test("sizes that grow with the batch are multiples of it", () => {
  const { steps, input: images } = traced((x) => x.reshape([2 * x.shape[0]!, 1]));
  expect(images.shape).toEqual([new OfBatch(1), 2]);
  expect(steps[0]!.args[1]).toEqual([new OfBatch(2), 1]);
  expect(steps[0]!.results[0]!.shape).toEqual([new OfBatch(2), 1]);
});

test.skipIf(!runtime)("a constant with a row for each image becomes one row", async () => {
  const { steps } = traced((x) => x.add(ones([x.shape[0]!, 2])));
  expect((steps[0]!.args[1] as { constant: Constant }).constant.shape).toEqual([1, 2]);
  await expectSame([2], (x) => ({ y: cat([ones([x.shape[0]!, 1]), x], 1) }));
});

test.skipIf(!runtime)("an operator in place changes what all later ones see", async () => {
  await expectSame([3], (x) => {
    const y = x.mul(2);
    relu_(y);
    return { y: y.add(1) };
  });
});

test("a view of memory that was changed in place is refused, since a graph would still see the old values", () => {
  const body = (x: Tensor) => {
    const y = x.mul(2);
    const view = y.reshape([x.shape[0]!, 2, 1]);
    relu_(y);
    return { y: view.add(1) };
  };
  expect(() => tidy(() => traceOf("net", input(2), body))).toThrow(
    "net: aten::add.Tensor reads a tensor whose memory was changed in place through another one",
  );
});

test("a step holds its arguments by the schema's names", () => {
  const { steps } = tidy(() => traceOf("net", input(2), (x) => ({ y: x.softmax(1) })));
  const [step] = steps;
  expect(step!.names.slice(0, 2)).toEqual(["self", "dim"]);
  expect(step!.args[0]).toBeInstanceOf(Value);
  expect(step!.args[1]).toBe(1);
});

test.each<[RegExp, (x: Tensor) => Tensor]>([
  [/net: reads values of its input while it runs/, (x) => x.mul(x.sum().item())],
  [/net: its output y doesn't depend on the images/, () => ones([2])],
  [/net: its operators depends on the number of images/, (x) => (x.shape[0] === 2 ? x.exp() : x.neg())],
  [/net: a number of aten::mul\.Tensor depends on the number of images/, (x) => x.mul(1 / x.shape[0]!)],
])("is refused: %s", (message, body) => {
  expect(() => traced(body)).toThrow(message);
});
