/** The reversed gradient, and the loss of a discriminator of domains. */
import { expect, test } from "vitest";
import { lambdaAt, lossDomain, reverseGradient } from "../../src/adapt/reversal.ts";
import { grad } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";

test("gradient reversal keeps the value and flips the gradient's sign", () => {
  const x = tensor([2, -1]).withGrad();
  const y = reverseGradient(x, 0.3);
  expect(y.numbers().map((v) => Math.round(v * 1e6) / 1e6)).toEqual([2, -1]);
  const [g] = grad(y.mul(tensor([5, 7])).sum(), [x]);
  expect(g!.numbers()[0]).toBeCloseTo(-1.5, 6);
  expect(g!.numbers()[1]).toBeCloseTo(-2.1, 6);
  expect(lambdaAt(0)).toBe(0);
  expect(lambdaAt(1)).toBeCloseTo(2 / (1 + Math.exp(-10)) - 1, 12);
});

test("the domain loss is the mean over the domains, images by their shares", () => {
  const z = lossDomain(tensor([[Math.log(3)], [0]]), tensor([[0]]), tensor([0.25, 0.75]), tensor([1]));
  expect(z.item()).toBeCloseTo((0.25 * Math.log(4 / 3) + 0.75 * Math.log(2) + Math.log(2)) / 2, 6);
});
