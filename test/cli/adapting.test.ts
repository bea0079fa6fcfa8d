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
}, 240_000);

test("train lists every preprocessing, and refuses to change a starting model's", () => {
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
  refused(
    /of-flux.*brings its own preprocessing, stretch.scale must be left out/,
    `train flux coarse ${SMALL.replace("source-only", "adda")} --from of-flux --out x --stretch.scale 2`,
  );
  expect(existsSync(join(folder, "x"))).toBe(false);
}, 180_000);

test("flux is scored by a model of pictures as its survey's composites, to the same scores as the pictures", () => {
  refused(/has pixels flux.*--display humvi/, "score flux of-pictures --out x.csv");
  const { stdout } = done("score flux of-pictures --display humvi --out composed.csv");
  expect(stdout).toContain("of-pictures: humvi composites of i, r, g are made from the flux");
  done("score pictures of-pictures --out pictures.csv");
  expect(scores("composed.csv")).toEqual(scores("pictures.csv"));
}, 180_000);

test("surplus bands are dropped, other pixels resampled where it is asked for", () => {
  refused(/pixel scale of 0\.2 arcsec.*0\.187.*--resample/, "score lsst of-flux --out x.csv");
  const { stdout } = done("score lsst of-flux --resample --out lsst.csv");
  expect(stdout).toMatch(
    /of-flux: images are resampled from 32 × 32 pixels of 0.2 arcsec to their middle 24 × 24/,
  );
  expect(stdout).toMatch(/of-flux: bands u, g, r, i, z, y are taken as g, r, i \(u, z, y dropped\)/);
  expect(scores("lsst.csv")).toHaveLength(12);
}, 180_000);

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
}, 180_000);
