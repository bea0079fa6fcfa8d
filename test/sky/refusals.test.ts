/** The door's refusals carry a code, so that nobody has to guess the kind of error from its sentence. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { door } from "../../src/sky/door.ts";
import { FitsFile, fitsBytes } from "../../src/sky/fits.ts";
import { fitsTableBytes } from "../../src/sky/fits-table.ts";
import { scratch } from "../tiny/dataset.ts";
import { fitsOf } from "./raw-fits.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const whole = Int16Array.from({ length: 4096 }, (_, i) => (i * 37) % 1000);
const image = fitsBytes([{ data: whole, shape: [64, 64] }]);
const packed = fitsBytes([{ data: whole, shape: [64, 64], compression: "hcompress" }]);
const table = fitsTableBytes([{ name: "z", kind: "number", values: [1, 2] }], 2);

/** The error that `body` throws. */
function refusal(body: () => unknown): { code: unknown; text: string } {
  try {
    body();
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code, text: (error as Error).message };
  }
  throw new Error("nothing was thrown");
}
/** The same, with an open file. */
function during(bytes: Uint8Array, body: (file: number) => unknown) {
  const { file } = door().openBytes(bytes);
  try {
    return refusal(() => body(file));
  } finally {
    door().close(file);
  }
}
const opening = (bytes: Uint8Array) => refusal(() => door().openBytes(bytes));
const card = (cards: Record<string, string | number>) => opening(fitsOf(cards, new Uint8Array(2880)));

test("a file that is cut short is truncated", () => {
  expect(opening(image.subarray(0, image.length - 2880))).toEqual({
    code: "truncated",
    text: "HDU 0: the header states 8192 bytes of data, the file has 5760 after it",
  });
  expect(opening(new Uint8Array(0))).toEqual({ code: "truncated", text: "the file is empty" });
  const headless = Buffer.from(image.subarray(0, 2880));
  headless.write("COMMENT ", headless.indexOf("END     "), "latin1");
  expect(opening(headless)).toEqual({ code: "truncated", text: "HDU 0: the header has no END" });
  const short = Buffer.from(packed);
  const data = short.indexOf("END     ", 2880) - (short.indexOf("END     ", 2880) % 2880) + 2880;
  short.writeInt32BE(5, data); // the first tile is 5 bytes long
  expect(during(short, (file) => door().read(file, 1, false))).toEqual({
    code: "truncated",
    text: "tile 1 is cut short",
  });
});

test("a file that is damaged or contradicts itself is broken", () => {
  expect(opening(Buffer.alloc(5760, "not FITS at all "))).toEqual({
    code: "broken",
    text: "not a FITS file",
  });
  expect(card({ BITPIX: 12, NAXIS: 0 })).toEqual({ code: "broken", text: "HDU 0: BITPIX is 12" });
  expect(card({ BITPIX: 8, NAXIS: "" })).toEqual({ code: "broken", text: "HDU 0: NAXIS is empty" });
  expect(card({ BITPIX: 8, NAXIS: 1 })).toEqual({ code: "broken", text: "HDU 0: the header has no NAXIS1" });
});

test("valid content that is not read is unsupported, content beyond our limits too large", () => {
  const groups = { BITPIX: -32, NAXIS: 2, NAXIS1: 0, NAXIS2: 1, GROUPS: "T", PCOUNT: 0, GCOUNT: 1 };
  expect(card(groups)).toEqual({ code: "unsupported", text: "random groups are not read" });
  const axes = Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`NAXIS${k + 1}`, 1]));
  const deep = fitsOf({ BITPIX: 8, NAXIS: 8, ...axes }, new Uint8Array(1));
  expect(during(deep, (file) => door().read(file, 0, false)).code).toBe("unsupported");
  // 2^40 rows of no bytes
  const empty = Buffer.from(table);
  for (const [key, value] of [
    ["NAXIS1  ", "0"],
    ["NAXIS2  ", String(2 ** 40)],
    ["TFORM1  ", "'0D      '"],
  ] as const)
    empty.write(`${key}= ${value.padStart(20)}`, empty.indexOf(key), "latin1");
  expect(during(empty, (file) => door().tableColumns(file, 1))).toEqual({
    code: "too-large",
    text: "has 1099511627776 rows, at most 134217728 are read",
  });
});

