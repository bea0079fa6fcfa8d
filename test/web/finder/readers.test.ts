/** The readers of the page that runs a finder: what other programs write, and what is refused. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { fitsBytes } from "../../../src/sky/fits.ts";
import { readFiles } from "../../../web/finder/src/read/files.ts";
import { readFits } from "../../../web/finder/src/read/fits.ts";
import { fitted, type Image } from "../../../web/finder/src/read/image.ts";
import { readNpy } from "../../../web/finder/src/read/npy.ts";
import { readPng } from "../../../web/finder/src/read/png.ts";
import { bytesOf, scratch, writeNpy } from "../../tiny/dataset.ts";

const folder = scratch();
const BANDS = ["g", "r"];

function npy(descr: string, shape: number[], values: Parameters<typeof bytesOf>[0], more = {}): Uint8Array {
  const path = join(folder, "x.npy");
  writeNpy(path, descr, shape, bytesOf(values), more);
  return new Uint8Array(readFileSync(path));
}

test("an array of many images, of one, or of one plane", () => {
  const values = Float32Array.from({ length: 24 }, (_, i) => i / 2);
  const many = readNpy("a.npy", npy("<f4", [2, 2, 2, 3], values));
  expect(many.map(({ name }) => name)).toEqual(["a.npy 1", "a.npy 2"]);
  expect(many[1]).toMatchObject({ channels: 2, height: 2, width: 3, display: false });
  expect([...many[1]!.pixels]).toEqual([...values.subarray(12)]);
  expect(readNpy("a.npy", npy("<f4", [2, 3, 4], values))[0]).toMatchObject({
    channels: 2,
    height: 3,
    width: 4,
  });
  const [bytes] = readNpy(
    "a.npy",
    npy("|u1", [2, 3], Uint8Array.from([0, 1, 2, 3, 254, 255]), { version: 2 }),
  );
  expect(bytes).toMatchObject({ channels: 1, height: 2, width: 3, display: true });
  expect([...bytes!.pixels]).toEqual([0, 1, 2, 3, 254, 255]);
  const swapped = readNpy("a.npy", npy(">i2", [1, 1, 2], Uint8Array.from([1, 0, 0xff, 0xfe])));
  expect([...swapped[0]!.pixels]).toEqual([256, -2]);
});

test.each<[RegExp, () => unknown]>([
  [/is not a NumPy/, () => readNpy("a", new Uint8Array(40))],
  [/Fortran/, () => readNpy("a", npy("<f4", [2, 2], new Float32Array(4), { fortran: true }))],
  [/shape \(4\)/, () => readNpy("a", npy("<f4", [4], new Float32Array(4)))],
  [/dtype or shape/, () => readNpy("a", npy("<c8", [2, 2], new Float32Array(8)))],
  [/shorter than its header/, () => readNpy("a", npy("<f4", [2, 2], new Float32Array(3)))],
])("an array is refused: %s", (message, read) => {
  expect(read).toThrow(message);
});

test("FITS: a cube, extensions by name or in their order, and scaled whole numbers", () => {
  const plane = (first: number) => Float32Array.from({ length: 6 }, (_, i) => first + i);
  const cube = fitsBytes([{ data: Float32Array.from([...plane(0), ...plane(10)]), shape: [2, 2, 3] }]);
  const image = readFits("a.fits", cube, BANDS);
  expect(image).toMatchObject({ name: "a.fits", channels: 2, height: 2, width: 3, display: false });
  expect([...image.pixels]).toEqual([...plane(0), ...plane(10)]);
  const named = (names: string[]) =>
    fitsBytes([
      ...names.map((name, k) => ({
        data: plane(10 * k),
        shape: [2, 3],
        ...(name === "" ? {} : { name }),
      })),
    ]);
  expect([...readFits("a", named(["BAND r", "BAND g"]), BANDS).pixels]).toEqual([...plane(10), ...plane(0)]);
  expect([...readFits("a", named(["", ""]), BANDS).pixels]).toEqual([...plane(0), ...plane(10)]);
  const scaled = fitsBytes([
    { data: Int16Array.from([1, 2]), shape: [1, 2], header: { BSCALE: 0.5, BZERO: 10 } },
  ]);
  expect([...readFits("a", scaled, ["g"]).pixels]).toEqual([10.5, 11]);
});

test.each<[RegExp, Uint8Array]>([
  [/ends within its header/, new TextEncoder().encode("SIMPLE  =".padEnd(2880))],
  [/is not a FITS file/, new TextEncoder().encode(`${"XTENSION=".padEnd(80)}END`.padEnd(2880))],
  [/ends before its pixels do/, fitsBytes([{ data: new Float32Array(4), shape: [2, 2] }]).subarray(0, 2890)],
])("FITS is refused: %s", (message, bytes) => {
  expect(() => readFits("a", bytes, BANDS)).toThrow(message);
});

test("PNG: colours as bands, opacity left out", () => {
  const colour = encode({ width: 2, height: 1, data: Uint8Array.from([1, 2, 3, 4, 5, 6]), channels: 3 });
  expect(readPng("a.png", colour)).toMatchObject({ channels: 3, height: 1, width: 2, display: true });
  expect([...readPng("a.png", colour).pixels]).toEqual([1, 4, 2, 5, 3, 6]);
  const clear = encode({ width: 1, height: 1, data: Uint8Array.from([7, 8, 9, 0]), channels: 4 });
  expect([...readPng("a.png", clear).pixels]).toEqual([7, 8, 9]);
  const deep = encode({ width: 1, height: 1, data: Uint16Array.from([700]), channels: 1, depth: 16 });
  expect(() => readPng("a.png", deep)).toThrow("is no PNG of 8 bits a colour");
});

test("files are told apart by their first bytes, and each bad one has its line", async () => {
  const file = (name: string, bytes: Uint8Array) => new File([bytes as Uint8Array<ArrayBuffer>], name);
  const png = encode({ width: 1, height: 1, data: Uint8Array.from([7]), channels: 1 });
  const read = await readFiles(
    [
      file("a.fits", png),
      file("b.txt", new Uint8Array(9)),
      file("c.png", npy("|u1", [1, 1], new Uint8Array(1))),
    ],
    ["g"],
  );
  expect(read.images.map(({ name }) => name)).toEqual(["a.fits", "c.png"]);
  expect(read.problems).toEqual(["b.txt: is neither FITS, PNG nor .npy"]);
});

test("the middle is taken, and what the finder can't take is said", () => {
  const wanted = { bands: ["g"], height: 2, width: 2, pixels: "flux" };
  const image: Image = {
    ...{ name: "a", channels: 1, height: 3, width: 4, display: false },
    pixels: Float32Array.from({ length: 12 }, (_, i) => i),
  };
  // The first row, and the second and third column: halves are rounded down, as import does.
  expect([...(fitted(image, wanted) as Float32Array)]).toEqual([1, 2, 5, 6]);
  expect(fitted({ ...image, display: true }, wanted)).toBe("has display pixels, the finder takes flux");
  expect(fitted(image, { ...wanted, bands: BANDS })).toBe("has 1 band, the finder takes g, r");
  expect(fitted(image, { ...wanted, height: 9 })).toBe("is 3 × 4 pixels, the finder takes 9 × 2");
  image.pixels[1] = Number.NaN;
  expect(fitted(image, wanted)).toBe("has pixels that are not finite");
});
