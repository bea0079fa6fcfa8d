import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fixture } from "../catalog/astropy.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-export-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);
const text = (name: string) => readFileSync(join(folder, name), "utf8");

test("a table goes through every format and back without loss", () => {
  const csv = "id,n,score,seen,ra,dec\n007,1,0.123456789012345,true,10.5,-2\nb,,1e-7,false,,\n";
  writeFileSync(join(folder, "a.csv"), csv);
  const chain = ["a.csv", "b.vot", "c.fits", "d.parquet", "e.tsv", "f.csv"];
  for (const [k, from] of chain.slice(0, -1).entries())
    expect(done(`export ${from} --out ${chain[k + 1]}`).stdout).toBe(`${chain[k + 1]}: 2 rows, 6 columns\n`);
  expect(text("f.csv")).toBe(csv);
});

test("DS9 regions, of columns by name or guess", () => {
  const { stdout } = done(
    `export ${fixture("sextractor.fits")} --out x.reg --radius 4 --score-column scaled`,
  );
  expect(stdout.split("\n").slice(-2)[0]).toBe("x.reg: 3 rows");
  expect(stdout).toMatch(/columns of arrays or complex numbers are left out: list, complex, bits/);
  expect(text("x.reg")).toMatch(/^circle\(15\.0000000,1\.5000000,4"\) # color=#0000ff text=\{1 10\}$/m);
});

test("one line where it can't", () => {
  refused(/out must|table must be a file that ends in \.csv, .*got "y\.txt"/, "export a.csv --out y.txt");
  refused(/none\.vot: no such file/, "export none.vot --out y.csv");
  refused(/ra must be one of id, n, .*got "RA"/, "export a.csv --out y.reg --ra-column RA");
  refused(
    /HDU must be one of OBJECTS, REDSHIFTS/,
    `export ${fixture("sextractor.fits")} --hdu X --out y.csv`,
  );
  writeFileSync(join(folder, "broken.vot"), "<VOTABLE><TABLE>");
  refused(/broken\.vot line 1: unclosed tag/, "export broken.vot --out y.csv");
});
