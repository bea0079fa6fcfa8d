/** Files broken on purpose: each is read or refused in one line; none ends the process, hangs it or fills its memory. */
import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { FitsFile, fitsBytes, readFits } from "../../src/sky/fits.ts";
import { Wcs } from "../../src/sky/wcs.ts";
import { fitsOf } from "./raw-fits.ts";

const world = {
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRVAL1: 10.5,
  CRVAL2: -3.2,
  CRPIX1: 5,
  CRPIX2: 6,
  CD1_1: -5e-5,
  CD2_2: 5e-5,
};
const floats = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i) * 100 + (i % 7));
const whole = Int16Array.from(floats);
const square = { shape: [64, 64] };
const bases = [
  fitsBytes([{ data: floats, ...square, header: world }]),
  fitsBytes([
    { data: whole, ...square, header: { ...world, BSCALE: 0.1, BZERO: 3, BLANK: -5 } },
    { data: floats, shape: [4, 32, 32], name: "CUBE" },
  ]),
  ...(["rice", "gzip", "gzip2", "hcompress"] as const).map((compression) =>
    fitsBytes([{ data: whole, ...square, compression, header: world }]),
  ),
  ...(["rice", "hcompress"] as const).map((compression) =>
    fitsBytes([{ data: floats, ...square, compression, quantize: 4 }]),
  ),
  fitsBytes([
    { data: Uint8Array.from(floats, (value) => (value > 0 ? 1 : 0)), ...square, compression: "plio" },
  ]),
];
const VALUES = [
  "-1",
  "0",
  "1",
  "7",
  "100",
  "65536",
  "2147483648",
  "1099511627776",
  "1152921504606846976",
].concat(["9223372036854775807", "99999999999999999999", "1E18", "T", "'x'", "1.5", "-32", "16", ""]);

function broken(d: Draws): Buffer {
  const bytes = Buffer.from(bases[d.integer(0, bases.length - 1)]!);
  const offset = () => d.integer(0, bytes.length - 1);
  const kind = d.integer(0, 4);
  if (kind === 0) return bytes.subarray(0, offset());
  if (kind === 1) for (let k = d.integer(1, 20); k > 0; k--) bytes[offset()]! ^= 1 << d.integer(0, 7);
  else if (kind === 2) {
    const cards: number[] = [];
    for (let at = 0; at + 80 <= bytes.length; at += 80)
      if (bytes.toString("latin1", at + 8, at + 10) === "= ") cards.push(at);
    for (let k = d.integer(1, 3); k > 0; k--) {
      const value = VALUES[d.integer(0, VALUES.length - 1)]!;
      bytes.write(value.padStart(20).padEnd(70), cards[d.integer(0, cards.length - 1)]! + 10, "latin1");
    }
  } else {
    const from = kind === 3 ? offset() : Math.max(offset(), Math.min(5760, bytes.length - 1));
    for (let at = from; at < Math.min(bytes.length, from + 200); at++) bytes[at] = d.integer(0, 255);
  }
  return bytes;
}

