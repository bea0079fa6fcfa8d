import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeFits } from "../../../src/sky/fits.ts";
import { FrameImage } from "../../../src/sky/frames/frame-image.ts";
import { frameFiles, type IndexedFrame, indexFile } from "../../../src/sky/frames/frame-index.ts";
import { defaults, headerOf, writeMade } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-frame-index-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]) => join(folder, ...parts);

function indexed(path: string, bands: string[], pattern: string | null = null, hdu?: string) {
  const frames: IndexedFrame[] = [];
  indexFile(path, { bands, pattern, hdu }, (frame) => frames.push(frame));
  return frames;
}

test("FITS files inside folders are found, sorted by name", () => {
  mkdirSync(at("tree", "b"), { recursive: true });
  for (const name of ["tree/z.fits", "tree/b/a.fit", "tree/b/c.fits.fz", "tree/notes.txt"])
    writeFileSync(at(name), "");
  expect(frameFiles([at("tree")])).toEqual(
    ["b/a.fit", "b/c.fits.fz", "z.fits"].map((name) => at("tree", name)),
  );
  mkdirSync(at("empty"));
  expect(() => frameFiles([at("empty")])).toThrow(/empty: holds no FITS file/);
  expect(() => frameFiles([at("not-there")])).toThrow(/not-there: no such file or folder/);
});

test("the band comes from FILTER, or from the file name by a pattern; other bands are left out", () => {
  writeMade(at("field_i.fits"), { header: { FILTER: "r.MP9601", MZP_AB: 30 }, angle: 10 });
  const [frame] = indexed(at("field_i.fits"), ["g", "r"]);
  expect(frame).toMatchObject({ band: "r", width: 200, height: 160, zeroPoint: 30, mirrored: false });
  expect(frame!.pixelScale).toBeCloseTo(0.2, 5);
  expect(frame!.angle).toBeCloseTo(10, 2);
  expect(indexed(at("field_i.fits"), ["g"])).toEqual([]);
  expect(indexed(at("field_i.fits"), ["g", "i"], "*_{band}.fits")[0]!.band).toBe("i");
  expect(indexed(at("field_i.fits"), ["g", "i"], "other_{band}.fits")).toEqual([]);
  expect(indexed(at("field_i.fits"), ["field_i", "i"], "{band}.fits")[0]!.band).toBe("field_i");
  // In no time, however many stars there are.
  expect(indexed(at("field_i.fits"), ["g", "i"], `${"*_*".repeat(60)}{band}*.fits`)).toEqual([]);
  expect(indexed(at("field_i.fits"), ["g", "i"], `${"*".repeat(60)}_{band}*.fits`)[0]!.band).toBe("i");
  writeMade(at("bare.fits"), { header: {} });
  expect(() => indexed(at("bare.fits"), ["g"])).toThrow(/bare\.fits: no FILTER card names its band/);
});

test("every image of a file is a frame, except weights, masks and images without coordinates", () => {
  const data = new Float32Array(defaults.width * defaults.height).fill(1);
  const image = { data, shape: [defaults.height, defaults.width] };
  const header = headerOf({ ...defaults, header: {} });
  writeFits(at("many.fits"), [
    { data: Float32Array.from([1]), shape: [1], header: { FILTER: "g" } },
    { ...image, header, name: "CCD1" },
    { ...image, header, name: "MASK" },
    { ...image, header: {}, name: "PLAIN" },
    { ...image, header, name: "CCD2" },
    { ...image, header, name: "VARIANCE" },
  ]);
  expect(indexed(at("many.fits"), ["g"]).map(({ hdu, band }) => [hdu, band])).toEqual([
    [1, "g"],
    [4, "g"],
  ]);
  expect(indexed(at("many.fits"), ["g"], null, "VARIANCE")).toMatchObject([{ hdu: 5 }]);
  expect(() => indexed(at("many.fits"), ["g"], null, "CCD9")).toThrow(/HDU must be one of/);
});

test("a file without a frame is refused by name", () => {
  writeFileSync(at("text.fits"), "not this");
  expect(() => indexed(at("text.fits"), ["g"])).toThrow(/text\.fits: not a FITS file/);
  writeFits(at("plain.fits"), [{ data: new Float32Array(100), shape: [10, 10], header: { FILTER: "g" } }]);
  expect(() => indexed(at("plain.fits"), ["g"])).toThrow(
    /plain\.fits: holds no image with world coordinates/,
  );
});

test("a frame's name may have a comma, and a name that several images have stands for all of them", () => {
  const made = (EXTVER: number, ra: number) => ({
    data: new Float32Array(64),
    shape: [8, 8],
    name: "SCI",
    header: {
      ...{ EXTVER, FILTER: "g", CTYPE1: "RA---TAN", CTYPE2: "DEC--TAN", CRVAL1: ra, CRVAL2: 2 },
      ...{ CRPIX1: 4.5, CRPIX2: 4.5, CD1_1: -5e-5, CD1_2: 0, CD2_1: 0, CD2_2: 5e-5 },
    },
  });
  const path = at("field 1, g.fits");
  writeFits(path, [made(1, 150), made(2, 151)]);
  // as the command line splits `--frames 'field 1, g.fits'`
  expect(frameFiles([at("field 1"), "g.fits"])).toEqual([path]);
  expect(() => frameFiles([at("field 1"), "h.fits"])).toThrow(/field 1: no such file/);
  const seen = (hdu: string) => {
    const found: number[] = [];
    indexFile(path, { bands: ["g"], pattern: null, hdu }, (frame) => found.push(frame.hdu));
    return found;
  };
  expect(seen("SCI")).toEqual([0, 1]);
  expect(seen("SCI,2")).toEqual([1]);
  expect(() => new FrameImage(path, { hdu: "SCI" })).toThrow(
    /has several HDUs SCI: numbers 0, 1; give a number, or the name with its EXTVER, like SCI,2/,
  );
});
