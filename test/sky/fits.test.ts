import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { FitsFile, fitsBytes, readFits, writeFits } from "../../src/sky/fits.ts";
import { fitsOf } from "./raw-fits.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-fits-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => i / 4);

test("values, shape, name and cards are written and read back, HDU by HDU", () => {
  const path = join(folder, "two.fits");
  writeFits(path, [
    { data: ramp(6), shape: [2, 3], header: { FILTER: ["g", "the band"], EXPTIME: 2501.32, GOOD: true } },
    { data: Int16Array.from([1, -2, 3, 4, 5, 6, 7, 8]), shape: [2, 2, 2], name: "CUBE" },
  ]);
  const [plane, cube] = readFits(path);
  expect(plane).toMatchObject({ hdu: 0, name: "", shape: [2, 3] });
  expect([...plane!.data]).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]);
  expect(plane!.header.get("FILTER")).toBe("g");
  expect(plane!.header.cards.find((card) => card.key === "FILTER")!.comment).toBe("the band");
  expect(plane!.header.number("EXPTIME")).toBe(2501.32);
  expect(plane!.header.get("good")).toBe(true);
  expect(plane!.header.number("FILTER")).toBeUndefined();
  expect(cube).toMatchObject({ hdu: 1, name: "CUBE", shape: [2, 2, 2] });
  expect([...cube!.data]).toEqual([1, -2, 3, 4, 5, 6, 7, 8]);
});

test("a file written byte by byte: BSCALE and BZERO are applied, BLANK is NaN", () => {
  const cards = { BITPIX: 16, NAXIS: 2, NAXIS1: 3, NAXIS2: 2, BSCALE: 0.5, BZERO: 10, BLANK: -32768 };
  const data = Buffer.alloc(12);
  [0, 1, -1, 100, -32768, 32767].forEach((value, i) => {
    data.writeInt16BE(value, 2 * i);
  });
  const [image] = readFits(fitsOf(cards, data));
  expect(image!.shape).toEqual([2, 3]);
  expect([...image!.data]).toEqual([10, 10.5, 9.5, 60, NaN, 16393.5]);
});

test("unsigned 16 bits, 32 bits and doubles keep their values", () => {
  const wide = 2 ** 31 - 1;
  const file = new FitsFile(
    fitsBytes([
      { data: Uint16Array.from([0, 65535]), shape: [1, 2] },
      { data: Int32Array.from([wide, -wide]), shape: [1, 2] },
      { data: Float64Array.from([Math.PI, NaN]), shape: [1, 2] },
    ]),
  );
  expect(file.hdus.map(({ bitpix }) => bitpix)).toEqual([16, 32, -64]);
  expect([...file.read(0)]).toEqual([0, 65535]);
  expect([...file.readDouble(1)]).toEqual([wide, -wide]);
  expect([...file.readDouble(2)]).toEqual([Math.PI, NaN]);
  file.close();
  expect(() => file.read(0)).toThrow(/closed/);
});

test("a region is read as its part of the image", () => {
  const file = new FitsFile(fitsBytes([{ data: ramp(60), shape: [3, 4, 5] }]));
  const region = { first: [1, 2, 1], size: [2, 2, 3] };
  const want = [1, 2].flatMap((z) => [2, 3].flatMap((y) => [1, 2, 3].map((x) => (20 * z + 5 * y + x) / 4)));
  expect([...file.read(0, region)]).toEqual(want);
  expect(() => file.read(0, { first: [1, 2, 3], size: [1, 1, 3] })).toThrow(
    /memory: the region lies outside/,
  );
  expect(() => file.read(0, { first: [0, 0], size: [1, 1] })).toThrow(/3 dimensions/);
  file.close();
});

const noisy = Int16Array.from({ length: 50 * 70 }, (_, i) => Math.round(300 * Math.sin(i / 11)) + (i % 13));
for (const compression of ["rice", "gzip", "gzip2", "hcompress"] as const) {
  test(`tile-compressed by ${compression}: the same values, shape and cards, regions included`, () => {
    const bytes = fitsBytes([{ data: noisy, shape: [50, 70], compression, header: { OBJECT: "field" } }]);
    const file = new FitsFile(bytes);
    const hdu = file.find();
    expect(file.hdus[hdu]).toMatchObject({ kind: "image", bitpix: 16, shape: [50, 70] });
    expect(file.hdus[hdu]!.compression).not.toBe("");
    expect([...file.read(hdu)]).toEqual([...noisy]);
    expect([...file.read(hdu, { first: [17, 3], size: [1, 2] })]).toEqual([
      ...noisy.slice(17 * 70 + 3, 17 * 70 + 5),
    ]);
    expect(file.header(hdu).get("OBJECT")).toBe("field");
    expect(file.header(hdu).number("NAXIS1")).toBe(70);
    file.close();
  });
}

