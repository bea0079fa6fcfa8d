import { expect, test } from "vitest";
import { occlusionMaps, patchStarts, skyLevel } from "../../../src/evaluate/explanation/occlusion.ts";
import { tensor } from "../../../src/torch/create.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

test("patches begin from edge to edge, evenly, no further apart than the stride", () => {
  expect(patchStarts(10, { window: 4, stride: 3 })).toEqual([0, 3, 6]);
  expect(patchStarts(10, { window: 4, stride: 4 })).toEqual([0, 3, 6]);
  expect(patchStarts(11, { window: 4, stride: 4 })).toEqual([0, 4, 7]);
  expect(patchStarts(4, { window: 4, stride: 4 })).toEqual([0]);
  expect(() => patchStarts(4, { window: 5, stride: 1 })).toThrow(
    "occlusion: window must be a whole number from 1 to the image's 4 pixels, got 5",
  );
  expect(() => patchStarts(4, { window: 2, stride: 0 })).toThrow(/stride/);
  expect(() => patchStarts(9, { window: 2, stride: 3 })).toThrow(
    "occlusion: stride must be a whole number from 1 to the window's 2 pixels, got 3",
  );
});

/** (1, 2, 6, 6): a sky of 7 and 3, and a source in the middle of the first channel. */
function image(): Tensor {
  const values = Float32Array.from({ length: 72 }, (_, i) => (i < 36 ? 7 : 3));
  for (const pixel of [14, 15, 20, 21]) values[pixel] = 100;
  return tensor(values, [1, 2, 6, 6]);
}

test("the sky is the median of the rim, in every channel", () => {
  tidy(() => expect(skyLevel(image()).numbers()).toEqual([7, 3]));
});

test("the heat is where the planted source is, as large as what hiding it costs", () => {
  tidy(() => {
    const seen: number[] = [];
    const flux = (images: Tensor) => {
      seen.push(images.shape[0]!);
      return images.sum([1, 2, 3]);
    };
    const map = occlusionMaps(image(), flux, { window: 2, stride: 2, batch: 4 }).numbers();
    const expected = Array.from({ length: 36 }, (_, i) => ([14, 15, 20, 21].includes(i) ? 4 * 93 : 0));
    expect(map).toEqual(expected);
    expect(seen).toEqual([1, 4, 4, 1]); // the image itself, then its nine patches by fours
  });
});

test("a pixel's heat is the mean over the patches that hide it; a score that rises gives negative heat", () => {
  tidy(() => {
    // One row of three, a source of 6 in its middle, patches of two: both hide it.
    const row = tensor([[[[0, 6, 0]]]]);
    const map = occlusionMaps(row.expand([1, 1, 2, 3]), (x) => x.sum([1, 2, 3]).mul(-1), {
      window: 2,
      stride: 1,
    });
    expect(map.numbers()).toEqual([-12, -12, -12, -12, -12, -12]);
    const one = occlusionMaps(tensor([[[[0, 0, 0, 8]]]]), (x) => x.sum([1, 2, 3]), { window: 1, stride: 1 });
    expect(one.numbers()).toEqual([0, 0, 0, 8]);
  });
});

test("each image of a batch has its own sky and its own map, and nothing is left behind", () => {
  const before = liveTensors();
  tidy(() => {
    const pair = tensor(
      Float32Array.from({ length: 50 }, (_, i) => (i < 25 ? 1 : 5) + (i === 12 || i === 31 ? 9 : 0)),
      [2, 1, 5, 5],
    );
    const map = occlusionMaps(pair, (x) => x.sum([1, 2, 3]), { window: 1, stride: 1 }).numbers();
    expect(map.map((value, i) => (Math.abs(value) > 1e-4 ? i : -1)).filter((i) => i >= 0)).toEqual([12, 31]);
  });
  expect(liveTensors()).toBe(before);
});
