import { expect, test } from "vitest";
import { buildEncoder } from "../../src/encoders/registry.ts";
import { ones } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";

const build = (config: Record<string, unknown>, side = 28) =>
  tidy(() => buildEncoder("lenet", config, { channels: 1, size: [side, side], generator: new Generator(0) }));
const count = (config: Record<string, unknown>) =>
  build(config)
    .parameters()
    .reduce((sum, { size }) => sum + size, 0);

test("LeNet's 20 and 50 channels, and Self-Ensembling's three convolutions, have the papers' sizes", () => {
  expect(build({}).features).toBe(50 * 4 * 4);
  expect(count({})).toBe(20 * 25 + 20 + 50 * 20 * 25 + 50);
  const french = { widths: [32, 64, 64], kernels: [5, 3, 3], pooled: [1, 3], norm: true };
  expect(build(french).features).toBe(64 * 4 * 4);
  // Weights, biases, and a scale and shift of batch norm per channel.
  expect(count(french)).toBe(32 * 25 + 64 * 32 * 9 + 64 * 64 * 9 + 3 * (32 + 64 + 64));
});

test("every position of the map has its own features", () => {
  tidy(() => {
    const { map, features } = build({}).mapped(ones([3, 1, 28, 28]));
    expect(map.shape).toEqual([3, 50, 4, 4]);
    expect(features.numbers()).toEqual(map.flatten(1).numbers());
  });
});

test("kernels that don't fit the widths or the image are refused", () => {
  expect(() => build({ kernels: [5] })).toThrow("encoder lenet: kernels must be as many as widths (2)");
  expect(() => build({}, 12)).toThrow('large enough for its kernels and poolings, got "12 × 12"');
});
