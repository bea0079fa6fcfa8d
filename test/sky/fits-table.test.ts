import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { type FitsTable, fitsTableBytes, readFitsTable } from "../../src/sky/fits-table.ts";
import { fixture } from "../catalog/astropy.ts";
import { scratch } from "../tiny/dataset.ts";
import { header } from "./raw-fits.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const reading = (bytes: Uint8Array, which?: string | number): FitsTable => {
  writeFileSync(at("t.fits"), bytes);
  return readFitsTable(at("t.fits"), which);
};
const valuesOf = (table: FitsTable) =>
  Object.fromEntries(table.columns.map(({ name, values }) => [name, values]));

describe("astropy's tables", () => {
  const file = fixture("sextractor.fits");

  test("scaled and unsigned columns have their values; arrays are left out", () => {
    const table = readFitsTable(file);
    expect(table).toMatchObject({ hdu: 2, rows: 3, tables: 2, unread: ["list", "complex", "bits"] });
    expect(valuesOf(table)).toEqual({
      NUMBER: [1n, 2n, 3n],
      ALPHA_J2000: [1, 2, 23.5],
      DELTA_J2000: [1.5, -2.25, 3],
      scaled: [10, 11, 12.5],
      unsigned: [0n, 2n ** 31n, 2n ** 32n - 1n],
      long: [0n, 2n ** 63n, 2n ** 64n - 1n],
    });
    expect(table.columns.map(({ unit }) => unit)).toEqual(["", "hourangle", "deg", "", "", ""]);
  });

  test("a table is found by HDU number or EXTNAME", () => {
    expect(valuesOf(readFitsTable(file, "REDSHIFTS"))).toEqual({ id: ["a", "b"], z: [0.5, 0.75] });
    expect(readFitsTable(file, 3).rows).toBe(2);
    expect(() => readFitsTable(file, "STARS")).toThrow(/HDU must be one of OBJECTS, REDSHIFTS, got "STARS"/);
  });
});

const COLUMNS = [
  { name: "id", kind: "text", values: ["a b", null, "longest"] },
  { name: "ra", kind: "number", unit: "deg", values: [1 / 3, null, -1e300] },
  { name: "n", kind: "whole", values: [2n ** 62n, null, -5] },
  { name: "ok", kind: "yes/no", values: [true, null, false] },
] as const;

test("a written table is read back, nulls included", () => {
  const table = reading(fitsTableBytes(COLUMNS, 3));
  expect(valuesOf(table)).toEqual({
    id: ["a b", null, "longest"],
    ra: [1 / 3, null, -1e300],
    n: [2n ** 62n, null, -5n],
    ok: [true, null, false],
  });
  expect(table.columns[1]!.unit).toBe("deg");
  expect(reading(fitsTableBytes([{ name: "x", kind: "number", values: [] }], 0)).rows).toBe(0);
});

test("values that FITS can't hold are refused, naming the row", () => {
  const writing = (kind: "text" | "whole", value: string | bigint) => () =>
    fitsTableBytes([{ name: "x", kind, values: [value] }], 1, "out.fits");
  expect(writing("text", "Größe")).toThrow(
    /out.fits row 1: x must be printable ASCII, as FITS tables hold, got "Größe"/,
  );
  expect(writing("whole", -(2n ** 63n))).toThrow(/out.fits row 1: x must be a whole number of 64 bits/);
  expect(writing("whole", 2n ** 64n)).toThrow(
    /out.fits row 1: x is 18446744073709551616 in a column .* of which FITS holds 0 to 2\^64 - 2; write CSV or Parquet/,
  );
  const many = Array.from(
    { length: 1000 },
    (_, k) => ({ name: `c${k}`, kind: "number", values: [1] }) as const,
  );
  expect(() => fitsTableBytes(many, 1)).toThrow(/1 to 999 columns, got 1000/);
});

