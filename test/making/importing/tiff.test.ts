/** TIFF files of every kind of number and layout, put together by hand. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { readPicture } from "../../../src/making/importing/pictures.ts";
import { scratch } from "../../tiny/dataset.ts";

const folder = scratch();
const [SHORT, LONG, LONG8] = [3, 4, 16];
let serial = 0;

interface Made {
  side?: number;
  little?: boolean;
  big?: boolean;
  /** Tag → value or values. */
  tags?: Record<number, number | number[]>;
}

/** A file of one image; blocks of pixels one after another. */
function tiff(
  blocks: readonly Uint8Array[],
  { side = 4, little = true, big = false, tags = {} }: Made,
): string {
  const head = big ? 16 : 8;
  let at = head;
  const offsets = blocks.map((block) => {
    const start = at;
    at += block.length;
    return start;
  });
  const all: Record<number, number | number[]> = {
    ...{ 256: side, 257: side, 258: 8, 259: 1, 262: 1, 277: 1 },
    ...(322 in tags
      ? { 324: offsets, 325: blocks.map(({ length }) => length) }
      : { 273: offsets, 278: side, 279: blocks.map(({ length }) => length) }),
    ...tags,
  };
  const wide = big ? 8 : 4;
  const entries = Object.entries(all).map(([tag, value]) => [Number(tag), [value].flat()] as const);
  const lists: Buffer[] = [];
  const put = (size: number, value: number) => {
    const bytes = Buffer.alloc(size);
    if (size === 8) little ? bytes.writeBigUInt64LE(BigInt(value)) : bytes.writeBigUInt64BE(BigInt(value));
    else little ? bytes.writeUIntLE(value, 0, size) : bytes.writeUIntBE(value, 0, size);
    return bytes;
  };
  let end = at;
  const rows = entries.map(([tag, values]) => {
    const size = values.some((value) => value > 65535) || [273, 324, 279, 325].includes(tag) ? wide : 2;
    const type = size === 2 ? SHORT : size === 4 ? LONG : LONG8;
    const bytes = Buffer.concat(values.map((value) => put(size, value)));
    const inside = bytes.length <= wide;
    if (!inside) lists.push(bytes);
    const cell = inside ? Buffer.concat([bytes, Buffer.alloc(wide - bytes.length)]) : put(wide, end);
    if (!inside) end += bytes.length;
    return Buffer.concat([put(2, tag), put(2, type), put(wide, values.length), cell]);
  });
  const mark = Buffer.from(little ? "II" : "MM", "latin1");
  const start = big
    ? Buffer.concat([mark, put(2, 43), put(2, 8), put(2, 0), put(8, end)])
    : Buffer.concat([mark, put(2, 42), put(4, end)]);
  const directory = Buffer.concat([put(big ? 8 : 2, rows.length), ...rows, Buffer.alloc(wide)]);
  const path = join(folder, `${++serial}.tif`);
  writeFileSync(path, Buffer.concat([start, ...blocks, ...lists, directory]));
  return path;
}

type Setter = "setInt8" | "setInt16" | "setUint16" | "setInt32" | "setUint32" | "setFloat32" | "setFloat64";
function packed(values: readonly number[], size: number, setter: Setter, little = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (const [i, value] of values.entries()) view[setter](i * size, value, little);
  return new Uint8Array(view.buffer);
}
const VALUES = Array.from({ length: 16 }, (_, i) => 3 * i - 40);

test.for<[string, number, number, Setter]>([
  ["signed bytes", 8, 2, "setInt8"],
  ["signed shorts", 16, 2, "setInt16"],
  ["signed longs", 32, 2, "setInt32"],
  ["floats", 32, 3, "setFloat32"],
  ["doubles", 64, 3, "setFloat64"],
])("%s in both byte orders, as TIFF and as BigTIFF, are the numbers written", ([, bits, format, setter]) => {
  for (const little of [true, false])
    for (const big of [true, false]) {
      const block = packed(VALUES, bits / 8, setter, little);
      const path = tiff([block], { little, big, tags: { 258: bits, 339: format } });
      const { values } = readPicture(path);
      expect(values).toBeInstanceOf(Float32Array); // flux, signed bytes too
      expect([...values]).toEqual(VALUES);
    }
});

