/** `arclet check`: what datasets, their splits and catalogues share. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentHash } from "../../src/dataset/hash.ts";
import { laid, picture } from "../tiny/pictures.ts";
import { SKY_SIZE, skyImage, writeSkies } from "../tiny/skies.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-check-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { arclet, done, refused } = commandLine(folder);

beforeAll(async () => {
  await writeSkies(folder, "source", 0);
  await writeSkies(folder, "clean", 100);
});

/** What check finds: its exit code, and its table without the head. */
function found(line: string): { status: number | null; kinds: string[]; stdout: string } {
  const { status, stdout } = arclet(`check ${line}`);
  const kinds = [...stdout.matchAll(/^(id|group|position|identical|alike) /gm)].map(([, kind]) => kind!);
  return { status, kinds, stdout };
}

test("exits with 0 when nothing is shared", () => {
  const { stdout } = done("check source clean --out none.csv");
  expect(stdout).toContain("24 images: nothing is shared");
  expect(readFileSync(join(folder, "none.csv"), "utf8").trim().split("\n")).toHaveLength(1);
});

test("finds each kind between two datasets and exits with 1", async () => {
  await writeSkies(
    folder,
    "leaky",
    200,
    {
      1: { id: "source-3" },
      2: { group: "source-4" },
      // Source row 5 is at 50°, 0°.
      3: { ra: 50 + 2 / 3600, dec: 0 },
    },
    {
      4: skyImage(6),
      5: laid(picture(7, { size: SKY_SIZE, stretch: (flux) => flux * 0.9 + 3 }), SKY_SIZE, 5),
    },
  );
  const { status, kinds, stdout } = found("source leaky --out leaks.csv");
  expect(status).toBe(1);
  expect(kinds).toEqual(["id", "group", "position", "identical", "alike"]);
  expect(stdout).toMatch(/a sky position \(2\.00 arcsec apart\): source-5 in .* and leaky-3 in/);
  const lines = readFileSync(join(folder, "leaks.csv"), "utf8").trim().split("\n");
  expect(lines).toHaveLength(6);
  expect(lines[1]).toBe("id,source (source),train,4,source-3,leaky (leaky),train,2,source-3,");
  expect(lines.at(-1)).toMatch(/^alike,.*,8,source-7,.*,6,leaky-5,(0\.99|1\.00)/);
  expect(found("source leaky --radius 1").kinds).not.toContain("position");
  expect(found("source leaky --alike none").kinds).not.toContain("alike");
});

test("finds them across splits of one dataset, a divided group of another program's included", async () => {
  await writeSkies(
    folder,
    "within",
    300,
    { 5: { ra: 10 + 300 / 100 + 1 / 3600 } },
    { 8: laid(skyImage(300), SKY_SIZE, 3) },
  );
  const table = join(folder, "within", "table.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(
    `CREATE TABLE t AS SELECT * REPLACE (CASE WHEN id = 'within-2' THEN 'within-3' ELSE "group" END AS "group") FROM '${table}'`,
  );
  await connection.run(`COPY t TO '${table}' (FORMAT parquet)`);
  connection.closeSync();
  // That program states the content hash of what it wrote.
  const info = join(folder, "within", "dataset.json");
  const { shards, ...rest } = JSON.parse(readFileSync(info, "utf8"));
  const files = [...shards.map(({ file }: { file: string }) => file), "table.parquet"];
  const stated = { ...rest, shards, contentHash: contentHash(join(folder, "within"), files) };
  writeFileSync(info, JSON.stringify(stated));
  const { status, kinds } = found("within");
  expect(status).toBe(1);
  // Row 5 (val) lies an arcsecond from row 1 only in right ascension; their declinations are the same.
  expect(kinds).toEqual(["group", "position", "alike"]);
});

test("finds known lenses by position, whatever the catalogue calls them", () => {
  const rows = ["name,RAJ2000,DEJ2000", "J0000,0.0005,0.0001", "J0001,200,20", "source-1,77,7"];
  writeFileSync(join(folder, "known.csv"), `${rows.join("\n")}\n`);
  const { status, kinds, stdout } = found("source --catalog known.csv --radius 3");
  expect([status, kinds]).toEqual([1, ["position"]]);
  expect(stdout).toMatch(/source-0 in source \(source\) train and J0000 in known\.csv/);
  writeFileSync(join(folder, "names.csv"), "id\nsource-1\nother\n");
  expect(found("source --catalog names.csv").kinds).toEqual(["id"]);
  writeFileSync(join(folder, "grades.csv"), "grade\n1\n");
  refused(/grades\.csv: columns must be with positions/, "check source --catalog grades.csv");
  refused(/all different/, "check source source");
});