test("a missing file, HDU, column or header is absent", () => {
  expect(refusal(() => door().openFile(at("none.fits")))).toEqual({ code: "absent", text: "no such file" });
  expect(during(image, (file) => door().header(file, 3))).toEqual({
    code: "absent",
    text: "has no HDU 3; it has 1",
  });
  expect(during(table, (file) => door().readColumn(file, 1, 4))).toEqual({
    code: "absent",
    text: "has no column 4; it has 1",
  });
  expect(refusal(() => door().wcs(""))).toEqual({
    code: "absent",
    text: "the header has no world coordinates",
  });
});

test("a wrong argument of the caller is named", () => {
  const sky = door();
  expect(during(image, (file) => sky.read(file, 0, false, [0, 0], [65, 1]))).toEqual({
    code: "argument",
    text: "the region lies outside the image",
  });
  expect(during(image, (file) => sky.read(file, 0, false, [0, 0], [0, 1])).text).toBe(
    `size must be a whole number from 1 to ${2 ** 52}`,
  );
  expect(during(image, (file) => sky.header(file, 0.5)).text).toMatch(/^hdu must be a whole number from 0/);
  expect(refusal(() => sky.header(0, 0))).toEqual({ code: "argument", text: "the file is closed" });
  const plane = new Float32Array(4);
  for (const [args, text] of [
    [[[], 2, 2, null, null, 2, 1], "data must be a Float32Array"],
    [[plane, 2, 3, null, null, 2, 1], "data must hold width × height values"],
    [[plane, 2, 2, new Uint8Array(3), null, 2, 1], "mask must hold width × height values"],
    [[plane, 2, 2, null, 0, 2, 1], "noise must be > 0"],
    [[plane, 2, 2, null, new Float32Array(0), 2, 1], "noise must hold width × height values"],
    [[plane, 2, 2, null, new Float64Array(4), 2, 1], "noise must be a Float32Array"],
    [[plane, 2, 2, null, null, 1, 1], "box must be a whole number from 2 to 1048576"],
    [[plane, 2, 2, null, null, 2], "filter must be a number"],
  ] as const)
    expect(refusal(() => sky.background(...(args as unknown as Parameters<typeof sky.background>)))).toEqual({
      code: "argument",
      text,
    });
});

test("a batch gives each file's images, or its refusal's code and text", async () => {
  mkdirSync(at("folder.fits"));
  writeFileSync(at("good.fits"), image);
  writeFileSync(at("short.fits"), image.subarray(0, 5760));
  const paths = ["good.fits", "short.fits", "none.fits", "folder.fits", "good.fits/below"].map(at);
  const [good, ...refused] = await door().readFiles(paths, ["BITPIX"], [], 2 ** 20);
  expect(good).toMatchObject([{ hdu: 0, shape: [64, 64], data: Float32Array.from(whole) }]);
  expect(refused).toEqual([
    { code: "truncated", text: "HDU 0: the header states 8192 bytes of data, the file has 2880 after it" },
    { code: "absent", text: "no such file" },
    { code: "unreadable", text: "is not a file" },
    { code: "unreadable", text: "Not a directory" },
  ]);
});

test("a refusal that names the file keeps the door's error, and its code, as its cause", () => {
  try {
    new FitsFile(image.subarray(0, 5760), "a.fits");
  } catch (error) {
    expect((error as Error).message).toMatch(/^a\.fits: HDU 0: the header states/);
    expect(((error as Error).cause as NodeJS.ErrnoException).code).toBe("truncated");
    return;
  }
  throw new Error("nothing was thrown");
});
