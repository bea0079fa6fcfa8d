/** `arclet threshold`: the score for a completeness, from a run or from tables, and what it holds for. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "adda");
const { done, refused } = commandLine(folder);
const json = (...names: string[]) => JSON.parse(readFileSync(join(folder, ...names), "utf8"));
const write = (name: string, ...lines: string[]) =>
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);

test("a threshold from scores and truth finds the completeness asked for, and says what it holds for", () => {
  write("lenses.csv", "id,grade", ...Array.from({ length: 19 }, (_, i) => `l${i},3`));
  write("found.csv", "id,score", ...Array.from({ length: 19 }, (_, i) => `l${i},${(i + 1) / 20}`));
  const line = "threshold found.csv --truth lenses.csv --positives 'grade >= 2'";
  const { stdout } = done(`${line} --completeness 0.9 --out threshold.json`);
  // The ⌈20 · 0.9⌉ = 18th highest of 19.
  expect(stdout).toMatch(/^threshold 0\.1\n/);
  expect(stdout).toContain("with a probability of 0.9 or more, chosen on 19 positives");
  expect(stdout).toContain("It holds for objects drawn as the rows of lenses.csv with grade >= 2 were.");
  expect(JSON.parse(readFileSync(join(folder, "threshold.json"), "utf8"))).toMatchObject({
    threshold: 0.1,
    completeness: 0.9,
    places: 19,
  });
  refused(/positives must be 99 or more for a completeness of 0\.99, got 19/, `${line} --completeness 0.99`);
});

test("a threshold of a run comes from its source's lenses, and says so", () => {
  const { stdout } = done("threshold adda --completeness 0.5 --out threshold.json");
  expect(stdout).toMatch(/^threshold 0\.\d+\nIt finds a further positive with a probability of 0\.5 or more/);
  expect(stdout).toMatch(
    /It holds for simulated lenses as the recipe default draws them.*split val of source.*not real ones/,
  );
  const { threshold } = json("threshold.json");
  done(`evaluate adda --data target --threshold ${threshold} --out at-threshold`);
  const [{ metrics }] = json("at-threshold", "metrics.json").results;
  expect(metrics.operatingPoint.threshold).toBe(threshold);
  refused(/positives must be \d+ or more/, "threshold adda --completeness 0.999");
});
