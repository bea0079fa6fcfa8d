/** Tiles whose streams would lead CFITSIO's decoders beyond their memory, made by hand after the FITS standard 4.0, section 10. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { FitsFile, fitsBytes, readFits } from "../../src/sky/fits.ts";
import { header } from "./raw-fits.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-tiles-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Cards = Record<string, string | number>;

interface Packed {
  type: string;
  bitpix: number;
  side: number;
  tiles: readonly Buffer[];
  cards?: Cards;
  /** Rows of pixels that a tile has. */
  high?: number;
  column?: "COMPRESSED_DATA" | "GZIP_COMPRESSED_DATA" | "UNCOMPRESSED_DATA";
  /** Bytes of an element, and its letter in TFORM. */
  element?: readonly [number, string];
}

const line = (key: string, value: string | number) => `${key.padEnd(8)}= ${String(value).padStart(20)}`;

/** A compressed image of `side` × `side` pixels whose tiles are given as they lie in the file. */
function packed(image: Packed): Buffer {
  const { type, bitpix, side, tiles, cards = {}, column = "COMPRESSED_DATA", element = [1, "B"] } = image;
  const high = image.high ?? side;
  const heap = Buffer.concat(tiles);
  // The column of the streams comes second where the first must be there but is empty.
  const columns = column === "COMPRESSED_DATA" ? [column] : ["COMPRESSED_DATA", column];
  const descriptors = Buffer.alloc(8 * columns.length * tiles.length);
  let offset = 0;
  tiles.forEach((tile, k) => {
    const at = 8 * (columns.length * k + columns.length - 1);
    descriptors.writeInt32BE(tile.length / element[0], at);
    descriptors.writeInt32BE(offset, at + 4);
    offset += tile.length;
  });
  const data = Buffer.concat([descriptors, heap]);
  const lines = [
    "XTENSION= 'BINTABLE'",
    ...Object.entries<string | number>({
      BITPIX: 8,
      NAXIS: 2,
      NAXIS1: 8 * columns.length,
      NAXIS2: tiles.length,
    }).map(([key, value]) => line(key, value)),
    line("PCOUNT", heap.length),
    line("GCOUNT", 1),
    line("TFIELDS", columns.length),
    ...columns.flatMap((name, k) => [
      `TTYPE${k + 1}  = '${name}'`,
      `TFORM${k + 1}  = '1P${name === column ? element[1] : "B"}(${heap.length})'`,
    ]),
    line("ZIMAGE", "T"),
    `ZCMPTYPE= '${type}'`,
    ...Object.entries<string | number>({
      ZBITPIX: bitpix,
      ZNAXIS: 2,
      ZNAXIS1: side,
      ZNAXIS2: side,
      ZTILE1: side,
      ZTILE2: high,
      ...cards,
    }).map(([key, value]) => line(key, value)),
  ];
  const primary = header([
    "SIMPLE  =                    T",
    line("BITPIX", 8),
    line("NAXIS", 0),
    line("EXTEND", "T"),
  ]);
  const whole = Buffer.alloc(Math.ceil(data.length / 2880) * 2880);
  data.copy(whole);
  return Buffer.concat([primary, header(lines), whole]);
}

const read = (image: Packed) => () => readFits(packed(image), "tile").at(-1)!;
const RICE = { ZVAL1: 32, ZVAL2: 2 };
const rice = (tiles: readonly Buffer[], side: number, cards: Cards = RICE, high = side): Packed => ({
  type: "RICE_1",
  bitpix: 16,
  side,
  tiles,
  cards,
  high,
});

/** Bits as bytes, filled up with zeros. */
const bits = (text: string) => {
  const only = text.replaceAll(" ", "");
  return Buffer.from(
    (only.padEnd(Math.ceil(only.length / 8) * 8, "0").match(/.{8}/g) ?? []).map((byte) =>
      Number.parseInt(byte, 2),
    ),
  );
};