test("1000 broken files are read, or refused in one line", () => {
  let refused = 0;
  const before = process.memoryUsage().rss;
  for (let k = 0; k < 1000; k++) {
    try {
      for (const { header } of readFits(broken(new Draws(20, k)), `file ${k}`))
        coordinates(() => new Wcs(header, "wcs"));
    } catch (error) {
      expect((error as Error).name, `file ${k}: ${(error as Error).message}`).toBe("ArcletError");
      expect((error as Error).message).toMatch(/^file \d+( HDU \d+)?: [^\n]+$/);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(300);
  expect(refused).toBeLessThan(900);
  expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
});

function coordinates(open: () => Wcs): void {
  try {
    const wcs = open();
    wcs.toPixels(wcs.toSky(Float64Array.from([1, 2, 3, 4])));
    wcs.close();
  } catch (error) {
    expect((error as Error).message).toMatch(/^wcs: world coordinates/);
  }
}

const image = (cards: Record<string, string | number>) => () =>
  readFits(fitsOf(cards, new Uint8Array(2880)), "lie");

test("headers with false sizes up to 2^60 and beyond are refused before memory is allocated", () => {
  const before = process.memoryUsage().rss;
  const plane = { BITPIX: -32, NAXIS: 2 };
  expect(image({ ...plane, NAXIS1: 2 ** 30, NAXIS2: 2 ** 28 })).toThrow(
    "lie: HDU 0: the header states 1152921504606846976 bytes of data, the file has 2880 after it",
  );
  expect(image({ ...plane, NAXIS1: "1152921504606846976", NAXIS2: "1152921504606846976" })).toThrow(
    /more data than any file can hold/,
  );
  expect(image({ ...plane, NAXIS1: -4, NAXIS2: 4 })).toThrow("lie: HDU 0: NAXIS1 is -4");
  expect(image({ ...plane, NAXIS1: "99999999999999999999", NAXIS2: 4 })).toThrow(/NAXIS1 is 9999/);
  expect(image({ ...plane, NAXIS1: 4 })).toThrow("lie: HDU 0: the header has no NAXIS2");
  expect(image({ BITPIX: 12, NAXIS: 0 })).toThrow("lie: HDU 0: BITPIX is 12");
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
});

/** A compressed file with one card or some bytes of the data changed. */
function changed(
  compression: "rice" | "gzip" | "hcompress" | "plio",
  change: (bytes: Buffer, data: number) => void,
) {
  const data = compression === "plio" ? Uint8Array.from(whole, (v) => (v > 0 ? 1 : 0)) : whole;
  const bytes = Buffer.from(fitsBytes([{ data, ...square, compression }]));
  let end = 2880;
  while (bytes.toString("latin1", end, end + 8) !== "END     ") end += 80;
  change(bytes, (Math.floor(end / 2880) + 1) * 2880);
  return () => readFits(bytes, "lie");
}
const card = (key: string, value: string) => (bytes: Buffer) => {
  const at = bytes.indexOf(key.padEnd(8), 2880, "latin1");
  expect(at).toBeGreaterThan(0);
  bytes.write(value.padEnd(70), at + 10, "latin1");
};

test("what crashes, fills or hangs CFITSIO 4.2 is refused before CFITSIO sees it", () => {
  // a long text in place of a number: it writes beyond a buffer
  expect(
    changed("rice", card("ZVAL2", "'a text that is far longer than any number of a header may ever be'")),
  ).toThrow(/ZVAL2 is/);
  expect(changed("rice", card("ZVAL1", "0"))).toThrow("lie: HDU 1: ZVAL1 is 0"); // a division by it
  expect(changed("rice", card("ZVAL2", "4"))).toThrow("lie: HDU 1: ZVAL2 is 4"); // 4 bytes per pixel into space for 2
  expect(changed("hcompress", card("ZTILE1", "1152921504606846976"))).toThrow(/lie: HDU 1: .*(stated|hold)/);
  expect(changed("rice", card("TTYPE1", ")[ no quotes"))).toThrow(/TTYPE1 is not a quoted string/);
  // a card that it must not copy: it adds as many empty ones as a number says that it never set
  expect(changed("rice", card("ZIMAGE", "                   T / a\u0001b"))).toThrow(
    /lie HDU 1: illegal character/,
  );
  // a gzip stream cut short: takes memory without end
  expect(changed("gzip", (bytes, data) => bytes.writeInt32BE(20, data))).toThrow(/tile 1 does not unpack/);
  expect(changed("gzip", (bytes, data) => bytes.writeInt32BE(2 ** 30, data))).toThrow(
    /tile 1 lies outside the file/,
  );
  // lengths inside the streams
  expect(changed("hcompress", (bytes, data) => bytes.writeInt32BE(4000, heap(bytes, data) + 2))).toThrow(
    /tile 1 states/,
  );
  expect(changed("plio", (bytes, data) => bytes.writeInt16BE(9999, heap(bytes, data) + 6))).toThrow(
    /tile 1 is cut short/,
  );
});

/** Where the first tile begins: after the table, whose rows are NAXIS1 bytes. */
function heap(bytes: Buffer, data: number): number {
  const number = (key: string) =>
    Number(bytes.toString("latin1", bytes.indexOf(key, 2880) + 10, bytes.indexOf(key, 2880) + 30));
  return data + number("NAXIS1  =") * number("NAXIS2  =");
}

test("files are closed when they can't be read", () => {
  for (let k = 0; k < 300; k++)
    expect(() => readFits(changed("rice", (b, d) => b.fill(255, d))() as never)).toThrow();
  const file = new FitsFile(bases[0]!);
  file.close();
  file.close();
});
