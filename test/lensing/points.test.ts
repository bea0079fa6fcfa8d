import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { render } from "../../src/lensing/render.ts";
import type { Scene } from "../../src/lensing/scene.ts";
import { fluxOf, type Survey } from "../../src/sky/survey.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";
import { bare } from "./oracle.ts";

noTensorIsLeft();
const folder = mkdtempSync(join(tmpdir(), "arclet-points-"));
afterAll(() => rmSync(folder, { recursive: true }));

const survey = bare(0.2, 27, 0.7);
const point = { part: "star", magnitudes: [20], R: 0.07, n: 0.5, q: 1, angle: 0, lensed: false, point: true };
const scene = (x: number, y: number, changes: Partial<Scene> = {}): Scene => ({
  kind: "star",
  mass: null,
  lights: [{ ...point, x, y }],
  seeing: [0.7],
  skySigma: [1],
  pedestal: [0],
  arcSnr: null,
  ...changes,
});
function imageOf(star: Scene, seenBy: Survey, size = 48): Float64Array {
  const { images } = render([star], seenBy, size, { dtype: "float64" });
  const pixels = images.data() as Float64Array;
  images.dispose();
  return pixels;
}
const flux = fluxOf(20, 27);
const sum = (pixels: Float64Array) => pixels.reduce((total, value) => total + value, 0);

test("an elliptical PSF keeps a point's flux and is longest along its major axis", () => {
  // |e| = 0.2: q = 2 / 3; e2 alone: the major axis is the diagonal
  const pixels = imageOf(scene(0.1, 0.1, { psf: [{ e1: 0, e2: 0.2, image: 0 }] }), survey);
  expect(sum(pixels) / flux).toBeCloseTo(1, 6);
  const at = (column: number, row: number) => pixels[row * 48 + column]! / pixels[24 * 48 + 24]!;
  // two pixels along and across the diagonal: r² = 8, exp(−q r² / 2σ²) and exp(−r² / 2qσ²)
  const variance = (0.7 / (2 * Math.sqrt(2 * Math.log(2))) / 0.2) ** 2;
  expect(at(26, 26)).toBeCloseTo(Math.exp((-8 * (2 / 3)) / (2 * variance)), 9);
  expect(at(26, 22)).toBeCloseTo(Math.exp(-8 / (2 / 3) / (2 * variance)), 9);
});

test("a PSF that is an image is drawn at the point's position, interpolated", () => {
  const [side, sigma] = [31, 1.8];
  const values = Float64Array.from({ length: side * side }, (_, i) => {
    const [u, v] = [(i % side) - 15, Math.floor(i / side) - 15];
    return Math.exp(-(u * u + v * v) / (2 * sigma ** 2));
  });
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${side}, ${side}), }`.padEnd(117);
  const start = Buffer.concat([
    Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0]),
    Buffer.from(`${header}\n`),
  ]);
  const file = join(folder, "psf.npy");
  writeFileSync(file, Buffer.concat([start, Buffer.from(values.buffer)]));
  const [band] = survey.bands;
  const blurred: Survey = { ...survey, bands: [{ ...band!, psf: { kind: "image", files: [file] } }] };
  for (const [x, y] of [
    [0.1, 0.1],
    [0.2 * 3.3, -0.2 * 2.25],
  ] as const) {
    const pixels = imageOf(scene(x, y), blurred);
    expect(sum(pixels) / flux).toBeCloseTo(1, 4);
    const peak = flux / (2 * Math.PI * sigma ** 2);
    pixels.forEach((value, i) => {
      const [dx, dy] = [(i % 48) - 23.5 - x / 0.2, Math.floor(i / 48) - 23.5 - y / 0.2];
      const want = peak * Math.exp(-(dx * dx + dy * dy) / (2 * sigma ** 2));
      expect(Math.abs(value - want)).toBeLessThan(1e-4 * peak);
    });
  }
  // as a profile's does, its light comes in from beyond the edge, and none comes out of the other side
  const [near, far] = [imageOf(scene(5.2, 0), blurred), imageOf(scene(20, 0), blurred)];
  const [left, right] = [0, 47].map((column) => near.filter((_, i) => i % 48 === column));
  expect(sum(right!) / flux).toBeGreaterThan(0.05);
  expect(Math.max(...left!.map(Math.abs)) / flux).toBeLessThan(1e-9);
  expect(sum(near) / flux).toBeLessThan(0.3);
  expect(sum(far)).toBe(0);
});

test("a point outside the cutout still shines into it", () => {
  const near = imageOf(scene(5.2, 0), survey); // the edge is at 4.8"
  expect(sum(near) / flux).toBeGreaterThan(0.05);
  expect(sum(near) / flux).toBeLessThan(0.2);
});
