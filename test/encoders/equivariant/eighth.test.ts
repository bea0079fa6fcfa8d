import { expect, test } from "vitest";
import type { GroupName } from "../../../src/encoders/equivariant/group.ts";
import { buildEncoder } from "../../../src/encoders/registry.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { noGrad } from "../../../src/torch/autograd.ts";
import { tensor } from "../../../src/torch/create.ts";
import { Generator } from "../../../src/torch/random.ts";
import { tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

const SIDE = 48;

/** Elongated Gaussian blobs inside the disc, rotated about the middle before they are sampled. */
function blobs(seed: number, angle: number): Tensor {
  const draws = new Draws(seed);
  const list = Array.from({ length: 5 }, () => {
    const [r, phi] = [draws.uniform(0, 0.25 * SIDE), draws.uniform(0, 2 * Math.PI) + angle];
    const height = draws.uniform(0.3, 1);
    return { x: r * Math.cos(phi), y: r * Math.sin(phi), height, along: draws.uniform(0, Math.PI) + angle };
  });
  const middle = (SIDE - 1) / 2;
  const pixels = Float32Array.from({ length: SIDE * SIDE }, (_, p) => {
    const [x, y] = [(p % SIDE) - middle, middle - Math.floor(p / SIDE)];
    return list.reduce((sum, blob) => {
      const [dx, dy, cos, sin] = [x - blob.x, y - blob.y, Math.cos(blob.along), Math.sin(blob.along)];
      const [u, v] = [dx * cos + dy * sin, dy * cos - dx * sin];
      return sum + blob.height * Math.exp(-0.5 * (u ** 2 / 25 + v ** 2 / 2.5));
    }, 0);
  });
  return tensor(pixels, [1, 1, SIDE, SIDE]);
}

/** How much a rotation changes features of random weights, relative to the difference between two images. */
function movedBy(group: GroupName, angle: number, config: object): number {
  let [moved, apart] = [0, 0];
  for (let seed = 0; seed < 8; seed++) {
    const encoder = tidy(() =>
      buildEncoder("equivariant", { ...config, group }, { channels: 1, generator: new Generator(seed) }),
    ).train(false);
    tidy(() =>
      noGrad(() => {
        const features = encoder.forward(blobs(seed, 0));
        moved += encoder.forward(blobs(seed, angle)).sub(features).norm().item();
        apart += encoder
          .forward(blobs(seed + 100, 0))
          .sub(features)
          .norm()
          .item();
      }),
    );
    encoder.dispose();
  }
  return moved / apart;
}

const oneBlock = { fields: [8], kernels: [5], poolAfter: [] };
const threeBlocks = { fields: [4, 6, 8], kernels: [5, 5, 5], poolAfter: [1, 2] };
const eighth = Math.PI / 4;

test.each([
  ["C8", "C4"],
  ["D8", "D4"],
] as const)("a turn by 45 degrees moves features of %s little, those of %s much more", (fine, coarse) => {
  expect(movedBy(fine, eighth, oneBlock)).toBeLessThan(0.02);
  expect(movedBy(fine, eighth, threeBlocks)).toBeLessThan(0.12);
  expect(movedBy(coarse, eighth, oneBlock)).toBeGreaterThan(0.12);
  expect(movedBy(coarse, eighth, threeBlocks)).toBeGreaterThan(0.2);
});

test("a rotation by 90 degrees does not change C8's features", () => {
  expect(movedBy("C8", 2 * eighth, threeBlocks)).toBeLessThan(1e-4);
});
