/** Galaxies moved off the middle: by whole pixels, evenly in a disc, mirrored at the edge, the lens with its host. */
import { expect, test } from "vitest";
import { movedLens, shifted, shiftOf } from "../../../src/making/painting/shifting.ts";
import { tensor } from "../../../src/torch/create.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import { slow } from "../../slow.ts";

slow("loads libtorch");

test("an image moves right and down, and the free strip mirrors what is beside it", () => {
  const images = tensor(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 1, 3, 3]);
  const before = liveTensors();
  const moved = (right: number, down: number) => [...tidy(() => shifted(images, [[right, down]]).data())];
  expect(moved(1, 0)).toEqual([1, 1, 2, 4, 4, 5, 7, 7, 8]);
  expect(moved(0, -1)).toEqual([4, 5, 6, 7, 8, 9, 7, 8, 9]);
  expect(moved(2, 1)).toEqual([2, 1, 1, 2, 1, 1, 5, 4, 4]);
  expect(moved(0, 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(liveTensors()).toBe(before);
  images.dispose();
});

test("each image has its own shift, evenly in a disc", () => {
  expect(shiftOf(1, 5, 0)).toEqual([0, 0]);
  expect(shiftOf(1, 5, 8)).toEqual(shiftOf(1, 5, 8));
  const radii = Array.from({ length: 4000 }, (_, index) => Math.hypot(...shiftOf(1, index, 8)));
  // Rounding to pixels can add a half along each axis.
  expect(Math.max(...radii)).toBeLessThanOrEqual(8 + Math.SQRT1_2);
  // A quarter of a disc is within half its radius; 27 are a standard deviation.
  const inside = radii.filter((radius) => radius < 4).length;
  expect(Math.abs(inside - 1000)).toBeLessThan(140);
});

test("a lens moves with its host; shear about the middle moves its source less or more", () => {
  const light = {
    part: "source",
    lensed: true,
    magnitudes: [24],
    R: 0.2,
    n: 1,
    q: 1,
    angle: 0,
    x: 0.1,
    y: 0.2,
  };
  const mass = { thetaE: 1, q: 0.8, angle: 0, x: 0, y: 0, gamma1: 0.1, gamma2: 0.05 };
  const moved = movedLens({ mass, lights: [light] }, [10, -5], 0.2);
  expect([moved.mass.x, moved.mass.y]).toEqual([2, 1]);
  // x: 0.1 + 2 − 0.1 · 2 − 0.05 · 1; y: 0.2 + 1 − 0.05 · 2 + 0.1 · 1
  expect([moved.lights[0]!.x, moved.lights[0]!.y]).toEqual([
    expect.closeTo(1.85, 12),
    expect.closeTo(1.2, 12),
  ]);
});