test("half-precision floats", () => {
  // IEEE 754: 1, -2, the largest, the smallest, 1/3 rounded, infinity, NaN, 0
  const bits = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0x7c00, 0x7e00, 0x0000];
  const block = packed([...bits, ...bits], 2, "setUint16");
  const { values } = readPicture(tiff([block], { tags: { 258: 16, 339: 3 } }));
  const want = [1, -2, 65504, 2 ** -24, 0.333251953125, Infinity, NaN, 0];
  expect([...values]).toEqual([...want, ...want]);
});

test("unsigned longs, and 0 as white", () => {
  const large = VALUES.map((value) => 4_000_000_000 + value);
  const { values } = readPicture(tiff([packed(large, 4, "setUint32")], { tags: { 258: 32, 339: 1 } }));
  expect([...values]).toEqual(large.map(Math.fround));
  const white = packed([0, 1, 65535, ...VALUES.slice(3).map((v) => v + 100)], 2, "setUint16");
  const inverted = readPicture(tiff([white], { tags: { 258: 16, 262: 0 } })).values;
  expect([...inverted.slice(0, 3)]).toEqual([65535, 65534, 0]);
  expect(() =>
    readPicture(tiff([packed(VALUES, 2, "setInt16")], { tags: { 258: 16, 262: 0, 339: 2 } })),
  ).toThrow(/has signed numbers with 0 as white, which may mean two things/);
});

test("tiles of an image that they overlap, strips of unequal height, planes apart", () => {
  // 20 × 20 in tiles of 16: the value at (x, y) is 20 y + x.
  const tile = (left: number, top: number) =>
    packed(
      Array.from({ length: 256 }, (_, p) => 20 * (top + (p >> 4)) + left + (p & 15)),
      2,
      "setUint16",
    );
  const tiles = [tile(0, 0), tile(16, 0), tile(0, 16), tile(16, 16)];
  const whole = Array.from({ length: 400 }, (_, p) => p);
  const tiled = tiff(tiles, { side: 20, tags: { 258: 16, 322: 16, 323: 16 } });
  expect([...readPicture(tiled).values]).toEqual(whole);
  const strips = [0, 7, 14].map((y) => packed(whole.slice(20 * y, 20 * Math.min(20, y + 7)), 2, "setUint16"));
  const stripped = tiff(strips, { side: 20, tags: { 258: 16, 278: 7 } });
  expect([...readPicture(stripped).values]).toEqual(whole);
  const planes = [0, 1, 2].map((c) =>
    packed(
      VALUES.map((value) => value + 100 * c),
      4,
      "setFloat32",
    ),
  );
  const apart = tiff(planes, { tags: { 258: [32, 32, 32], 262: 2, 277: 3, 284: 2, 339: [3, 3, 3] } });
  const picture = readPicture(apart);
  expect(picture.channels).toBe(3);
  expect([...picture.values]).toEqual([0, 100, 200].flatMap((more) => VALUES.map((value) => value + more)));
});

test("differences (predictor 2) of shorts, in either byte order", () => {
  const rows = [0, 1, 2, 3].map((y) => VALUES.slice(4 * y, 4 * y + 4));
  const differences = rows.flatMap((row) => row.map((value, x) => value - (row[x - 1] ?? 0)));
  for (const little of [true, false]) {
    const block = deflateSync(packed(differences, 2, "setInt16", little));
    const path = tiff([block], { little, tags: { 258: 16, 259: 8, 317: 2, 339: 2 } });
    expect([...readPicture(path).values]).toEqual(VALUES);
  }
});

