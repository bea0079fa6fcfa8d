/** `arclet train`: what a run leaves, and what is refused before it begins. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folderWith, SMALL } from "../tiny/runs.ts";
import { writeSkies } from "../tiny/skies.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "adda", "flux", "of-flux");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);

test("a run's folder holds its configuration, log, models and where each value came from", () => {
  const { origin } = JSON.parse(readFileSync(at("adda", "config.json"), "utf8"));
  expect(origin).toMatchObject({ "adda.epochs": "flag", "adda.lr": "default" });
  for (const name of ["log.jsonl", "model.safetensors", "model-last.safetensors", "checkpoints"])
    expect(existsSync(at("adda", name))).toBe(true);
});

test("what can't be used is refused in one line that names it", () => {
  refused(/nowhere.*no such file or folder/, "train nowhere --method source-only --out x");
  refused(/target.*given/, `train source --out x ${SMALL}`);
  refused(/out.*new or empty folder/, `train source --method source-only --out so ${SMALL}`);
  refused(/seed 0, now 5/, `train source --method source-only --out so ${SMALL} --seed 5 --resume`);
  expect(existsSync(at("x"))).toBe(false);
});

test("a source whose objects are in the target too is refused", () => {
  cpSync(at("source"), at("again"), { recursive: true });
  refused(/both|shared|sim-hsc/, `train source again --out x ${SMALL}`);
});

test("every preprocessing is listed, and a starting model's can't be changed", () => {
  const help = done("train --help-all").stdout.replace(/\s+/g, " ");
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
    /of-flux.*has its own preprocessing, so stretch.scale must be left out/,
    `train flux target ${SMALL} --method adda --from of-flux --out x --stretch.scale 2`,
  );
  expect(existsSync(at("x"))).toBe(false);
});

test("sidda warms up on the source, then aligns, and its epoch can be chosen by mixed images", () => {
  done(`train source target ${SMALL} --method sidda --sidda.epochs 2 --select mixval --out sidda`);
  const log = readFileSync(at("sidda", "log.jsonl"), "utf8").trimEnd().split("\n");
  const records = log.map((line) => JSON.parse(line)).filter(({ validators }) => validators !== undefined);
  expect([...new Set(records.map(({ phase }) => phase))]).toEqual(["source", "adapt"]);
  for (const { phase, train, validators } of records) {
    expect(validators.mixval).toBeGreaterThanOrEqual(0);
    expect(validators.mixval).toBeLessThanOrEqual(1);
    if (phase === "adapt")
      expect(train).toMatchObject({ sinkhorn: expect.any(Number), sigma: expect.any(Number) });
  }
  refused(
    /sidda\.blur must be a number, > 0, got "0"/,
    `train source target ${SMALL} --method sidda --sidda.blur 0 --out x`,
  );
});

test("bands go by name: a source in i, r, g and a target in g, r, i train, in the source's order", () => {
  done(
    "simulate like-target --like flux --survey cfhtls --bands i,r,g --count 60 --val-fraction 0.4 --seed 9",
  );
  const { stdout } = done(`train like-target flux ${SMALL} --method adabn --out by-name`);
  expect(stdout).toMatch(/by-name\/model\.safetensors: epoch/);
  done("score flux by-name --out by-name.csv");
  expect(readFileSync(at("by-name.csv"), "utf8").trimEnd().split("\n")).toHaveLength(41);
});

test("what source and target don't have in common is named with the way out, without a word of a model", () => {
  const way = "arclet simulate … --like target makes a source that fits it";
  refused(
    new RegExp(`target: has display pixels, the source flux has flux pixels; ${way}`),
    `train flux target ${SMALL} --method adda --out x`,
  );
  done("simulate two --pixels flux --bands g,i --count 40 --size 24");
  refused(
    /two: has the bands g, i, the source flux has .*r.*: r is missing \(bands go by name\); arclet simulate … --like two/,
    `train flux two ${SMALL} --method adda --out x`,
  );
});

describe("a sky position that source and target share", () => {
  const train = "train skies leaky --method source-only --encoder cnn --epochs 1 --batch 8";
  beforeAll(async () => {
    await writeSkies(folder, "skies", 0);
    await writeSkies(folder, "leaky", 400, { 0: { ra: 50, dec: 1 / 3600 } });
  });

  test("is refused, with what helps", () => {
    refused(
      /leaky \(leaky\): shares a sky position \(1\.00 arcsec apart\): skies-5 in .*--allow-leak/,
      `${train} --out refused`,
    );
  });

  test("marks the run with --allow-leak", () => {
    const said = done(`${train} --allow-leak --out marked`).stdout;
    expect(said).toMatch(/warning: .*1 by position.*the result is marked/);
    const run = JSON.parse(readFileSync(at("marked", "config.json"), "utf8"));
    expect(run.leak).toMatchObject({ shared: { position: 1 }, first: expect.stringContaining("skies-5") });
  });
});
