/** What one command leaves and the next ones take: positions, formats, and the marks of a leak and of an oracle. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { writeSkies } from "../tiny/skies.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "adda");
const at = (...names: string[]) => join(folder, ...names);
const { done } = commandLine(folder);
const csv = (name: string) =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));

test("scores of a catalogue's objects carry their positions into VOTable, FITS and DS9 regions", () => {
  const objects = Array.from(
    { length: 96 },
    (_, k) => `obj-${k},00:00:${String(k % 60).padStart(2, "0")},${(k + 1) / 10}`,
  );
  writeFileSync(at("objects.csv"), `designation,RAJ2000,DEJ2000\n${objects.join("\n")}\n`);
  const { bands, pixelScale } = JSON.parse(readFileSync(at("target", "dataset.json"), "utf8"));
  const told = done(
    `import target/images-00000.npy --table objects.csv --bands ${bands} --pixel-scale ${pixelScale} --layout chw --max-saturated 1 --out placed`,
  ).stdout;
  expect(told).toMatch(/id is designation, ra is RAJ2000, dec is DEJ2000/);
  for (const end of ["csv", "vot", "fits", "reg"]) done(`score placed so --out placed.${end} --radius 3`);
  const [head, ...rows] = csv("placed.csv");
  expect(head!.slice(-2)).toEqual(["ra", "dec"]);
  for (const row of rows) {
    const k = Number(row[0]!.slice("obj-".length));
    expect([Number(row.at(-2)), Number(row.at(-1))]).toEqual([
      expect.closeTo((k % 60) / 240, 10),
      (k + 1) / 10,
    ]);
  }
  for (const end of ["vot", "fits"]) {
    done(`export placed.${end} --out from-${end}.csv`);
    expect(csv(`from-${end}.csv`)).toEqual(csv("placed.csv"));
  }
  const circles = readFileSync(at("placed.reg"), "utf8").match(
    /^circle\(.*,3"\) # color=#[0-9a-f]{6} text=\{obj-\d+ .*\}$/gm,
  );
  expect(circles).toHaveLength(96);
});

test("scores are judged alike as CSV and as Parquet", () => {
  for (const name of ["a.csv", "a.parquet"]) done(`score target adda --out ${name}`);
  const rows = csv("a.csv").slice(1);
  writeFileSync(at("truth.csv"), `id,grade\n${rows.map((row, k) => `${row[0]},${k % 3}`).join("\n")}\n`);
  const table = (kind: string) =>
    done(
      `evaluate a.${kind} --truth truth.csv --positives 'grade >= 2' --negatives 'grade < 1' --out by-${kind}`,
    ).stdout;
  const plain = (text: string) => text.replaceAll("parquet", "csv").replace(/[ ─]+/g, " ");
  expect(plain(table("parquet"))).toBe(plain(table("csv")));
});

test("the mark of a leak goes with the run into its scores, and into the tables and metrics of both", async () => {
  await writeSkies(folder, "skies", 0);
  await writeSkies(folder, "leaky", 400, { 0: { ra: 50, dec: 1 / 3600 } });
  await writeSkies(folder, "clean", 100);
  done("train skies leaky --method source-only --encoder cnn --epochs 1 --batch 8 --allow-leak --out marked");
  expect(done("score clean marked --out marked.csv").stdout).toMatch(/has a column leak/);
  const [head, first] = readFileSync(at("marked.csv"), "utf8").split("\n");
  expect(head).toMatch(/,leak$/);
  expect(first).toMatch(/,true$/);
  expect(done("evaluate marked --data clean --split val --out marked-runs").stdout).toMatch(
    /chosen and last \(leak\)/,
  );
  const metrics = readFileSync(at("marked-runs", "metrics.json"), "utf8");
  expect(metrics).toContain('"chosen (leak)"');
  expect(metrics).toContain('"last (leak)"');
  const truth = Array.from({ length: 12 }, (_, i) => `clean-${i},${i % 2 === 0 ? 3 : 0}`);
  writeFileSync(at("grades.csv"), `id,grade\n${truth.join("\n")}\n`);
  const byTable = "--truth grades.csv --positives 'grade > 1' --negatives 'grade < 1'";
  expect(done(`evaluate marked.csv ${byTable} --out marked-table`).stdout).toMatch(/as scored \(leak\)/);
});

test("what an oracle chose is marked in every table", () => {
  done("train source target --method adda --from so --adda.epochs 1 --select oracle --out told");
  expect(done("score target told --out told.csv").stdout).toContain(
    "target labels had a part in choosing it (oracle)",
  );
  expect(done("evaluate told --data target --out told-report").stdout).toMatch(/told +│? *oracle|oracle/);
  expect(readFileSync(at("target", "seal.jsonl"), "utf8")).toContain('"run":"told"');
});
