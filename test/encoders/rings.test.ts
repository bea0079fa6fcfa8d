/** Maps pooled in rings: by hand, of every block, invariant where the encoder is. */
import { expect, test } from "vitest";
import { buildEncoder } from "../../src/encoders/registry.ts";
import { pooledInRings, RingEncoder, ringWeights } from "../../src/encoders/rings.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";

test("a position counts for the ring that its distance from the centre says, in quarters of half a side", () => {
  // 3 x 3: the centre at 0, sides at 2/3, corners at 0.94 of half a side; no position is in the second ring.
  const weights = ringWeights(3, 3).map((ring) => ring.map((weight) => +weight.toFixed(3)));
  expect(weights).toEqual([
    [0, 0, 0, 0, 1, 0, 0, 0, 0],
    [0, 0.25, 0, 0.25, 0, 0.25, 0, 0.25, 0],
    [0.25, 0, 0.25, 0, 0, 0, 0.25, 0, 0.25],
  ]);
});

test("each ring has the mean of each channel, ring by ring", () => {
  tidy(() => {
    const map = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 7, 0, 0, 0, 0], [1, 2, 3, 3]);
    const { features, parts } = pooledInRings([map, map]);
    expect(parts).toEqual([2, 2, 2, 2, 2, 2]);
    expect(features.numbers().slice(0, 6)).toEqual([5, 7, 5, 0, 5, 0]);
  });
});

test("of the equivariant network they don't change when the image is turned; nothing leaks", () => {
  const before = liveTensors();
  const base = buildEncoder("equivariant", {}, { channels: 3, generator: new Generator(1), size: [48, 48] });
  const parts = tidy(() => pooledInRings(base.blockMaps(new Generator(2).normal([1, 3, 48, 48]))).parts);
  const rings = new RingEncoder(base, parts).train(false);
  expect(rings.features).toBe(parts.reduce((sum, width) => sum + width, 0));
  tidy(() => {
    const x = new Generator(3).normal([1, 3, 48, 48]);
    const upright = rings.forward(x).numbers();
    const turned = rings.forward(x.transpose(2, 3).flip([2])).numbers();
    upright.forEach((value, i) => {
      expect(turned[i]).toBeCloseTo(value, 3);
    });
  });
  rings.dispose();
  expect(liveTensors()).toBe(before);
});

test.each(["equivariant", "resnet34d", "cnn", "vit_tiny_patch16_224"])(
  "the last of %s's block maps is its own",
  (name) => {
    const size = name.startsWith("vit") ? 64 : 48;
    const generator = new Generator(1);
    const encoder = buildEncoder(name, {}, { channels: 3, generator, size: [size, size] }).train(false);
    tidy(() => {
      const x = new Generator(2).normal([1, 3, size, size]);
      expect(encoder.blockMaps(x).at(-1)!.numbers()).toEqual(encoder.mapped(x).map.numbers());
    });
    encoder.dispose();
  },
);
