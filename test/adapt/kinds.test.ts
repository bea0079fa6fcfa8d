/** The loss of labels that may name a kind of their class, in plain numbers. */
import { expect, test } from "vitest";
import { lossKinds } from "../../src/adapt/kinds.ts";
import { tensor } from "../../src/torch/create.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";

// Two classes: 0 has the outputs 0, 2 and 3, class 1 the output 1. exp z = 1, 5, 2, 2 of 10.
const CLASS_OF = [0, 1, 0, 0];
const Z = [0, Math.log(5), Math.log(2), Math.log(2)];
const of = (labels: number[], admitted: number[], smoothing = 0): number =>
  tidy(() => lossKinds(tensor([Z]), tensor([labels]), tensor([admitted]), CLASS_OF, smoothing).item());

test("a known kind is one output, an unknown one the sum of its class's", () => {
  expect(of([1, 0], [0, 1, 1, 0])).toBeCloseTo(-Math.log(0.2), 6);
  expect(of([1, 0], [1, 1, 1, 1])).toBeCloseTo(-Math.log(0.5), 6);
  expect(of([0, 1], [1, 1, 1, 1])).toBeCloseTo(-Math.log(0.5), 6);
});

test("a soft label counts for both classes, for its own kind alone; smoothing is spread over classes", () => {
  expect(of([0.25, 0.75], [1, 1, 0, 0])).toBeCloseTo(-0.25 * Math.log(0.1) - 0.75 * Math.log(0.5), 6);
  expect(of([1, 0], [0, 1, 1, 0], 0.2)).toBeCloseTo(-0.9 * Math.log(0.2) - 0.1 * Math.log(0.5), 6);
});

test("the gradient of an unknown kind leaves the class's outputs in proportion", () => {
  const before = liveTensors();
  tidy(() => {
    const z = tensor([Z]).withGrad();
    lossKinds(z, tensor([[1, 0]]), tensor([[1, 1, 1, 1]]), CLASS_OF).backward();
    // p_o − p_o / Σ over the class for its outputs, p_o for the other.
    const expected = [0.1 - 0.2, 0.5, 0.2 - 0.4, 0.2 - 0.4];
    for (const [o, value] of z.grad!.numbers().entries()) expect(value).toBeCloseTo(expected[o]!, 6);
    z.grad!.dispose();
  });
  expect(liveTensors()).toBe(before);
});
