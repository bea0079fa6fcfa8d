import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DatasetRow, writeDataset } from "../../src/dataset/writer.ts";
import { laid, picture } from "../dataset/splitting/grouping/pictures.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-splits-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { arclet, done, refused } = commandLine(folder);
const SIZE = 32;
const SPEC = {
  survey: null,
  bands: ["g", "r"],
  pixelScale: 0.2,
  classes: ["not-lens", "lens"],
  pixels: "flux" as const,
  shape: [2, SIZE, SIZE] as [number, number, number],
  provenance: {},
};
const image = (sky: number) => picture(sky, { size: SIZE });

/** A dataset of 12 skies from a number on, a third of them val; some rows and images may be others. */
async function write(
  name: string,
  from: number,
  rows: Record<number, Partial<DatasetRow>> = {},
  images: Record<number, Float32Array> = {},
): Promise<void> {
  await writeDataset(join(folder, name), { ...SPEC, name }, async (writer) => {
    for (let i = 0; i < 12; i++) {
      const id = `${name}-${i}`;
      const split = i % 3 === 2 ? ("val" as const) : ("train" as const);
      const where = { ra: 10 * i + from / 100, dec: from / 100 };
      const own = { id, group: id, split, label: i % 2 === 0 ? "lens" : "not-lens", ...where, ...rows[i] };
      writer.append(images[i] ?? image(from + i), [own]);
    }
  });
}

beforeAll(async () => {
  await write("source", 0);
  await write("clean", 100);
});

/** What check finds: its exit code, and its table without the head. */
function found(line: string): { status: number | null; kinds: string[]; stdout: string } {
  const { status, stdout } = arclet(`check ${line}`);
  const kinds = [...stdout.matchAll(/^(id|group|position|identical|alike) /gm)].map(([, kind]) => kind!);
  return { status, kinds, stdout };
}

describe("arclet check", () => {
  test("leaves with 0 where nothing is shared", () => {
    const { stdout } = done("check source clean --out none.csv");
    expect(stdout).toContain("24 images: nothing is shared");
    expect(readFileSync(join(folder, "none.csv"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  test("finds each kind between two datasets and leaves with 1", async () => {
    await write(
      "leaky",
      200,
      {
        1: { id: "source-3" },
        2: { group: "source-4" },
        // Source row 5 is at 50°, 0°.
        3: { ra: 50 + 2 / 3600, dec: 0 },
      },
      { 4: image(6), 5: laid(picture(7, { size: SIZE, stretch: (flux) => flux * 0.9 + 3 }), SIZE, 5) },
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
    await write("within", 300, { 5: { ra: 10 + 300 / 100 + 1 / 3600 } }, { 8: laid(image(300), SIZE, 3) });
    const table = join(folder, "within", "table.parquet");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `CREATE TABLE t AS SELECT * REPLACE (CASE WHEN id = 'within-2' THEN 'within-3' ELSE "group" END AS "group") FROM '${table}'`,
    );
    await connection.run(`COPY t TO '${table}' (FORMAT parquet)`);
    connection.closeSync();
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
    refused(/each given once/, "check source source");
  });

  test("a dataset divided anew by what was found is clean, and one that was changed is refused", async () => {
    await write("mixed", 500, { 5: { ra: 10 + 500 / 100 + 1 / 3600 } }, { 8: laid(image(500), SIZE, 3) });
    expect(found("mixed").kinds).toEqual(["position", "alike"]);
    const divide = "--fractions 0.5,0.25,0.25 --group-sky 3 --group-pixels alike";
    const { stdout } = done(`split mixed ${divide} --out repaired`);
    expect(stdout).toMatch(
      /sky positions: 1 group joined others\nnearly identical images: 1 group joined others/,
    );
    expect(stdout).toContain("12 images in 10 groups");
    expect(found("repaired")).toMatchObject({ status: 0, kinds: [] });
    refused(/has changed since it was written/, `split within ${divide} --out none`);
  });
});

describe("training", () => {
  const train = "train source leaky-target --method source-only --encoder cnn --epochs 1 --batch 8";
  beforeAll(() => write("leaky-target", 400, { 0: { ra: 50, dec: 1 / 3600 } }));

  test("refuses a sky position that source and target share, and says what helps", () => {
    refused(
      /leaky-target \(leaky-target\): shares a sky position \(1\.00 arcsec apart\): source-5 in .*--allow-leak/,
      `${train} --out refused`,
    );
  });

  test("--allow-leak trains, and marks the run, its models, their scores and metrics", () => {
    const said = done(`${train} --allow-leak --out marked`).stdout;
    expect(said).toMatch(/warning: .*1 by position.*the result is marked/);
    const run = JSON.parse(readFileSync(join(folder, "marked", "config.json"), "utf8"));
    expect(run.leak).toMatchObject({ shared: { position: 1 }, first: expect.stringContaining("source-5") });
    expect(done("score clean marked --out marked.csv").stdout).toMatch(/has a column leak/);
    const [head, first] = readFileSync(join(folder, "marked.csv"), "utf8").split("\n");
    expect(head).toMatch(/,leak$/);
    expect(first).toMatch(/,true$/);
  });

  test("the mark goes into the tables and metrics of runs and of score tables", () => {
    expect(done("evaluate marked --data clean --split val --out marked-runs").stdout).toMatch(
      /chosen \(leak\)/,
    );
    const metrics = readFileSync(join(folder, "marked-runs", "metrics.json"), "utf8");
    expect(metrics).toContain('"chosen (leak)"');
    expect(metrics).toContain('"last (leak)"');
    const truth = Array.from({ length: 12 }, (_, i) => `clean-${i},${i % 2 === 0 ? 3 : 0}`);
    writeFileSync(join(folder, "truth.csv"), `id,grade\n${truth.join("\n")}\n`);
    const byTable = "--truth truth.csv --positives 'grade > 1' --negatives 'grade < 1'";
    expect(done(`evaluate marked.csv ${byTable} --out marked-table`).stdout).toMatch(/as scored \(leak\)/);
  });
});

test("arclet split divides, tells what it did, and carries the log of opened tests along", () => {
  writeFileSync(join(folder, "clean", "seal.jsonl"), "");
  const { stdout } = done("split clean --folds 3 --out folds");
  expect(stdout.trim().split("\n")).toHaveLength(3);
  expect(stdout).toContain("folds/fold-2: 12 images in 12 groups: train ");
  expect(stdout).toContain("test 4 (2 lens, 2 not-lens)");
  expect(readFileSync(join(folder, "folds", "fold-0", "seal.jsonl"), "utf8")).toBe("");
  done("check folds/fold-0");
  refused(/a name that is not taken/, "split clean --folds 3 --out folds");
  refused(/--fractions or folds must be given/, "split clean --out other");
});