/** A file of one table with a header written by hand. */
function table(
  cards: Record<string, string | number>,
  data: Uint8Array,
  rows: number,
  width: number,
): Uint8Array {
  const card = ([key, value]: [string, string | number]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`;
  const all = { BITPIX: 8, NAXIS: 2, NAXIS1: width, NAXIS2: rows, PCOUNT: 0, GCOUNT: 1, ...cards };
  const whole = Buffer.alloc(Math.ceil(data.length / 2880) * 2880);
  whole.set(data);
  return Buffer.concat([
    header(["SIMPLE  =                    T", card(["BITPIX", 8]), card(["NAXIS", 0])]),
    header(["XTENSION= 'BINTABLE'", ...Object.entries(all).map(card)]),
    whole,
  ]);
}

test("tables with false headers are refused, and take no memory", () => {
  const before = process.memoryUsage().rss;
  const refused = (cards: Record<string, string | number>, rows: number, width: number) =>
    expect(() => reading(table(cards, new Uint8Array(2880), rows, width)), JSON.stringify(cards));
  refused({ TFIELDS: 1, TFORM1: "'1D      '" }, 4, 4).toThrow(/wide|width/i);
  refused({ TFIELDS: 1, TFORM1: "'2305843009213693953D'" }, 4, 8).toThrow(/TFORM1 is|wide|width|status/i);
  refused({ TFIELDS: 1, TFORM1: "'0D      '" }, 2 ** 40, 0).toThrow(/at most 134217728 are read/);
  refused({ TFIELDS: 1, TFORM1: "'1Z      '" }, 4, 8).toThrow(/t.fits( HDU 1)?: /);
  refused({ TFIELDS: 2, TFORM1: "'1D      '" }, 4, 8).toThrow(/TFORM2/);
  refused({ TFIELDS: 0 }, 4, 8).toThrow(/wide|width/i);
  refused({ TFIELDS: 1, TFORM1: "'8B      '", ZTABLE: "T" }, 4, 8).toThrow(/compressed table \(ZTABLE\)/);
  refused({ TFIELDS: 1, TFORM1: "'1D      '" }, 2 ** 20, 8).toThrow(/states 8388608 bytes of data/);
  const ascii = (cards: Record<string, string | number>, rows = 4, width = 8) => {
    const bytes = Buffer.from(table({ TFIELDS: 1, ...cards }, Buffer.alloc(2880, "1.5     "), rows, width));
    bytes.write("'TABLE   '", bytes.indexOf("'BINTABLE'"), "latin1");
    return bytes;
  };
  const values = reading(ascii({ TFORM1: "'F8.2    '", TBCOL1: 1 })).columns[0]!.values;
  expect(values).toEqual([1.5, 1.5, 1.5, 1.5]);
  const false_ = (cards: Record<string, string | number>, rows?: number, width?: number) =>
    expect(() => reading(ascii(cards, rows, width)), JSON.stringify(cards));
  false_({ TFORM1: "'F8.2    '", TBCOL1: 2 }).toThrow(/too wide|outside/);
  false_({ TFORM1: "'1D      '", TBCOL1: 1 }).toThrow(/TFORM1 is 1D|TFORM/);
  false_({ TFORM1: "'F8.2    '" }).toThrow(/TBCOL|outside/);
  false_({ TFORM1: "'A99999999'", TBCOL1: 1 }).toThrow(/too wide|outside|TFORM/);
  false_({ TFORM1: "'A0      '", TBCOL1: 1 }, 2 ** 40, 0).toThrow(/A0|at most 134217728/);
  expect(() =>
    reading(
      header([
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    0",
      ]),
    ),
  ).toThrow("holds no table");
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
});

function asciiBase(): Uint8Array {
  const cards = { TFIELDS: 2, TFORM1: "'I6      '", TBCOL1: 1, TFORM2: "'D14.5   '", TBCOL2: 7 };
  const rows = Buffer.from("    17  1.5000D+02   -99            2.5", "latin1");
  const bytes = Buffer.from(table(cards, rows, 2, 20));
  bytes.write("'TABLE   '", bytes.indexOf("'BINTABLE'"), "latin1");
  return bytes;
}

test("1000 broken tables are read, or refused in one line", () => {
  const bases = [
    fitsTableBytes(COLUMNS, 3),
    ...["sextractor.fits", "table.fits"].map((name) => fixture(name)),
    asciiBase(),
  ].map((base) => (typeof base === "string" ? readFileSync(base) : base));
  const before = process.memoryUsage().rss;
  let refused = 0;
  for (let k = 0; k < 1000; k++) {
    const bytes = broken(new Draws(3, k), bases[k % 4]!);
    writeFileSync(at("b.fits"), bytes);
    try {
      for (const which of k % 4 === 1 ? [undefined, 3] : [undefined]) readFitsTable(at("b.fits"), which);
    } catch (error) {
      expect((error as Error).name, `file ${k}: ${(error as Error).message}`).toBe("ArcletError");
      expect((error as Error).message).toMatch(/^[^\n]*b\.fits( HDU \d+)?( row \d+)?: [^\n]+$/);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(300);
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
});

const VALUES = [
  "-1",
  "0",
  "1",
  "7",
  "65536",
  "2147483648",
  "1152921504606846976",
  "9223372036854775807",
].concat([
  "'1A'",
  "'0A'",
  "'9999999999A'",
  "'A9999999999999'",
  "'1PD(9)'",
  "'QD'",
  "'3X'",
  "'1152921504606846977D'",
  "'2L'",
  "'K'",
  "' 1J'",
  "'M'",
  "1E300",
  "1D-300",
  "T",
  "",
]);

function broken(d: Draws, base: Uint8Array): Buffer {
  const bytes = Buffer.from(base);
  const offset = () => d.integer(0, bytes.length - 1);
  if (d.chance(0.1)) return bytes.subarray(0, offset());
  if (d.chance(0.3)) for (let k = d.integer(1, 20); k > 0; k--) bytes[offset()]! ^= 1 << d.integer(0, 7);
  const cards: number[] = [];
  for (let at = 0; at + 80 <= bytes.length; at += 80)
    if (/^(T|NAXIS|PCOUNT|BITPIX)/.test(bytes.toString("latin1", at, at + 8))) cards.push(at);
  for (let k = d.integer(1, 3); k > 0; k--) {
    const value = VALUES[d.integer(0, VALUES.length - 1)]!;
    bytes.write(value.padStart(20).padEnd(70), cards[d.integer(0, cards.length - 1)]! + 10, "latin1");
  }
  return bytes;
}
