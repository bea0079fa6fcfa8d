/** Models on data that they were not made for, through the command line. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-adapting-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);

const SMALL = "--method source-only --encoder cnn --cnn.widths 4,8 --batch 16 --epochs 1 --precision float32";
const scores = (name: string) =>
  readFileSync(join(folder, name), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map((value, i) => (i < 2 ? value : Number(value))));

beforeAll(() => {
  const cfhtls = "--survey cfhtls --size 24";
  done(`simulate pictures ${cfhtls} --count 40`);
  done(`simulate flux ${cfhtls} --count 40 --pixels flux`);
  done("simulate lsst --survey lsst --size 32 --count 12 --pixels flux --seed 1");
  done(
    "simulate coarse --survey cfhtls --pixel-scale 0.25 --size 24 --count 24 --seed 2 --test-fraction 0.5",
  );
  done(`train pictures ${SMALL} --out of-pictures --preprocess unit`);
  done(`train flux ${SMALL} --out of-flux --preprocess log`);
}, 120_000);

test("train lists every preprocessing, and refuses what does not suit the pixels", () => {
  const help = done("train --help").stdout.replace(/\s+/g, " ");
  for (const kind of [
    "unit",
    "standardise",
    "minmax",
    "minmax-log",
    "asinh",
    "log",
    "zscale",
    "lupton",
    "humvi",
  ])
    expect(help).toMatch(new RegExp(`[ (]${kind}( \\((flux|display)\\))?: `));
  refused(/kind must be other than log for display/, `train pictures ${SMALL} --out x --preprocess log`);
  refused(
    /stretch.q must be left out with log/,
    `train flux ${SMALL} --out x --preprocess log --stretch.q 2`,
  );
  refused(
    /of-flux.*brings its own preprocessing, stretch.scale must be left out/,
    `train flux coarse ${SMALL.replace("source-only", "adda")} --from of-flux --out x --stretch.scale 2`,
  );
  expect(existsSync(join(folder, "x"))).toBe(false);
}, 60_000);

test("flux is scored by a model of pictures as its survey's composites, to the same scores as the pictures", () => {
  refused(/has pixels flux.*--display humvi/, "score flux of-pictures --out x.csv");
  const { stdout } = done("score flux of-pictures --display humvi --out composed.csv");
  expect(stdout).toContain("of-pictures: humvi composites of i, r, g are made of the flux");
  done("score pictures of-pictures --out pictures.csv");
  expect(scores("composed.csv")).toEqual(scores("pictures.csv"));
  done("score flux of-pictures --display lupton --stretch.stretch 40 --out lupton.csv");
  expect(scores("lupton.csv")).not.toEqual(scores("pictures.csv"));
  refused(/can't be undone: import the flux/, "score pictures of-flux --out x.csv");
}, 60_000);

test("surplus bands are dropped, other pixels resampled where it is asked for", () => {
  refused(/pixel scale of 0\.2 arcsec.*0\.187.*--resample/, "score lsst of-flux --out x.csv");
  const { stdout } = done("score lsst of-flux --resample --out lsst.csv");
  expect(stdout).toMatch(
    /of-flux: images are resampled from 32 × 32 pixels of 0.2 arcsec to their middle 24 × 24/,
  );
  expect(stdout).toMatch(/of-flux: bands u, g, r, i, z, y are taken as g, r, i \(u, z, y dropped\)/);
  expect(scores("lsst.csv")).toHaveLength(12);
}, 60_000);

test("a model trained on composites of flux takes flux, and knows its bands by name", () => {
  done(`train flux ${SMALL} --out of-humvi --preprocess humvi`);
  const { stdout } = done("score lsst of-humvi --resample --out humvi.csv");
  expect(stdout).toMatch(/bands u, g, r, i, z, y are taken as g, r, i/);
  expect(scores("humvi.csv")).toHaveLength(12);
}, 60_000);

test("evaluate adapts as score does, and refuses before the seal is opened", () => {
  const seal = join(folder, "coarse", "seal.jsonl");
  refused(
    /coarse.*pixel scale of 0\.25|pixel scale of 0\.25.*--resample/,
    "evaluate of-pictures --data coarse --out x",
  );
  expect(existsSync(seal)).toBe(false);
  const { stdout } = done("evaluate of-pictures --data coarse --resample --out judged");
  expect(stdout).toMatch(/of-pictures: images are resampled from 24 × 24 pixels of 0.25 arcsec/);
  expect(readFileSync(seal, "utf8").trimEnd().split("\n")).toHaveLength(1);
}, 60_000);

test("images that cover too little are refused with what to do", () => {
  done("simulate small --survey cfhtls --size 16 --count 8 --seed 3");
  refused(
    /16 × 16 pixels of 0.187 arcsec.*24 × 24 of 0.187: cut larger ones/,
    "score small of-pictures --resample",
  );
}, 60_000);

test("the seed's preset trains on images scaled to [0, 1] with the seed's views, told in config.json", () => {
  done(`train pictures ${SMALL} --preset seed --warmup 0 --out seeded`);
  const { values } = JSON.parse(readFileSync(join(folder, "seeded", "config.json"), "utf8"));
  const view = { flips: true, flipChance: 0.25, rotations: false, window: 0.5, windowChance: 0.5 };
  expect(values).toMatchObject({ preprocess: "minmax", weak: view, strong: { ...view, noise: 0.1 } });
}, 60_000);
