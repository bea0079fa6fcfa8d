import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { objectsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { rolesOf } from "../../src/catalog/roles.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { Draws } from "../../src/foundation/random.ts";
import { scratch } from "../tiny/dataset.ts";
import { fixture, ROWS } from "./astropy.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const reading = (text: string | Uint8Array) => {
  writeFileSync(at("x.vot"), text);
  return readCatalog(at("x.vot"));
};

describe.each(["tabledata", "binary", "binary2"])("astropy's %s", (kind) => {
  test("is read, nulls included", async () => {
    const catalog = await readCatalog(fixture(`${kind}.vot`));
    for (const [name, values] of Object.entries(ROWS)) expect(catalog.table.column(name)).toEqual(values);
    expect(catalog.table.typeOf("objid")).toBe("whole");
    expect(catalog.table.typeOf("mag")).toBe("number");
    expect([...catalog.units]).toEqual([
      ["RAJ2000", "deg"],
      ["DEJ2000", "deg"],
      ["mag", "mag"],
    ]);
    expect(catalog.notes).toEqual([
      `${fixture(`${kind}.vot`)}: columns of arrays or complex numbers are left out: aper`,
    ]);
    expect(rolesOf(catalog)).toMatchObject({ id: "objid", ra: "RAJ2000", dec: "DEJ2000" });
    expect(objectsOf(catalog).ids).toEqual(["1237668393087271045", "-2", "3"]);
  });
});

/** A document written by hand. */
const document = (fields: string, data: string, around = "") =>
  `<?xml version="1.0"?>\n<VOTABLE version="1.3"><RESOURCE>${around}<TABLE>${fields}<DATA>${data}</DATA></TABLE></RESOURCE></VOTABLE>`;
const cells = (...values: string[]) => `<TR>${values.map((value) => `<TD>${value}</TD>`).join("")}</TR>`;
const int = '<FIELD name="n" datatype="int"/>';

test("gzip, prefixes, further tables, hexadecimals, infinities, CDATA, null values", async () => {
  const text = document(
    `<FIELD name="n" datatype="int"><VALUES null="-9"/></FIELD><FIELD name="x" datatype="double"/>` +
      `<FIELD name="t" datatype="char" arraysize="*"/><FIELD name="t" datatype="char" arraysize="8"/>`,
    `<TABLEDATA>${cells("0x1F", "-Inf", "<![CDATA[a<b]]>&amp;c", " d ")}${cells("-9", "+Inf", "", "e")}</TABLEDATA>`,
  );
  const { table } = await reading(
    gzipSync(text.replaceAll(/<(\/?)([A-Z])/g, "<$1vo:$2").replaceAll("<![vo:", "<![")),
  );
  expect(table.names).toEqual(["n", "x", "t", "t_2"]);
  expect(table.column("n")).toEqual([31, null]);
  expect(table.column("x")).toEqual([null, null]); // like NaN, in every format;
  expect(table.column("t")).toEqual(["a<b&c", null]);
  const two = document(int, `<TABLEDATA>${cells("1")}</TABLEDATA>`).replace(
    "</RESOURCE>",
    `<TABLE>${int}<DATA><TABLEDATA>${cells("2")}</TABLEDATA></DATA></TABLE></RESOURCE>`,
  );
  const first = await reading(two);
  expect(first.table.column("n")).toEqual([1]);
  expect(first.notes).toEqual([`${at("x.vot")}: holds 2 tables, of which the first is read`]);
});

