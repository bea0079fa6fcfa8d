/** A run's training as pictures, from the curves and the log that a real run leaves. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trainingFigures } from "../../src/reports/training-figures.ts";
import { CURVES_FILE, readCurves } from "../../src/train/curves.ts";
import { CONFIG_FILE } from "../../src/train/run.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

const { path, remove } = temporaryFolder();
const run = join(path, "run");

beforeAll(async () => {
  const [source, target] = [await writeSource(path), await writeTarget(path)];
  await train(configOf({ source, target, out: run }));
});
afterAll(remove);

const named = (suffix: string) => trainingFigures(run).find(({ file }) => file.endsWith(suffix))!;
const texts = (svg: string) =>
  [...parseHTML(`<body>${svg}</body>`).document.querySelectorAll("text")].map((node) => node.textContent);
const points = (svg: string) =>
  parseHTML(`<body>${svg}</body>`).document.querySelectorAll('g[aria-label="dot"] circle').length;

test("a run has four pictures: losses, rates, the learning rate and validators", () => {
  const kinds = trainingFigures(run).map(({ title }) => title.split(":")[0]);
  expect(kinds).toEqual(["Losses", "Rates", "Learning rate", "Validators"]);
  expect(texts(named("-losses").svg)).toEqual(expect.arrayContaining(["loss", "lossD", "lossM", "epoch →"]));
  expect(named("-losses").caption).toContain(" lossD: the discriminator's cross-entropy of the domains.");
  expect(texts(named("-rates").svg)).toEqual(
    expect.arrayContaining(["accuracy", "sourceFound", "targetFound"]),
  );
});

test("a run of an older Arclet, which wrote down no declarations, is drawn by those of its method", () => {
  const path = join(run, CONFIG_FILE);
  const text = readFileSync(path, "utf8");
  const config = JSON.parse(text);
  expect(config.resolved.numbers.sourceFound).toMatchObject({ kind: "share", discriminated: "source" });
  const now = trainingFigures(run);
  delete config.resolved.numbers;
  writeFileSync(path, JSON.stringify(config));
  expect(trainingFigures(run)).toEqual(now);
  writeFileSync(path, text);
});

test("a line has the points of its curve, and the chosen epoch is marked", () => {
  const curves = readCurves(run);
  expect(points(named("-learning-rate").svg)).toBe(curves.length);
  expect(curves.length).toBeGreaterThan(8);
  expect(texts(named("-validators").svg)).toContain("chosen");
  expect(named("-validators").caption).toMatch(/ chose epoch \d/);
});

test("a broken curve is refused by its line", () => {
  const lines = readCurves(run).length;
  appendFileSync(join(run, CURVES_FILE), "{}\n");
  expect(() => trainingFigures(run)).toThrow(`${CURVES_FILE} line ${lines + 1}: is not a point of a curve`);
});

test("an older run without curves is drawn by epochs", () => {
  rmSync(join(run, CURVES_FILE));
  expect(trainingFigures(run)).toHaveLength(4);
  // Two epochs on the source and two of adapting, each one point.
  expect(points(named("-learning-rate").svg)).toBe(4);
  expect(named("-losses").caption).toContain("Mean of each epoch.");
});
