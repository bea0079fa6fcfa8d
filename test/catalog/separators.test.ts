import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { objectsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const reading = (text: string | Uint8Array, name = "t.csv") => {
  writeFileSync(at(name), text);
  return readCatalog(at(name));
};
const refused = (text: string | Uint8Array, message: RegExp, name?: string) =>
  expect(reading(text, name)).rejects.toThrow(message);
const utf16 = (text: string, big: boolean) => {
  const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
  return big ? bytes.swap16() : bytes;
};

describe("what separates columns is seen", () => {
  test.each([
    ["semicolons", "id;ra;dec\na;150.0;2.0\nb;150.3;2.1\n"],
    ["vertical bars", "id | ra | dec\na | 150.0 | 2.0\nb | 150.3 | 2.1\n"],
    ["tabs", "id\tra\tdec\na\t150.0\t2.0\nb\t150.3\t2.1\n"],
    ["blanks", "id   ra     dec\na    150.0  2.0\nb    150.3  2.1\n"],
    ["blanks, names in a comment", "# made by a tool\n# id ra dec\n a 150.0 2.0\n b 150.3 2.1\n"],
    ["commas, after comments", "# made by a tool\n#\nid,ra,dec\na,150.0,2.0\nb,150.3,2.1\n"],
    ["commas, lines that end in \\r", "id,ra,dec\ra,150.0,2.0\rb,150.3,2.1\r"],
    ["commas, lines that end in two ways", "id,ra,dec\r\na,150.0,2.0\nb,150.3,2.1\r\n"],
    ["commas, after a byte-order mark", "\uFEFFid,ra,dec\na,150.0,2.0\nb,150.3,2.1\n"],
    [
      "VizieR's, with units and dashes",
      "#\n#Column\tx\nid\tra\tdec\n\tdeg\tdeg\n--\t-----\t---\na\t150.0\t2.0\nb\t150.3\t2.1\n",
    ],
  ])("%s", async (_, text) => {
    const catalog = await reading(text);
    expect(catalog.table.names).toEqual(["id", "ra", "dec"]);
    const { ids, ra, dec } = objectsOf(catalog);
    expect([ids, [...ra], [...dec]]).toEqual([
      ["a", "b"],
      [150, 150.3],
      [2, 2.1],
    ]);
  });

  test("commas in numbers where semicolons separate columns", async () => {
    const catalog = await reading("id;ra;dec;mag\na;150,0;-2,0;20,15\nb;150,0003;2,0003;1,5e1\n", "euro.csv");
    expect(catalog.table.column("ra")).toEqual([150, 150.0003]);
    expect(catalog.table.column("dec")).toEqual([-2, 2.0003]);
    expect(catalog.table.column("mag")).toEqual([20.15, 15]);
    expect(catalog.notes).toEqual([`${at("euro.csv")}: columns are separated by semicolons`]);
  });

  test("a header of one name, a name that begins with #, quotes", async () => {
    expect((await reading("name\nNGC-1\nM-2\n")).table.column("name")).toEqual(["NGC-1", "M-2"]);
    expect((await reading("#id,class\na,lens\nb,other\n")).table.names).toEqual(["#id", "class"]);
    const quoted = await reading('id;note\n"a;b";"he said ""x"""\nc;"two\nlines"\n');
    expect(quoted.table.column("id")).toEqual(["a;b", "c"]);
    expect(quoted.table.column("note")).toEqual(['he said "x"', "two\nlines"]);
  });
});

describe("formats of text", () => {
  test("SExtractor's ASCII_HEAD, with a column of several cells", async () => {
    const { table, units, notes } = await reading(
      `#   1 NUMBER          Running object number
#   2 ALPHA_J2000     Right ascension of barycenter (J2000)  [deg]
#   3 DELTA_J2000     Declination of barycenter (J2000)      [deg]
#   4 FLUX_APER       Flux vector within fixed circular aperture(s)  [count]
#   6 FLAGS           Extraction flags
         1   150.0000000   +2.0000000    12.5   1.5e+01   0
         2   150.0003000   -2.0003000    13.5   2.5e+01   3
`,
      "sextractor.cat",
    );
    expect(table.names).toEqual([
      "NUMBER",
      "ALPHA_J2000",
      "DELTA_J2000",
      "FLUX_APER",
      "FLUX_APER_2",
      "FLAGS",
    ]);
    expect(table.column("DELTA_J2000")).toEqual([2, -2.0003]);
    expect(table.column("FLUX_APER_2")).toEqual([15, 25]);
    expect(units.get("ALPHA_J2000")).toBe("deg");
    expect(units.get("FLUX_APER_2")).toBe("count");
    expect(notes).toEqual([`${at("sextractor.cat")}: is a catalogue of SExtractor's (ASCII_HEAD)`]);
  });

  // As astropy 6.0 writes it.
  test("ECSV: names, units, masked values, texts that look like numbers", async () => {
    const { table, units } = await reading(
      `# %ECSV 1.0
# ---
# datatype:
# - {name: id, datatype: string}
# - {name: ra, unit: deg, datatype: float64}
# - {name: big, datatype: uint64}
# - {name: code, datatype: string}
# - {name: ok, datatype: bool}
# meta: !!omap
# - {comments: [made up]}
# schema: astropy-2.0
id ra big code ok
"a b" 150.5 10378571704892678145 007 True
c "" 3 "" False
`,
      "t.ecsv",
    );
    expect(table.column("id")).toEqual(["a b", "c"]);
    expect(table.column("ra")).toEqual([150.5, null]);
    expect(table.column("big")).toEqual([10378571704892678145n, 3n]);
    expect(table.column("code")).toEqual(["007", null]);
    expect(table.column("ok")).toEqual([true, false]);
    expect(units.get("ra")).toBe("deg");
  });

  test("UTF-16 of either order; Latin-1 is refused with its line", async () => {
    for (const big of [false, true]) {
      const { table } = await reading(utf16("id,name\na,Zürich ★\n", big));
      expect(table.column("name")).toEqual(["Zürich ★"]);
    }
    await refused(
      Buffer.from("id,ra,dec,name\na,150,2,Zwicky-\xe9\n", "latin1"),
      /t.csv line 2: is not UTF-8 \(Latin-1\?\); convert it, e.g. by iconv/,
    );
  });

  test("a gzipped table whose beginning is cut in the middle of a character", async () => {
    const rows = Array.from({ length: 40_000 }, (_, k) => `${k},Zürich ★ ${(k * 7919) % 65_537}`);
    const { table } = await reading(gzipSync(`id,name\n${rows.join("\n")}\n`), "long.csv.gz");
    expect(table.column("name").at(-1)).toBe(`Zürich ★ ${(39_999 * 7919) % 65_537}`);
    expect((await reading(gzipSync(`id,x\n${"a,1\n".repeat(200_000)}`), "same.csv.gz")).table.count).toBe(
      200_000,
    );
  });

  test.each([
    ["bzip2", "BZh91AY&SY", /is packed with bzip2; unpack it first, by bunzip2/],
    ["zstd", Buffer.from("28b52ffd00", "hex"), /is packed with zstd/],
    ["xz", Buffer.from("fd377a585a00", "hex"), /is packed with xz/],
    ["a spreadsheet", "PK\x03\x04", /is a zip archive \(or a spreadsheet\)/],
    ["IPAC", "\\fixlen = T\n|ra |dec|\n 1   2\n", /is a table between vertical bars \(IPAC, Markdown\)/],
    ["CDS", "Title: x\nByte-by-byte Description of file: t.dat\n", /is a CDS table/],
  ])("%s is refused by its name", async (_, text, message) => {
    await refused(text as string, message, "t.dat");
  });
});

test("rows of other lengths are refused by their number", async () => {
  await refused("id,ra,dec\na,150,2\nb,150,2,x\nc,150\n", /t.csv row 2: has 4 cells, the header 3/);
  await refused("id;ra;dec\na;150;2\nc;150\n", /t.csv row 2: has 2 cells, the header 3/);
  await refused("id ra dec\na 150 2\nb 150 2\nc 150\n", /t.csv row 3: has 2 cells, the header 3/);
});