test("a Rice stream by hand: a block of equal values, and one of differences", () => {
  // First value 7; blocks of 8 pixels. Code 0: all differences are 0. Code 1 (split 0): differences +1, −1, 0 … as 2, 1, 0 …,
  // each as that many zeros and a one.
  const stream = Buffer.concat([Buffer.from([0, 7]), bits("0000 0001 001 01 1 1 1 1 1 1")]);
  const { data } = read(rice([stream], 4, { ZVAL1: 8, ZVAL2: 2 }))();
  expect([...data]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 7, 7, 7, 7, 7, 7]);
});

test("Rice streams that end within their values are refused", () => {
  const refused = /tile HDU 1: tile 1 is cut short/;
  // Four kilobytes of zeros: a run that is read until a one comes, wherever that is.
  expect(read(rice([Buffer.concat([Buffer.from([0, 0, 0x20]), Buffer.alloc(4000)])], 64))).toThrow(refused);
  // The code for values as they are (15 of 4 bits), and too few of them.
  expect(read(rice([Buffer.concat([Buffer.from([0, 0, 0xf0]), Buffer.alloc(20, 255)])], 8))).toThrow(refused);
  // The first value alone; nothing but part of it.
  expect(read(rice([Buffer.from([0, 7])], 4))).toThrow(refused);
  expect(read(rice([Buffer.from([0])], 4))).toThrow(refused);
});

test("only the tiles that a window needs are looked at", () => {
  const good = Buffer.from([0, 9, 0, 0]); // all pixels are 9
  const bytes = packed(rice([good, Buffer.from([0]), good], 3, RICE, 1));
  const path = join(folder, "windows.fits");
  writeFileSync(path, bytes);
  const file = new FitsFile(path);
  try {
    expect([...file.read(1, { first: [2, 0], size: [1, 3] })]).toEqual([9, 9, 9]);
    expect(() => file.read(1)).toThrow(/tile 2 is cut short/);
    expect([...file.read(1, { first: [0, 1], size: [1, 2] })]).toEqual([9, 9]);
  } finally {
    file.close();
  }
});

test("a keyword of the structure that comes twice, with two values, is refused: CFITSIO may find either", () => {
  const bytes = packed(rice([Buffer.from([0, 9, 0, 0])], 3));
  const at = bytes.indexOf("ZIMAGE");
  bytes.write(line("ZVAL1", 0).padEnd(80), bytes.indexOf("GCOUNT", 2880), "latin1");
  expect(at).toBeGreaterThan(0);
  expect(() => readFits(bytes, "tile")).toThrow(/ZVAL1 is both 0 and 32|ZVAL1 is 0/);
  expect(read(rice([Buffer.from([0, 9, 0, 0])], 3, { ...RICE, ZDITHER0: 0 }))).toThrow(/ZDITHER0 is 0/);
});

test("gzip tiles must unpack to what their pixels take", () => {
  const gzip = (bytes: number, bitpix: number, column: Packed["column"] = "COMPRESSED_DATA"): Packed => ({
    type: "GZIP_1",
    bitpix,
    side: 4,
    tiles: [gzipSync(Buffer.alloc(bytes))],
    column,
  });
  expect([...read(gzip(32, 16))().data]).toEqual(Array(16).fill(0));
  // Integers as doubles: CFITSIO leaves the pixels as they were in memory.
  expect(read(gzip(128, 16))).toThrow(/tile 1 unpacks to 128 bytes for 16 pixels/);
  // Floats that are not quantized, as 2 bytes each: it reads 8.
  expect(read(gzip(32, -32))).toThrow(/tile 1 unpacks to 32 bytes for 16 pixels/);
  expect([...read(gzip(64, -32, "GZIP_COMPRESSED_DATA"))().data]).toEqual(Array(16).fill(0));
  expect(read(gzip(60, -32, "GZIP_COMPRESSED_DATA"))).toThrow(/tile 1 unpacks to 60 bytes for 16 pixels/);
});

