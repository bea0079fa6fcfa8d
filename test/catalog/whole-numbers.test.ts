import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { literal, withDuckDB } from "../../src/catalog/duck.ts";
import { importTable } from "../../src/catalog/named.ts";
import { idsOf, objectsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { fitsOf, header } from "../sky/raw-fits.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
/** An SDSS specobjid, beyond 2^63, and its neighbour: one and the same double. */
const BIG = 10378571704892678144n;
const NEXT = 10378571704892678145n;
const reading = async (name: string, text: string) => {
  writeFileSync(at(name), text);
  return (await readCatalog(at(name))).table;
};
const parquet = async (name: string, query: string) => {
  await withDuckDB(":memory:", name, (connection) =>
    connection.run(`COPY (${query}) TO ${literal(at(name))} (FORMAT parquet)`),
  );
  return readCatalog(at(name));
};

describe("no whole number is made a double", () => {
  test("of CSV", async () => {
    const table = await reading(
      "t.csv",
      `key,specobjid\no0,${BIG}\no1,${NEXT}\no2,4899968341843058688\no3,\n`,
    );
    expect(table.typeOf("specobjid")).toBe("whole");
    expect(table.column("specobjid")).toEqual([BIG, NEXT, 4899968341843058688n, null]);
    const signed = await reading("s.csv", `key,n\na,-${NEXT}\nb,nan\n`);
    expect(signed.column("n")).toEqual([-NEXT, null]);
  });

  test("of CSV among fractions, or longer than any number: the digits stay, as text", async () => {
    writeFileSync(at("mixed.csv"), `key,n,x\na,${NEXT},1\nb,1.5,${"9".repeat(50)}\n`);
    const { table, notes } = await readCatalog(at("mixed.csv"));
    expect(table.column("n")).toEqual([String(NEXT), "1.5"]);
    expect(table.column("x")).toEqual(["1", "9".repeat(50)]);
    expect(notes).toEqual([
      `${at("mixed.csv")}: column n has whole numbers beyond 2^53 among fractions; it is kept as text, to the digit`,
    ]);
  });

  test("of Parquet: unsigned, huge as decimals, decimals with places", async () => {
    const { table } = await parquet(
      "t.parquet",
      `SELECT ${NEXT}::UBIGINT AS u, -${NEXT}::DECIMAL(38, 0) AS d, ${NEXT}.00::DECIMAL(38, 2) AS p, 1.25::DECIMAL(9, 2) AS m`,
    );
    expect(["u", "d", "p", "m"].map((name) => table.column(name)[0])).toEqual([NEXT, -NEXT, NEXT, 1.25]);
    expect(["u", "d", "p", "m"].map((name) => table.typeOf(name))).toEqual([
      "whole",
      "whole",
      "whole",
      "number",
    ]);
  });

  test.each(["csv", "tsv", "parquet", "fits", "vot"])("there and back by %s", async (end) => {
    const columns = [
      { name: "id", type: "text" },
      { name: "n", type: "whole" },
    ] as const;
    await writeCatalog(at(`back.${end}`), columns, [
      ["a", BIG],
      ["b", NEXT],
      ["c", null],
      ["d", 0],
    ]);
    const { table } = await readCatalog(at(`back.${end}`));
    expect(table.column("n").map((value) => (value === null ? null : String(value)))).toEqual([
      String(BIG),
      String(NEXT),
      null,
      "0",
    ]);
    expect(table.typeOf("n")).toBe(end === "vot" ? "text" : "whole");
  });

  test("wider than 64 bits, by Parquet; FITS refuses it", async () => {
    const n = [{ name: "n", type: "whole" }] as const;
    const wide = 10n ** 37n + 1n;
    await writeCatalog(at("wide.parquet"), n, [[wide], [-1]]);
    expect((await readCatalog(at("wide.parquet"))).table.column("n")).toEqual([wide, -1n]);
    await expect(writeCatalog(at("wide.fits"), n, [[wide]])).rejects.toThrow(
      /row 1: n is 1.*1 in a column with/,
    );
    await expect(writeCatalog(at("w.csv"), n, [[10n ** 38n]])).rejects.toThrow(
      /row 1: n must be of type whole/,
    );
  });

  test("of FITS: K with a TZERO of 2^63, and with another", async () => {
    // Stored values and TZERO by the FITS standard, section 7.3.2.
    const table = (zero: string, stored: bigint) => {
      const data = Buffer.alloc(2880);
      data.writeBigInt64BE(stored);
      const cards = {
        XTENSION: "'BINTABLE'",
        BITPIX: 8,
        NAXIS: 2,
        NAXIS1: 8,
        NAXIS2: 1,
        PCOUNT: 0,
        GCOUNT: 1,
        TFIELDS: 1,
        TTYPE1: "'objid   '",
        TFORM1: "'K       '",
        TZERO1: zero,
      };
      const lines = Object.entries(cards).map(
        ([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`,
      );
      return Buffer.concat([fitsOf({ BITPIX: 8, NAXIS: 0 }, new Uint8Array()), header(lines), data]);
    };
    for (const [zero, stored] of [
      ["9223372036854775808", NEXT - 2n ** 63n],
      ["9000000000000000000", 223372036854775807n - 1n],
    ] as const) {
      writeFileSync(at("k.fits"), table(zero, stored));
      expect((await readCatalog(at("k.fits"))).table.column("objid")).toEqual([BigInt(zero) + stored]);
    }
    writeFileSync(at("k.fits"), table("9000000000000000000", 2n ** 62n));
    await expect(readCatalog(at("k.fits"))).rejects.toThrow(/objid has whole numbers beyond 64 bits/);
  });
});

test("ids that are doubles beyond 2^53 are refused; smaller ones are whole numbers", async () => {
  const doubles = await parquet("d.parquet", `SELECT ${BIG}::DOUBLE AS id, 1.0 AS ra, 1.0 AS dec`);
  expect(() => objectsOf(doubles)).toThrow(
    /row 1: id is 10378571704892678000, a floating-point number too large .*; write the ids as whole numbers of 64 bits, or as text/,
  );
  const small = await parquet("e.parquet", "SELECT 5::DOUBLE AS id, 1.0 AS ra, 1.0 AS dec");
  expect(objectsOf(small).ids).toEqual(["5"]);
});

describe("ids that are floating-point numbers of 32 bits", () => {
  /** A FITS binary table of one column E, by the standard's section 7.3. */
  const fitsTable = (value: number) => {
    const data = Buffer.alloc(2880);
    data.writeFloatBE(value);
    const cards = ["XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 4", "NAXIS2  = 1"];
    const more = ["PCOUNT  = 0", "GCOUNT  = 1", "TFIELDS = 1", "TTYPE1  = 'id'", "TFORM1  = '1E'"];
    return Buffer.concat([
      fitsOf({ BITPIX: 8, NAXIS: 0 }, new Uint8Array()),
      header([...cards, ...more]),
      data,
    ]);
  };
  const votable = (value: number, type = "float") =>
    `<VOTABLE><RESOURCE><TABLE><FIELD name="id" datatype="${type}"/><DATA><TABLEDATA><TR><TD>${value}</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>`;
  const binary = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    return votable(0).replace(
      /<TABLEDATA>.*<\/TABLEDATA>/,
      `<BINARY><STREAM encoding="base64">${bytes.toString("base64")}</STREAM></BINARY>`,
    );
  };
  const read = {
    fits: async (value: number) => {
      writeFileSync(at("single.fits"), fitsTable(value));
      return readCatalog(at("single.fits"));
    },
    votable: async (value: number) => {
      writeFileSync(at("single.vot"), votable(value));
      return readCatalog(at("single.vot"));
    },
    "binary votable": async (value: number) => {
      writeFileSync(at("single.vot"), binary(value));
      return readCatalog(at("single.vot"));
    },
    parquet: (value: number) => parquet("single.parquet", `SELECT ${value}::FLOAT AS id`),
  };

  test.each(Object.entries(read))("by %s: 2^24 may be its neighbour, and is refused", async (_, reading) => {
    const catalog = await reading(2 ** 24 - 1);
    expect(idsOf(catalog, "id")).toEqual(["16777215"]);
    // What a column without a gap would have held may have been 16777217.
    const beyond = await reading(2 ** 24);
    expect(() => idsOf(beyond, "id")).toThrow(
      /row 1: id is 16777216, a floating-point number too large to tell it from its neighbours/,
    );
  });

  test("in 64 bits the same number is an id", async () => {
    writeFileSync(at("double.vot"), votable(2 ** 24 + 1, "double"));
    expect(idsOf(await readCatalog(at("double.vot")), "id")).toEqual(["16777217"]);
  });

  test("a column keeps its width under another name", async () => {
    writeFileSync(at("single.vot"), votable(2 ** 24).replace('name="id"', 'name="objid"'));
    const table = await importTable(at("single.vot"), "objid", []);
    expect(table.isSingle("objid")).toBe(true);
  });
});
