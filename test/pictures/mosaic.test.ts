import { decode } from "fast-png";
import { describe, expect, test } from "vitest";
import { displayRgb } from "../../src/pictures/display.ts";
import { mosaicPng, picturePng, topTiles } from "../../src/pictures/mosaic.ts";
import { composite } from "../../src/sky/stretch.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";

/** Three 1-channel images of 2 × 2 pixels, each of one brightness. */
const stack = {
  data: Uint8Array.of(10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30),
  shape: [3, 1, 2, 2] as const,
};

describe("pictures for people", () => {
  test("8-bit channels are shown as they are", () => {
    const rgb = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [1, 3, 1, 2] as const };
    expect([...displayRgb(rgb, 0).data]).toEqual([1, 3, 5, 2, 4, 6]);
    expect([...displayRgb(rgb, 0, { channels: [2, 1, 0] }).data]).toEqual([5, 3, 1, 6, 4, 2]);
    expect([...displayRgb(stack, 1).data]).toEqual(new Array(12).fill(20));
  });

  /** Flux of three bands, blue to red: sky noise of one, and one bright pixel in the given band. */
  const flux = (bright: number, value: number, unit = 1) => {
    const data = Float32Array.from({ length: 3 * 64 }, (_, i) => unit * (100 + Math.sin(i * 7.3)));
    data[bright * 64 + 27] = unit * value;
    return { data, shape: [1, 3, 8, 8] as const };
  };
  const pixel = (image: ReturnType<typeof flux>) => [
    ...displayRgb(image, 0).data.subarray(27 * 3, 27 * 3 + 3),
  ];

  test("the first band of flux is blue, the last red", () => {
    const [r, , b] = pixel(flux(0, 140));
    expect(b).toBeGreaterThan(r! + 50);
    const [red, , blue] = pixel(flux(2, 140));
    expect(red).toBeGreaterThan(blue! + 50);
  });

  test("the picture does not depend on the unit of flux", () => {
    const one = displayRgb(flux(1, 150), 0).data;
    const other = displayRgb(flux(1, 150, 1e-4), 0).data;
    for (let i = 0; i < one.length; i++) expect(Math.abs(one[i]! - other[i]!)).toBeLessThanOrEqual(1);
  });

  test("a saturated pixel keeps its colour", () => {
    const [r, g, b] = pixel(flux(2, 1e6));
    expect(r).toBe(255);
    expect(Math.max(g!, b!)).toBeLessThan(10);
  });

  test("constant images and pixels that are not numbers are black", () => {
    const constant = { data: new Float32Array(12).fill(5), shape: [1, 3, 2, 2] as const };
    expect([...displayRgb(constant, 0).data]).toEqual(new Array(12).fill(0));
    const holed = flux(1, Number.NaN);
    for (let c = 0; c < 3; c++) holed.data[c * 64 + 27] = Number.NaN;
    expect(pixel(holed)).toEqual([0, 0, 0]);
  });

  test("flux of a known survey is shown by the survey's own composite", () => {
    const survey = surveyNamed("cfhtls");
    const data = Float32Array.from({ length: 2 * 3 * 4 }, (_, i) => 3 * ((i * 7) % 11));
    const images = { data, shape: [2, 3, 2, 2] as const };
    const planes = tidy(() => composite(tensor(data, [2, 3, 2, 2]), survey).numbers()); // (2, 3, 2, 2)
    const second = Array.from({ length: 12 }, (_, i) => planes[12 + (i % 3) * 4 + Math.floor(i / 3)]);
    expect(new Set(second).size).toBeGreaterThan(3);
    expect([...displayRgb(images, 1, { survey }).data]).toEqual(second);
    data.fill(Number.NaN);
    expect([...displayRgb(images, 1, { survey }).data]).toEqual(new Array(12).fill(0));
    const one = { data: new Float32Array(4), shape: [1, 1, 2, 2] as const };
    expect(() => displayRgb(one, 0, { survey })).toThrow("channels must be the 3 bands of cfhtls, got 1");
  });

  test("an image without noise still shows its object", () => {
    const data = new Float32Array(64);
    data[27] = 8;
    const { data: rgb } = displayRgb({ data, shape: [1, 1, 8, 8] }, 0);
    expect(rgb[27 * 3]).toBeGreaterThan(rgb[0]! + 20);
  });

  test("shapes, indices and channels that don't fit are refused", () => {
    expect(() => displayRgb({ ...stack, shape: [3, 1, 2, 3] }, 0)).toThrow(
      "images must be 3 × 1 × 2 × 3 values, got 12",
    );
    expect(() => displayRgb(stack, 3)).toThrow("index must be from 0 to 2, got 3");
    expect(() => displayRgb(stack, 0, { channels: [0, 0, 1] })).toThrow("channel must be from 0 to 0, got 1");
  });
});

describe("the mosaic", () => {
  const candidates = { images: stack, ids: ["a", "c", "b"], scores: [0.1, 0.9, 0.9] };

  test("orders by score, then id", () => {
    const tiles = topTiles({ ...candidates, labels: [undefined, "lens", undefined] }, 2);
    expect(tiles.map(({ id, caption, label }) => [id, caption, label])).toEqual([
      ["b", "1 · 0.900", undefined],
      ["c", "2 · 0.900", "lens"],
    ]);
    expect(tiles[0]!.picture.data[0]).toBe(30);
    expect(topTiles(candidates, 10).length).toBe(3);
  });

  test("draws enlarged pictures row by row", () => {
    const pictures = [0, 1, 2].map((i) => displayRgb(stack, i));
    const png = decode(mosaicPng(pictures, { columns: 2, side: 5, gap: 1 }));
    // Two tiles of 5 with a gap of 1 around; pictures of 2 are enlarged twice, to 4.
    expect([png.width, png.height, png.channels]).toEqual([13, 13, 3]);
    const at = (x: number, y: number) => png.data[3 * (y * png.width + x)];
    expect([at(1, 1), at(4, 4), at(7, 1), at(10, 4), at(1, 7), at(4, 10)]).toEqual([10, 10, 20, 20, 30, 30]);
    expect([at(0, 0), at(5, 5), at(6, 1), at(7, 7), at(12, 12)]).toEqual([24, 24, 24, 24, 24]);
  });

  test("a single picture is read back from its PNG", () => {
    const picture = displayRgb(stack, 2);
    const png = decode(picturePng(picture));
    expect([png.width, png.height, [...png.data]]).toEqual([2, 2, [...picture.data]]);
  });

  test("refuses an empty mosaic, and numbers that make no sense", () => {
    expect(() => mosaicPng([])).toThrow("pictures must be one or more");
    expect(() => mosaicPng([displayRgb(stack, 0)], { columns: 0 })).toThrow(
      "columns must be a whole number from 1",
    );
    expect(() => topTiles({ ...candidates, ids: ["a"] }, 1)).toThrow(
      "ids must be as many as the 3 images, got 1",
    );
    const scores = [0.1, Number.NaN, 0.2];
    expect(() => topTiles({ ...candidates, scores }, 1)).toThrow("score of c must be a number, got NaN");
  });
});