test("floats: gzip keeps every bit, Rice's rounding stays within a quarter of the noise over q", () => {
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => 50 + Math.sin(i * i) + Math.cos(7 * i));
  const read = (compression: "gzip" | "rice", quantize?: number) => {
    const image = {
      data: values,
      shape: [64, 64],
      compression,
      ...(quantize === undefined ? {} : { quantize }),
    };
    return readFits(fitsBytes([image]))[0]!.data;
  };
  expect(read("gzip")).toEqual(values);
  const worst = Math.max(...read("rice", 16).map((value, i) => Math.abs(value - values[i]!)));
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(0.25);
});

test("a mask by PLIO", () => {
  const mask = Uint8Array.from({ length: 1600 }, (_, i) => (i % 40 < 9 ? 1 : 0));
  expect([...readFits(fitsBytes([{ data: mask, shape: [40, 40], compression: "plio" }]))[0]!.data]).toEqual([
    ...mask,
  ]);
});

test("a gzipped file is read like its content", () => {
  const path = join(folder, "one.fits.gz");
  writeFileSync(path, gzipSync(fitsBytes([{ data: ramp(4), shape: [2, 2] }])));
  expect([...readFits(path)[0]!.data]).toEqual([0, 0.25, 0.5, 0.75]);
  writeFileSync(path, readFileSync(path).subarray(0, 60));
  expect(() => readFits(path)).toThrow(/one\.fits\.gz: does not unpack/);
});

test("names with brackets name files, not parts of them", () => {
  const path = join(folder, "odd[1](x).fits");
  writeFits(path, [{ data: ramp(4), shape: [2, 2] }]);
  expect(readFits(path)).toHaveLength(1);
});

test("errors are one line that names the file", () => {
  const path = join(folder, "bad.fits");
  const refused = (bytes: Uint8Array | string) => {
    writeFileSync(path, bytes);
    try {
      readFits(path);
    } catch (error) {
      const { name, message } = error as Error;
      expect(name).toBe("ArcletError");
      expect(message.startsWith(`${path}: `) && !message.includes("\n")).toBe(true);
      return message.slice(path.length + 2);
    }
    throw new Error("was read");
  };
  const whole = fitsBytes([{ data: ramp(4000), shape: [40, 100] }]);
  expect(refused("")).toBe("the file is empty");
  expect(refused("a,b\n1,2\n")).toBe("not a FITS file");
  expect(refused(whole.subarray(0, 8000))).toBe(
    "HDU 0: the header states 16000 bytes of data, the file has 5120 after it",
  );
  expect(refused(whole.subarray(0, 2000))).toBe("not a FITS file");
  expect(() => readFits(join(folder, "none.fits"))).toThrow(/none\.fits: no such file or folder/);
  expect(() => readFits(folder)).toThrow(/is not a file/);
});

test("values that can't be written are refused by name", () => {
  const image = (header: Record<string, string | number>) =>
    fitsBytes([{ data: ramp(1), shape: [1, 1], header }]);
  expect(() => image({ "TOO LONG": 1 })).toThrow(/keyword must be/);
  expect(() => image({ A: "x".repeat(69) })).toThrow(/fits: A must be a text of at most 68/);
  expect(() => image({ A: NaN })).toThrow(/A must be a finite number/);
  expect(() => fitsBytes([{ data: ramp(3), shape: [2, 2] }])).toThrow(/data must hold 4 values/);
  expect(() => fitsBytes([{ data: ramp(4), shape: [2, 2], compression: "rice" }])).toThrow(
    /CFITSIO status 413/,
  );
});

const real = "../shared/data/fits/CFHTLS-test_g.fits";
test.skipIf(!existsSync(real))("a real CFHTLS frame: shape, cards, and the values of its bytes", () => {
  const [image] = readFits(real);
  expect(image!.shape).toEqual([440, 440]);
  expect(image!.header.string("FILTER")).toBe("g.MP9401");
  expect(image!.header.number("GAIN")).toBe(66.64985731);
  const bytes = readFileSync(real);
  const start = bytes.length - Math.ceil((440 * 440 * 4) / 2880) * 2880;
  for (const i of [0, 1000, 440 * 440 - 1]) expect(image!.data[i]).toBe(bytes.readFloatBE(start + 4 * i));
});
