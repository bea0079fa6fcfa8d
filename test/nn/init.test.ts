import { expect, test } from "vitest";
import * as init from "../../src/nn/init.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const shape = [64, 32, 3, 3]; // fan in 288, fan out 576
const facts = (make: (generator: Generator) => Tensor) =>
  tidy(() => {
    const values = make(new Generator(5)).numbers();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(square), largest: Math.max(...values.map(Math.abs)) };
  });

test("fans count the kernel", () => expect(init.fans(shape)).toEqual({ fanIn: 288, fanOut: 576 }));

test.each([
  ["kaiming normal", (g: Generator) => init.kaimingNormal(shape, g), Math.sqrt(2 / 288)],
  ["kaiming, fan out", (g: Generator) => init.kaimingNormal(shape, g, { fan: "out" }), Math.sqrt(2 / 576)],
  ["kaiming, slope 1", (g: Generator) => init.kaimingUniform(shape, g, { slope: 1 }), Math.sqrt(1 / 288)],
  ["kaiming uniform", (g: Generator) => init.kaimingUniform(shape, g), Math.sqrt(2 / 288)],
  ["xavier normal", (g: Generator) => init.xavierNormal(shape, g), Math.sqrt(2 / 864)],
  ["xavier uniform, gain 2", (g: Generator) => init.xavierUniform(shape, g, 2), 2 * Math.sqrt(2 / 864)],
  ["PyTorch's default", (g: Generator) => init.torchDefault(shape, false, g).weight, 1 / Math.sqrt(3 * 288)],
])("%s has its deviation and mean 0", (_, make, deviation) => {
  const sample = facts(make);
  expect(Math.abs(sample.deviation / deviation - 1)).toBeLessThan(0.03);
  expect(Math.abs(sample.mean)).toBeLessThan((4 * deviation) / Math.sqrt(64 * 288));
});

test("uniform values are within √3 deviations", () => {
  const bound = Math.sqrt(6 / 288);
  const { largest } = facts((g) => init.kaimingUniform(shape, g));
  expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
  expect(largest).toBeGreaterThan(0.99 * bound);
});

test("one seed always gives the same weight", () => {
  const draw = (seed: number) => tidy(() => init.kaimingNormal([3, 3], new Generator(seed)).numbers());
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