test("floats sorted by their bytes (predictor 3): the most significant first, in either byte order", () => {
  const block = Buffer.concat(
    [0, 1, 2, 3].map((y) => {
      const bytes = packed(VALUES.slice(4 * y, 4 * y + 4), 4, "setFloat32", false);
      const sorted = Array.from({ length: 16 }, (_, i) => bytes[(i % 4) * 4 + (i >> 2)]!);
      return Uint8Array.from(sorted, (byte, i) => byte - (sorted[i - 1] ?? 0));
    }),
  );
  for (const little of [true, false]) {
    const tags = { 258: 32, 259: 8, 317: 3, 339: 3 };
    expect([...readPicture(tiff([deflateSync(block)], { little, tags })).values]).toEqual(VALUES);
  }
});

test("PackBits and LZW, by their definitions", () => {
  // PackBits: 3 literal bytes, then one repeated 13 times
  const bits = Uint8Array.of(2, 7, 8, 9, 0x100 - 12, 5);
  const want = [7, 8, 9, ...new Array(13).fill(5)];
  expect([...readPicture(tiff([bits], { tags: { 259: 32773 } })).values]).toEqual(want);
  // LZW: clear, 7, 258 = 7 7, 259 = 7 7 7, 260 = 7 7 7 7, 261 = five 7s, 7, end; codes of 9 bits
  const codes = [256, 7, 258, 259, 260, 261, 7, 257];
  const text = codes.map((code) => code.toString(2).padStart(9, "0")).join("");
  const lzw = Uint8Array.from(text.match(/.{1,8}/g)!, (byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
  expect([...readPicture(tiff([lzw], { tags: { 259: 5 } })).values]).toEqual(new Array(16).fill(7));
});

test("a palette is its colours, the value of no data is NaN, copies of smaller size are left out", () => {
  const indices = Uint8Array.from({ length: 16 }, (_, i) => i);
  const palette = Array.from({ length: 768 }, (_, i) => (i < 256 ? 257 * i : i < 512 ? 257 : 0));
  const { channels, values } = readPicture(tiff([indices], { tags: { 262: 3, 320: palette } }));
  expect(channels).toBe(3);
  expect([...values.slice(0, 18)]).toEqual([...indices, 1, 1]);
  const noData = [..."-99"].map((sign) => sign.charCodeAt(0));
  const blank = packed([-99, ...VALUES.slice(1)], 4, "setFloat32");
  const read = readPicture(tiff([blank], { tags: { 258: 32, 339: 3, 42113: noData } })).values;
  expect([...read.slice(0, 2)]).toEqual([NaN, VALUES[1]]);
});

test.for<[string, Record<number, number | number[]>, RegExp]>([
  ["complex numbers", { 258: 64, 339: 6 }, /has complex float numbers of 64 bits/],
  ["12 bits", { 258: 12 }, /has unsigned numbers of 12 bits; unsigned of 8 to 64/],
  ["channels of different bits", { 258: [8, 16, 8], 262: 2, 277: 3 }, /channels of different bits: 8, 16/],
  ["CMYK", { 262: 5, 277: 4, 258: [8, 8, 8, 8] }, /has colours as CMYK/],
  ["JPEG inside", { 259: 7 }, /is compressed by JPEG, method 7; none, LZW, Deflate and PackBits are read/],
  ["Zstandard", { 259: 50000 }, /Zstandard/],
  ["a turned image", { 274: 6 }, /is turned \(orientation 6\)/],
  ["reversed bits", { 266: 2 }, /FillOrder 2/],
  ["a predictor for floats on integers", { 259: 8, 317: 3 }, /predictor 3 for numbers of kind 1/],
  ["more rows than there are", { 257: 40, 278: 40 }, /holds less than its header states \(truncated\)/],
])("%s: refused by name", ([, tags, message]) => {
  const block = 259 in tags && tags[259] === 8 ? deflateSync(new Uint8Array(16)) : new Uint8Array(64);
  const path = tiff([257 in tags ? block.subarray(0, 16) : block], { tags });
  expect(() => readPicture(path)).toThrow(message);
});
