import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FrameImage, type Window } from "../../../src/sky/frames/frame-image.ts";
import { axesOf } from "../../../src/sky/frames/frame-index.ts";
import { allPixels, squareGrid, windowGrid, windowOn } from "../../../src/sky/frames/grid.ts";
import { interpolated } from "../../../src/sky/frames/interpolate.ts";
import { writeMade } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-grid-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a square grid's pixels match a header with the same projection", () => {
  for (const [dec, angle] of [
    [-34, 0],
    [61, 40],
    [89.99, -100],
  ] as const) {
    const path = join(folder, "square.fits");
    writeMade(path, { width: 9, height: 9, ra: 0.001, dec, angle, scale: 0.3 });
    using image = new FrameImage(path);
    const grid = squareGrid({ ra: 0.001, dec, size: 9, pixelScale: 0.3, angle, mirrored: false });
    const [ours, theirs] = [grid.skyOf(allPixels(9)), image.wcs.toSky(allPixels(9))];
    ours.forEach((value, i) => {
      expect(Math.abs(((value - theirs[i]! + 540) % 360) - 180)).toBeLessThan(1e-9);
    });
  }
});

test("a frame's axes: scale, position angle, parity", () => {
  const path = join(folder, "axes.fits");
  writeMade(path, { angle: 33, scale: 0.27 });
  using image = new FrameImage(path);
  const axes = axesOf(image.wcs, 100, 80)!;
  expect(axes.pixelScale).toBeCloseTo(0.27, 5);
  expect(axes.angle).toBeCloseTo(33, 2);
  expect(axes.mirrored).toBe(false);
});

test("a window matches its own frame's pixels, but not those of a shifted or rotated one", () => {
  const open = (name: string, changes: Parameters<typeof writeMade>[1]) => {
    writeMade(join(folder, name), changes);
    return new FrameImage(join(folder, name));
  };
  using first = open("w1.fits", {});
  using same = open("w2.fits", { width: 220, height: 180 }); // its middle is 10 pixels further on each axis
  using shifted = open("w3.fits", { dec: 2.2 + (0.3 * 0.2) / 3600 });
  using turned = open("w4.fits", { angle: 2 });
  const grid = windowGrid(first.wcs, 40, 50);
  expect(windowOn(grid, 32, first.wcs)).toMatchObject({ x: 40, y: 50 });
  const window = windowOn(grid, 32, same.wcs);
  expect([window.x, window.y]).toEqual([50, 60]);
  expect(window.apart).toBeLessThan(1e-6);
  expect(windowOn(grid, 32, shifted.wcs).apart).toBeCloseTo(0.3, 2);
  expect(windowOn(grid, 32, turned.wcs).apart).toBeGreaterThan(0.4);
});

/** Pixels of a function, NaN beyond 0 … 99. */
const reader =
  (f: (x: number, y: number) => number) =>
  ({ x, y, width, height }: Window) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const [u, v] = [x + (i % width), y + Math.floor(i / width)];
      return u < 0 || v < 0 || u > 99 || v > 99 ? NaN : f(u, v);
    });

test("bilinear is exact on a slope, lanczos3 on a constant and close on waves", () => {
  const positions = Float64Array.from([20.25, 30.75, 50.5, 50.5, 60, 61]);
  const slope = interpolated(
    reader((x, y) => 3 * x - 2 * y + 5),
    positions,
    "bilinear",
    1,
  );
  expect(Array.from(slope)).toEqual([60.75 - 61.5 + 5, 151.5 - 101 + 5, 180 - 122 + 5]);
  for (const value of interpolated(
    reader(() => 7),
    positions,
    "lanczos3",
    1,
  ))
    expect(value).toBeCloseTo(7, 5);
  const wave = (x: number, y: number) => 10 + Math.sin(x / 2) + Math.cos(y / 3);
  const values = interpolated(reader(wave), positions, "lanczos3", 1);
  values.forEach((value, i) => {
    expect(Math.abs(value - wave(positions[2 * i]!, positions[2 * i + 1]!))).toBeLessThan(0.02);
  });
});

test("light is kept on coarser and finer pixels", () => {
  const star = (x: number, y: number) => Math.exp(-((x - 50.3) ** 2 + (y - 49.6) ** 2) / 8);
  const total = 8 * Math.PI;
  for (const ratio of [0.5, 1, 2, 3])
    for (const kernel of ["bilinear", "lanczos3"] as const) {
      const size = Math.floor(60 / ratio);
      const positions = allPixels(size).map((value) => 50 + (value - (size - 1) / 2) * ratio);
      const sum = interpolated(reader(star), positions, kernel, ratio).reduce((a, b) => a + b) * ratio ** 2;
      expect(Math.abs(sum / total - 1)).toBeLessThan(0.01);
    }
});

test("no data stays no data; neighbours use the rest; beyond the frame is NaN", () => {
  const hole = reader((x, y) => (x === 50 && y === 50 ? NaN : 4));
  const positions = Float64Array.from([50.2, 50.1, 51.5, 50, -3, 20, NaN, 5]);
  const values = interpolated(hole, positions, "lanczos3", 1);
  expect(values[0]).toBeNaN();
  expect(values[1]).toBeCloseTo(4, 5);
  expect(values[2]).toBeNaN();
  expect(values[3]).toBeNaN();
  expect(() => interpolated(hole, Float64Array.from([0, 0, 1e7, 1e7]), "bilinear", 1)).toThrow(
    /too far apart/,
  );
});
