import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeFits } from "../../../src/sky/fits.ts";
import { FrameImage } from "../../../src/sky/frames/frame-image.ts";
import { defaults, headerOf, writeMade } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-frame-image-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

test("a window holds the frame's pixels, and NaN beyond its edge", () => {
  const { data, made } = writeMade(at("a.fits"));
  using image = new FrameImage(at("a.fits"));
  expect([image.width, image.height]).toEqual([made.width, made.height]);
  const window = image.read({ x: -2, y: 157, width: 5, height: 4 });
  for (let v = 0; v < 4; v++)
    for (let u = 0; u < 5; u++) {
      const inside = u >= 2 && v < 3;
      expect(window[v * 5 + u]).toBe(inside ? data[(157 + v) * made.width + u - 2] : NaN);
    }
  expect(image.read({ x: 500, y: 0, width: 2, height: 2 })).toEqual(new Float32Array(4).fill(NaN));
});

test("a tile-compressed frame reads like the plain one, in any order of rows", () => {
  const { data, made } = writeMade(at("b.fits"), { height: 700 }, () => {}, { compression: "gzip" });
  using image = new FrameImage(at("b.fits"));
  for (const y of [0, 30, 200, 255, 690, 3]) {
    const window = image.read({ x: 100, y, width: 3, height: 10 });
    for (let v = 0; v < 10; v++)
      for (let u = 0; u < 3; u++) expect(window[v * 3 + u]).toBe(data[(y + v) * made.width + 100 + u]);
  }
});

test("the value for no data reads as NaN in frames of floats, as itself in whole numbers", () => {
  const data = Float32Array.from([0, 1, NaN, Infinity, -9, 5]);
  writeFits(at("c.fits"), [{ data, shape: [2, 3] }]);
  const all = { x: 0, y: 0, width: 3, height: 2 };
  const read = (path: string, blank?: number | null) => {
    using image = new FrameImage(at(path), blank === undefined ? {} : { blank });
    return Array.from(image.read(all));
  };
  expect(read("c.fits")).toEqual([NaN, 1, NaN, NaN, -9, 5]);
  expect(read("c.fits", null)).toEqual([0, 1, NaN, NaN, -9, 5]);
  expect(read("c.fits", -9)).toEqual([0, 1, NaN, NaN, NaN, 5]);
  writeFits(at("d.fits"), [{ data: Int16Array.from([0, 1, 2, 3, 4, 5]), shape: [2, 3] }]);
  expect(read("d.fits")).toEqual([0, 1, 2, 3, 4, 5]);
});

test("cards of the first HDU hold for later images; a cube of one plane is a plane", () => {
  const data = new Float32Array(12).fill(2);
  writeFits(at("e.fits"), [
    { data: Float32Array.from([1]), shape: [1], header: { FILTER: "r", GAIN: 3 } },
    { data, shape: [1, 3, 4], header: { GAIN: 7 }, name: "SCI" },
    { data, shape: [3, 2, 2], name: "CUBE" },
  ]);
  using image = new FrameImage(at("e.fits"), { hdu: "SCI" });
  expect([image.width, image.height]).toEqual([4, 3]);
  expect(image.header.string("FILTER")).toBe("r");
  expect(image.header.number("GAIN")).toBe(7);
  expect(image.read({ x: 3, y: 2, width: 2, height: 1 })).toEqual(Float32Array.from([2, NaN]));
  expect(() => new FrameImage(at("e.fits"), { hdu: "CUBE" })).toThrow(/e\.fits: image must be one plane/);
});

test("a frame that is cut short or broken is refused by name, in windows too", () => {
  writeMade(at("f.fits"));
  const bytes = readFileSync(at("f.fits"));
  writeFileSync(at("short.fits"), bytes.subarray(0, bytes.length - 2880));
  expect(() => new FrameImage(at("short.fits"))).toThrow(/short\.fits: /);
  writeMade(at("g.fits"), {}, () => {}, { compression: "gzip" });
  const packed = readFileSync(at("g.fits"));
  packed.fill(7, packed.length - 9000, packed.length - 6000);
  writeFileSync(at("broken.fits"), packed);
  using image = new FrameImage(at("broken.fits"));
  expect(() => image.read({ x: 0, y: 140, width: 5, height: 15 })).toThrow(/broken\.fits.*does not unpack/);
  // What is whole can be read, though more than it is read at a time.
  using good = new FrameImage(at("g.fits"));
  const whole = { x: 0, y: 0, width: 5, height: 5 };
  expect(image.read(whole)).toEqual(good.read(whole));
  expect(() => headerOf(defaults)).not.toThrow();
});
