/** `arclet select`: a sample as files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-select-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
writeFileSync(
  join(folder, "scores.csv"),
  `id,score\n${Array.from({ length: 50 }, (_, k) => `o${k},${k / 50}`).join("\n")}\n`,
);

test("the sample is written with its design, and the same line writes the same bytes", () => {
  const line = "select scores.csv --top 5 --random 10 --bins 2 --seed 3 --out sample.csv";
  const { stdout } = done(line);
  expect(stdout).toMatch(/^top +5 +5 +1$/m);
  expect(stdout).toContain("sample.csv: 15 of 50 rows; its design is sample.design.json");
  const [head, ...rows] = read("sample.csv").trim().split("\n");
  expect(head).toBe("shown,id,stratum,probability,decoy");
  expect(rows.map((row) => Number(row.split(",")[0]))).toEqual(Array.from({ length: 15 }, (_, k) => k + 1));
  const design = JSON.parse(read("sample.design.json"));
  expect(design).toMatchObject({
    seed: 3,
    scores: { path: "scores.csv", rows: 50 },
    sample: { rows: 15 },
    decoys: null,
    provenance: { task: "select" },
  });
  expect(design.scores.sha256).toMatch(/^[0-9a-f]{64}$/);
  const first = read("sample.csv");
  done(line);
  expect(read("sample.csv")).toBe(first);
});

test("what can't be drawn is refused", () => {
  writeFileSync(join(folder, "unscored.csv"), "id,grade\na,1\n");
  refused(/unscored\.csv: has no column score/, "select unscored.csv --out other.csv");
  refused(
    /--random must be 8 or more, one for each stratum, got 3/,
    "select scores.csv --top 1 --random 3 --out other.csv",
  );
  refused(/a file that ends in \.csv/, "select scores.csv --top 1 --out other.txt");
});
