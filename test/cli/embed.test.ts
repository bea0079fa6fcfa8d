/** `arclet embed`: feature space drawn, probed, and searched for neighbours. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "adabn");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);
const csv = (...names: string[]) =>
  readFileSync(at(...names), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), "utf8"));

test("the same images in every run, classes only where they may be read, probes, neighbours, the same twice", () => {
  const id = "sim-cfhtls-1-0000004";
  const line = `embed source target --runs so,adabn --most 40 --folds 3 --neighbours ${id} --count 4`;
  const { stdout } = done(`${line} --out emb`);
  expect(stdout).toContain("target from source");
  done(`${line} --out emb2`);
  for (const name of [
    "embedding.csv",
    "neighbours.csv",
    "probes.json",
    "figures/umap.svg",
    `neighbours-${id}.svg`,
  ])
    expect(readFileSync(at("emb", name)).equals(readFileSync(at("emb2", name))), name).toBe(true);
  expect(readFileSync(at("emb", "report.html"), "utf8").match(/<figure class="wide">/g)).toHaveLength(2);
  const [head, ...rows] = csv("emb", "embedding.csv");
  expect(head).toEqual(["run", "dataset", "id", "class", "pca_1", "pca_2", "umap_1", "umap_2"]);
  expect(rows).toHaveLength(2 * (40 + 40));
  expect(rows.filter(([run]) => run === "so").map((row) => row[2])).toEqual(
    rows.filter(([run]) => run === "adabn").map((row) => row[2]),
  );
  expect(rows.every((row) => row.slice(4).every((value) => Number.isFinite(Number(value))))).toBe(true);
  expect(rows.some(([, dataset, , label]) => dataset === "target" && label !== "")).toBe(false);
  expect(rows.some(([, dataset, , label]) => dataset === "source" && label === "lens")).toBe(true);
  const { runs } = json("emb", "probes.json");
  for (const { domain } of runs) {
    expect(domain).toHaveLength(1);
    expect(domain[0].low).toBeLessThanOrEqual(domain[0].auroc);
  }
  const [, ...found] = csv("emb", "neighbours.csv");
  const svg = readFileSync(at("emb", `neighbours-${id}.svg`), "utf8");
  expect(svg.match(/<image /g)).toHaveLength(2 * (1 + 4));
  // whole ids, as text, broken to a tile's width
  const lines = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, line]) => line!);
  for (const row of found) expect(lines.join("")).toContain(row[4]!);
  expect(lines).toEqual(expect.arrayContaining(["so", "adabn", "the object"]));
  expect(found).toHaveLength(2 * 4);
  expect(found.some((row) => row[4] === id)).toBe(false);
  const distances = found.slice(0, 4).map((row) => Number(row[5]));
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
});

test("a table of another program's features is drawn, probed and searched as a run is", () => {
  const ids = [...csv("emb", "embedding.csv")].slice(1).map((row) => row[2]!);
  const of = [...new Set(ids)];
  const lines = of.map((id, n) => `${id},${Math.cos(n * n * 1e-4)},${Math.sin(n * n * 1e-4)},${n % 7}`);
  writeFileSync(at("aion.csv"), `id,a,b,c\n${lines.join("\n")}\n`);
  const { stdout } = done(
    `embed source target --features aion.csv:a,aion.csv --runs so --most 40 --folds 3 --neighbours ${of[3]} --count 2 --out foreign`,
  );
  expect(stdout).toMatch(/^source: \d+ of \d+ rows have no features and are left out$/m);
  const [, ...rows] = csv("foreign", "embedding.csv");
  expect([...new Set(rows.map(([run]) => run))]).toEqual(["so", "aion.csv:a", "aion.csv"]);
  expect(rows.every(([, , id]) => of.includes(id!))).toBe(true);
  const [, ...near] = csv("foreign", "neighbours.csv");
  expect(near.filter(([run]) => run === "aion.csv")).toHaveLength(2);
  const report = readFileSync(at("foreign", "report.html"), "utf8");
  expect(report).toContain("are as other programs made them");
  writeFileSync(at("none.csv"), "id,a\nx,1\n");
  refused(
    /none\.csv: has features of none of the \d+ rows of source/,
    "embed source target --features none.csv --out x",
  );
  refused(/embed: needs --runs, --features or both/, "embed source target --out x");
});

test("test labels stay sealed where a dataset is named as labelled; the source's own network may stay", () => {
  done(
    "embed source target --runs adabn --source-run so --labelled target --projection pca --most 40 --folds 2 --out pair",
  );
  done("score target so --splits test --out test.csv");
  const sealed = new Set(
    csv("test.csv")
      .slice(1)
      .map(([id]) => id),
  );
  expect(sealed.size).toBeGreaterThan(3);
  const rows = csv("pair", "embedding.csv").slice(1);
  const ofTarget = rows.filter(([, dataset]) => dataset === "target");
  for (const [, , id, label] of ofTarget) expect(label === "", id).toBe(sealed.has(id!));
  expect(rows.filter(([, dataset]) => dataset === "source").every((row) => row[3] === "")).toBe(true);
});

test("what can't be embedded is refused in one line", () => {
  refused(
    /id must be one of its 192 ids.*got "nobody"/,
    "embed source target --runs so --neighbours nobody --out no",
  );
  refused(
    /labelled must be some of source, target, got "elsewhere"/,
    "embed source target --runs so --labelled elsewhere --out no",
  );
  refused(/of 20 groups or more/, "embed source target --runs so --most 15 --folds 20 --out no");
  expect(existsSync(at("no"))).toBe(false);
});
