/** The page's occlusion is that of `arclet explain`. */
import { expect, test } from "vitest";
import {
  patchStarts as commandStarts,
  occlusionMaps,
  skyLevel,
} from "../../../src/evaluate/explanation/occlusion.ts";
import { tensor } from "../../../src/torch/create.ts";
import { tidy } from "../../../src/torch/scope.ts";
import { finderNamed, finderNames } from "../../../src/train/finders/finders.ts";
import { type Heat, occlusionHeat, skyLevels } from "../../../web/finder/src/heat.ts";
import { patchesOf, patchStarts } from "../../../web/finder/src/patches.ts";
import { noTensorIsLeft } from "../../torch/leaks.ts";

noTensorIsLeft();

const size = { channels: 2, height: 24, width: 29 };
const count = size.channels * size.height * size.width;
const image = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) + (i % 7));

test("patches lie from edge to edge", () => {
  expect(patchStarts(10, 4, 2)).toEqual([0, 2, 4, 6]);
  expect(patchStarts(11, 4, 3)).toEqual([0, 2, 5, 7]);
  expect(patchStarts(4, 4, 2)).toEqual([0]);
});

test("the sky is the rim's lower median", () => {
  const expected = tidy(() => skyLevel(tensor(image, [1, 2, size.height, size.width])).numbers());
  skyLevels(image, size).forEach((value, c) => {
    expect(value).toBeCloseTo(expected[c]!, 6);
  });
});

/** A pixel is hidden by `count` patches of those corners. */
function hiding(corners: readonly { top: number; left: number }[], window: number, side: number) {
  const count = new Uint8Array(side * side);
  for (const { top, left } of corners)
    for (let y = top; y < top + window; y++)
      for (let x = left; x < left + window; x++) count[y * side + x]! += 1;
  return count;
}

test.each([24, 25, 41, 48, 60, 64, 96, 101, 128])(
  "of %i pixels: every second patch is a grid that hides all, and all of them are the command's",
  (side) => {
    const { window, stride, stages, count } = patchesOf(side, side);
    const grid = (starts: number[]) => starts.flatMap((top) => starts.map((left) => ({ top, left })));
    const sorted = (some: readonly { top: number; left: number }[]) =>
      [...some].sort((a, b) => a.top - b.top || a.left - b.left);
    const starts = commandStarts(side, { window, stride });
    expect(sorted(stages.flat())).toEqual(grid(starts));
    expect(count).toBe(starts.length ** 2);
    expect(stages[0]).toEqual(grid(starts.filter((_, k) => k % 2 === 0)));
    expect(Math.min(...hiding(stages[0]!, window, side))).toBeGreaterThan(0);
    expect(stages[1]).toHaveLength(((starts.length - 1) / 2) ** 2);
  },
);

test("the finders that come along need 81 passes for all patches, 25 for the first map", () => {
  for (const name of finderNames()) {
    const { size: side } = finderNamed(name).card;
    const { stages, count } = patchesOf(side, side);
    expect([stages[0]!.length, stages[1]!.length, count]).toEqual([25, 16, 81]);
  }
});

test.each([
  [1, 1],
  [2, 2],
  [3, 7],
])("of %i × %i pixels, every pixel is hidden in the first map", (height, width) => {
  const { window, stages } = patchesOf(height, width);
  const hidden = new Set<number>();
  for (const { top, left } of stages[0]!)
    for (let y = top; y < top + window; y++)
      for (let x = left; x < left + window; x++) hidden.add(y * width + x);
  expect([...hidden].sort((a, b) => a - b)).toEqual(Array.from({ length: height * width }, (_, i) => i));
});

test("the heat is the mean drop over the patches that hide a pixel, after each stage", async () => {
  /** Bright pixels of the first band count most. */
  const logit = (pixels: Float32Array) =>
    pixels.reduce((sum, value, i) => sum + (i < count / 2 ? value ** 2 : value) * ((i % 5) + 1), 0);
  let passes = 0;
  const maps: Heat[] = [];
  for await (const made of occlusionHeat(image, size, logit(image), async (images) => {
    passes += images.length;
    return Float32Array.from(images, logit);
  }))
    maps.push(made);
  const { window, stride, stages } = patchesOf(size.height, size.width);
  expect(maps.map(({ done }) => done)).toEqual(stages.map((_, k) => stages.slice(0, k + 1).flat().length));
  expect(passes).toBe(maps.at(-1)!.of.count);
  /** As the command has it, with patches that far apart. */
  const byCommand = (apart: number) =>
    tidy(() =>
      occlusionMaps(
        tensor(image, [1, 2, size.height, size.width]),
        (images) => {
          const values = images.data() as Float32Array;
          const rows = Array.from({ length: values.length / count }, (_, n) =>
            logit(values.subarray(n * count, (n + 1) * count)),
          );
          return tensor(rows);
        },
        { window, stride: apart },
      ).numbers(),
    );
  const same = (map: Float32Array, expected: readonly number[]) => {
    const top = Math.max(...expected.map(Math.abs));
    map.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!) / top).toBeLessThan(1e-5);
    });
  };
  same(maps[0]!.map, byCommand(2 * stride));
  same(maps.at(-1)!.map, byCommand(stride));
});