test("a broken file is refused in one line, naming line or row", async () => {
  const stream = (bytes: Uint8Array, kind = "BINARY", attributes = 'encoding="base64"') =>
    `<${kind}><STREAM ${attributes}>${Buffer.from(bytes).toString("base64")}</STREAM></${kind}>`;
  const text = '<FIELD name="t" datatype="char" arraysize="*"/>';
  const cases: [string, RegExp][] = [
    ["<VOTABLE><RESOURCE>", /x.vot line 1: .*unclosed tag/i],
    ["<VOTABLE><RESOURCE></VOTABLE>", /x.vot line 1: /],
    ["<VOTABLE/>", /x.vot: holds no TABLE/],
    [
      document(int, `<TABLEDATA>${cells("1")}${cells("1.5")}</TABLEDATA>`),
      /row 2: n must be of datatype int, got "1.5"/,
    ],
    [document(int, `<TABLEDATA>${cells("1", "2")}</TABLEDATA>`), /row 1: has more cells/],
    [
      document(int + text, `<TABLEDATA>${cells("1")}</TABLEDATA>`),
      /row 1: has 1 cells, but the table has 2 columns/,
    ],
    [document('<FIELD name="n" datatype="quad"/>', ""), /FIELD n: datatype quad is not known/],
    [document('<FIELD name="n" datatype="int" arraysize="0"/>', ""), /arraysize is 0/],
    [
      document('<FIELD name="n" datatype="char" arraysize="9999999999999"/>', ""),
      /arraysize is 9999999999999/,
    ],
    [document('<FIELD name="n" datatype="int" arraysize="3"/>', ""), /no column that a table can hold/],
    [
      document(int, stream(Uint8Array.of(0, 0, 0, 1, 0))),
      /row 2: n takes 4 bytes, of which the stream has 1/,
    ],
    [document(text, stream(Uint8Array.of(255, 255, 255, 255, 65))), /t takes 4294967295 bytes/],
    [document(text, stream(Uint8Array.of(0, 0, 0)), ""), /row 1: the stream is cut short/],
    [document(int, stream(Uint8Array.of(), "BINARY", 'href="http://x"')), /has its rows elsewhere/],
    [document(int, stream(Uint8Array.of(), "BINARY", 'encoding="gzip"')), /not in base64, got "gzip"/],
    [document(int, '<BINARY><STREAM encoding="base64">!!</STREAM></BINARY>'), /is not base64/],
    [document(int, '<FITS><STREAM href="x"/></FITS>'), /in a FITS file/],
    [
      "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'>]><VOTABLE>&a;</VOTABLE>",
      /line 1: undefined entity/,
    ],
    ["<?xml version='1.0' encoding='klingon'?><VOTABLE/>", /encoding klingon is not known/],
    [
      "<VOTABLE><RESOURCE><INFO name='QUERY_STATUS' value='ERROR'>no such table</INFO></RESOURCE></VOTABLE>",
      /the service answered with an error: no such table/,
    ],
  ];
  for (const [text, message] of cases) await expect(reading(text), text).rejects.toThrow(message);
  await expect(reading(Buffer.from("<VOTABLE>\xff</VOTABLE>", "latin1"))).rejects.toThrow(/not valid/);
});