test("a tile that is not compressed must have as many numbers as pixels", () => {
  const plain = (count: number): Packed => ({
    type: "GZIP_1",
    bitpix: 32,
    side: 4,
    tiles: [Buffer.alloc(4 * count)],
    column: "UNCOMPRESSED_DATA",
    element: [4, "J"],
  });
  expect([...read(plain(16))().data]).toEqual(Array(16).fill(0));
  expect(read(plain(4000))).toThrow(/tile 1 holds 4000 numbers for 16 pixels/);
});

test("a PLIO list whose last instruction lacks its second word is refused", () => {
  // A header of 7 words, then: 4 (so many ones: 16), 1 (the next word is the high part of a value).
  const list = (words: readonly number[]) => {
    const bytes = Buffer.alloc(2 * words.length);
    for (const [k, word] of words.entries()) bytes.writeInt16BE(word, 2 * k);
    return bytes;
  };
  const image = (words: readonly number[]): Packed => ({
    type: "PLIO_1",
    bitpix: 16,
    side: 4,
    tiles: [list(words)],
    element: [2, "I"],
  });
  const start = [0, 7, -100, 8, 0, 0, 0];
  expect([...read(image([...start, 4 * 4096 + 16]))().data]).toEqual(Array(16).fill(1));
  expect(read(image([0, 7, -100, 8, 0, 0, 0, 1 * 4096 + 16]))).toThrow(/tile 1 is cut short/);
  expect(read(image([0, 7, -100, 0, 0, 0, 0, 0]))).toThrow(/tile 1 is cut short/);
});

/** The H-compress stream that CFITSIO writes of a picture, and the file around it. */
function hcompressed(): { bytes: Buffer; from: number; length: number } {
  const data = Int16Array.from({ length: 21 * 21 }, (_, i) => Math.sin(i) * 300);
  const bytes = Buffer.from(fitsBytes([{ data, shape: [21, 21], compression: "hcompress" }]));
  const from = bytes.indexOf(Buffer.from([0xdd, 0x99]), 5760);
  const rows = (bytes.length - 2880) / 2880;
  expect(rows).toBeGreaterThan(1);
  let table = 2880;
  while (bytes.toString("latin1", table, table + 8) !== "END     ") table += 80;
  const data0 = (Math.floor(table / 2880) + 1) * 2880;
  return { bytes, from, length: bytes.readInt32BE(data0) };
}

test("H-compress streams are read whole, and refused where they are a byte shorter or their planes lie", () => {
  const { bytes, from, length } = hcompressed();
  expect(readFits(bytes, "tile").at(-1)!.data).toHaveLength(441);
  const shorter = Buffer.from(bytes);
  const descriptor = bytes.indexOf(Buffer.from([0, 0, length >> 8, length & 255]), 2880);
  shorter.writeInt32BE(length - 1, descriptor);
  expect(() => readFits(shorter, "tile")).toThrow(/tile 1 does not unpack/);
  for (const plane of [22, 23, 24]) {
    const more = Buffer.from(bytes);
    more[from + plane]! += 40;
    expect(() => readFits(more, "tile")).toThrow(/tile 1 does not unpack/);
  }
});

test("after an image of floats as they are, one of quantized floats has its values", () => {
  const data = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i) * 100);
  const shape = [64, 64];
  const both = readFits(
    fitsBytes([
      { data, shape, compression: "gzip" },
      { data, shape, compression: "rice", quantize: 16 },
    ]),
    "both",
  );
  const worst = both.at(-1)!.data.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
  expect(worst).toBeLessThan(20); // of an amplitude of 100: a sixteenth of the noise
});

test("a table without the column of streams is refused: CFITSIO would go on with that of the HDU before", () => {
  const bytes = packed(rice([Buffer.from([0, 9, 0, 0])], 3));
  bytes.write("COMPRESSED_DATE", bytes.indexOf("COMPRESSED_DATA"), "latin1");
  expect(() => readFits(bytes, "tile")).toThrow(/has no column COMPRESSED_DATA/);
});
