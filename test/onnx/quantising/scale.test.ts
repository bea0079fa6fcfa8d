/** Scales of 8 bits, by hand. */
import { expect, test } from "vitest";
import { bestScale, integerBias, integerWeights, scaleOf } from "../../../src/onnx/quantising/scale.ts";

test("a range becomes 255 steps, and 0 is one of them", () => {
  expect(scaleOf(0, 51)).toEqual({ scale: Math.fround(0.2), zero: 0 });
  expect(scaleOf(-10, 41)).toEqual({ scale: Math.fround(0.2), zero: 50 });
  // A range without 0 is widened to it, since padding is 0.
  expect(scaleOf(5, 51)).toEqual({ scale: Math.fround(0.2), zero: 0 });
  expect(scaleOf(-51, -5)).toEqual({ scale: Math.fround(0.2), zero: 255 });
  expect(scaleOf(0, 0)).toEqual({ scale: 1, zero: 0 });
});

test("a rare large value is cut off if that rounds the others finer, and is kept if it isn't rare", () => {
  const counts = new Float64Array(2000);
  counts.fill(1000, 0, 1000); // evenly up to 50
  counts[1999] = 1; // and one at 100
  const rare = bestScale({ low: 0, high: 100, counts });
  expect(255 * rare.scale).toBeGreaterThan(49);
  expect(255 * rare.scale).toBeLessThan(60);
  counts[1999] = 1e6;
  expect(255 * bestScale({ low: 0, high: 100, counts }).scale).toBeCloseTo(100, 0);
});

test("values below 0 keep their part of the range", () => {
  const counts = new Float64Array(100).fill(1);
  const { scale, zero } = bestScale({ low: -20, high: 80, counts });
  expect(255 * scale).toBeCloseTo(100, 0);
  expect(zero).toBe(51);
});

test("weights have a scale for each output channel, biases steps of the products", () => {
  const input = { scale: 0.5, zero: 3 };
  const weights = Float32Array.of(1.27, -0.64, 0, 0.254, 0.002, -0.254);
  const { scales, values } = integerWeights(weights, 2, input, Float32Array.of(1, -1));
  expect(scales[0]).toBeCloseTo(0.01, 8);
  expect(scales[1]).toBeCloseTo(0.002, 8);
  expect([...values]).toEqual([127, -64, 0, 127, 1, -127]);
  expect([...integerBias(Float32Array.of(1, -1), input, scales)]).toEqual([200, -1000]);
  expect([...integerWeights(weights, 2, input, null, 7).values]).toEqual([63, -32, 0, 63, 0, -63]);
});

test("a channel of tiny weights beside a large bias gets a scale in which the bias fits into 32 bits", () => {
  const input = { scale: 1e-3, zero: 0 };
  const bias = Float32Array.of(100);
  const { scales } = integerWeights(Float32Array.of(1e-12), 1, input, bias);
  const [integer] = integerBias(bias, input, scales);
  expect(integer! * scales[0]! * input.scale).toBeCloseTo(100, 3);
  // Weights of 0 without a bias still have a scale.
  expect(integerWeights(new Float32Array(4), 1, input, null).scales[0]).toBe(1);
});