test("300 broken files are read, or refused in one line", async () => {
  const bases = ["tabledata", "binary", "binary2"].map((kind) => readFileSync(fixture(`${kind}.vot`)));
  let refused = 0;
  for (let k = 0; k < 300; k++) {
    const d = new Draws(7, k);
    const bytes = Buffer.from(bases[k % 3]!);
    if (d.chance(0.3)) writeFileSync(at("b.vot"), bytes.subarray(0, d.integer(30, bytes.length)));
    else {
      for (let n = d.integer(1, 6); n > 0; n--)
        bytes[d.integer(60, bytes.length - 1)]! ^= 1 << d.integer(0, 6);
      writeFileSync(at("b.vot"), bytes);
    }
    try {
      await readCatalog(at("b.vot"));
    } catch (error) {
      expect((error as Error).name, `file ${k}: ${(error as Error).stack}`).toBe("ArcletError");
      expect((error as Error).message).toMatch(/^[^\n]*b\.vot( line \d+| row \d+)?: [^\n]+$/);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(150);
  expect(refused).toBeLessThan(300);
});

const COLUMNS = [
  { name: "id", type: "text", ucd: "meta.id;meta.main" },
  { name: "ra", type: "number", unit: "deg", description: "right <ascension>" },
  { name: "n", type: "whole" },
  { name: "ok", type: "yes/no" },
] as const;
const WRITTEN = [
  ['<a href="x">&amp;', 1 / 3, 2n ** 62n, true],
  ["Größe λ", null, null, false],
  ["plain", -1e300, -5, null],
];

test("a written table is read back", async () => {
  await writeCatalog(at("written.vot"), COLUMNS, WRITTEN);
  const { table, units, ucds } = await readCatalog(at("written.vot"));
  for (const [c, { name }] of COLUMNS.entries())
    expect(
      table.column(name).map((value) => (typeof value === "number" && name === "n" ? BigInt(value) : value)),
    ).toEqual(WRITTEN.map((row) => (name === "n" && row[c] !== null ? BigInt(row[c] as number) : row[c])));
  expect(units.get("ra")).toBe("deg");
  expect(ucds.get("id")).toBe("meta.id;meta.main");
  await expect(writeCatalog(at("bell.vot"), [COLUMNS[0]], [["\x07"]])).rejects.toThrow(
    /bell.vot row 1: id holds a character/,
  );
});

const astropy = spawnSync("/usr/bin/python3", ["-c", "import astropy"]).status === 0;
test.skipIf(!astropy)("astropy reads what is written without a warning", async () => {
  await writeCatalog(at("theirs.vot"), COLUMNS, WRITTEN);
  const script = `
import sys, json, warnings
warnings.simplefilter("error")
from astropy.io.votable import parse
t = parse(sys.argv[1], verify="exception").get_first_table().to_table()
print(json.dumps([[None if getattr(v, "mask", False) is True or str(v) in ("--", "nan") else (str(v) if k in ("id", "n") else (bool(v) if k == "ok" else float(v))) for v in t[k]] for k in t.colnames]), t["ra"].unit)
`;
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", script, at("theirs.vot")], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const columns = COLUMNS.map(({ name }, c) =>
    WRITTEN.map((row) => (name === "n" && row[c] !== null ? String(row[c]) : row[c])),
  );
  expect(stdout.trim()).toBe(`${pythonJson(columns)} deg`);
});

/** JSON as Python's json.dumps writes it. */
const pythonJson = (columns: unknown) =>
  JSON.stringify(columns)
    .replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll(/,(?=["\d[nt f-])/g, ", ");

describe("what VALUES says is null is null in every form", () => {
  const stream = (kind: string, bytes: Uint8Array) =>
    `<${kind}><STREAM encoding="base64">${Buffer.from(bytes).toString("base64")}</STREAM></${kind}>`;
  const field = (name: string, datatype: string, none: string, size = "") =>
    `<FIELD name="${name}" datatype="${datatype}"${size}><VALUES null="${none}"/></FIELD>`;
  const fields = [
    field("f", "float", "-99.0"),
    field("g", "float", "99.99"),
    field("d", "double", "1e20"),
    field("i", "int", "-0099"),
    field("l", "long", "9223372036854775807"),
    field("h", "short", "0x7F"),
    field("t", "char", "N/A", ' arraysize="4"'),
    field("v", "char", "-", ' arraysize="*"'),
  ].join("");
  const NAMES = ["f", "g", "d", "i", "l", "h", "t", "v"];
  const binary = (nulls: boolean) => {
    const bytes = Buffer.alloc(4 + 4 + 8 + 4 + 8 + 2 + 4 + 4 + 1);
    bytes.writeFloatBE(nulls ? -99 : 1.5, 0);
    bytes.writeFloatBE(nulls ? 99.99 : 2.5, 4);
    bytes.writeDoubleBE(nulls ? 1e20 : 3.5, 8);
    bytes.writeInt32BE(nulls ? -99 : 4, 16);
    bytes.writeBigInt64BE(nulls ? 9223372036854775807n : 9223372036854775806n, 20);
    bytes.writeInt16BE(nulls ? 127 : 6, 28);
    bytes.write(nulls ? "N/A\0" : "ab  ", 30, "latin1");
    bytes.writeUInt32BE(1, 34);
    bytes.write(nulls ? "-" : "x", 38, "latin1");
    return bytes;
  };
  const flag = Buffer.from([0]);
  const written = {
    TABLEDATA:
      "<TABLEDATA>" +
      cells("-99.000", "99.990", "1.0E+20", "-99", "9223372036854775807", "127", "N/A", "-") +
      cells("", " ", "", " ", "", "", "   ", "  ") +
      cells("1.5", "2.5", "3.5", "4", "9223372036854775806", "6", "ab  ", "x") +
      "</TABLEDATA>",
    BINARY: stream("BINARY", Buffer.concat([binary(true), binary(true), binary(false)])),
    BINARY2: stream(
      "BINARY2",
      Buffer.concat([flag, binary(true), Buffer.from([0xff]), binary(false), flag, binary(false)]),
    ),
  };

  test.each(Object.entries(written))("%s", async (_, data) => {
    const { table } = await reading(document(fields, data));
    const rows = [0, 1, 2].map((row) => NAMES.map((name) => table.column(name)[row]));
    const none = NAMES.map(() => null);
    expect(rows).toEqual([none, none, [1.5, 2.5, 3.5, 4, 9223372036854775806n, 6, "ab", "x"]]);
  });

  test("whole numbers keep their digits, whatever their length allows", async () => {
    const long = '<FIELD name="n" datatype="long"/>';
    const many = "9".repeat(39);
    const of = (word: string) => reading(document(long, `<TABLEDATA>${cells(word)}</TABLEDATA>`));
    expect((await of("10378571704892678145")).table.column("n")).toEqual([10378571704892678145n]);
    await expect(of(many)).rejects.toThrow(/row 1: n must be of datatype long, got "9+"/);
  });
});

test("a document in UTF-16 is read", async () => {
  const text = document(
    '<FIELD name="t" datatype="unicodeChar" arraysize="*"/>',
    `<TABLEDATA>${cells("★ é")}</TABLEDATA>`,
  );
  const bytes = Buffer.from(`\uFEFF${text.replace("?>", ' encoding="UTF-16"?>')}`, "utf16le");
  expect((await reading(bytes)).table.column("t")).toEqual(["★ é"]);
  expect((await reading(bytes.swap16())).table.column("t")).toEqual(["★ é"]);
});
