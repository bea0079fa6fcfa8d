import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TrainConfig } from "../../src/train/config.ts";
import { LOG_FILE } from "../../src/train/log.ts";
import { LAST_MODEL_FILE, MODEL_FILE } from "../../src/train/model.ts";
import { CONFIG_FILE } from "../../src/train/run.ts";
import { train } from "../../src/train/train.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

slow("starts programs that train, and kills them");

const folder = temporaryFolder();
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path);
  await train(config("whole"));
});
afterAll(folder.remove);

/** Three steps per epoch, two epochs per phase; dropout, weak views and moving statistics all at work. */
const config = (out: string, flags: Record<string, unknown> = {}): TrainConfig =>
  configOf({ source, target, out: join(folder.path, out), "adda.batchNorm": "target", seed: 4, ...flags });

function stopped(values: TrainConfig, signal: string, step: number) {
  const file = `${values.out}.json`;
  writeFileSync(file, JSON.stringify(values));
  const child = join(import.meta.dirname, "child.mjs");
  return spawnSync("node", [child, file, signal, String(step)], { encoding: "utf8" });
}

const MODELS = [MODEL_FILE, LAST_MODEL_FILE];
const bytesOf = (run: string, file: string) => readFileSync(join(folder.path, run, file));
const logOf = (run: string) =>
  readFileSync(join(folder.path, run, LOG_FILE), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: 0, dataShare: 0 }));

/** Models to the last byte, metadata included, and the log except its times. */
function sameRun(run: string, as: string): void {
  for (const file of MODELS) expect(bytesOf(run, file).equals(bytesOf(as, file)), file).toBe(true);
  expect(logOf(run)).toEqual(logOf(as));
}

test("the log has one line per epoch, phase by phase", () => {
  expect(logOf("whole").map(({ epoch, phase, step }) => [epoch, phase, step])).toEqual([
    [1, "source", 3],
    [2, "source", 6],
    [3, "adapt", 4],
    [4, "adapt", 8],
  ]);
});

test.each([
  ["source", 6],
  ["adapt", 14],
])("a run killed in phase %s resumes to the same bits as one that was left alone", async (phase, step) => {
  const name = `killed-${phase}`;
  const child = stopped(config(name), "SIGKILL", step);
  expect(child.signal, child.stdout + child.stderr).toBe("SIGKILL");
  expect(existsSync(join(folder.path, name, MODEL_FILE))).toBe(false);
  await train({ ...config(name), resume: true });
  sameRun(name, "whole");
});

test("Ctrl-C in the middle of an epoch saves it; the resumed run is the same to the last bit", async () => {
  const child = stopped(config("interrupted"), "SIGINT", 14);
  expect(child.status, child.stderr).toBe(130);
  expect(child.stdout).toContain("interrupted: ");
  expect(child.stdout).toContain("is saved; the same command with --resume continues");
  const checkpoints = join(folder.path, "interrupted", "checkpoints");
  expect(readdirSync(checkpoints)).toContain("unfinished.safetensors");
  await train({ ...config("interrupted"), resume: true });
  expect(readdirSync(checkpoints)).not.toContain("unfinished.safetensors");
  sameRun("interrupted", "whole");
});

// Events run once at the start, twice for each dataset that is verified, and in an epoch of the source three times for its
// steps and twice for its validation; 23 times in all, and once for each model's calibration.
test.each([
  ["before the first step", 6],
  ["while an epoch is validated", 8],
  ["while a model is calibrated", 24],
])("Ctrl-C %s is heard, and loses nothing", async (_, step) => {
  const name = `heard-${step}`;
  const child = stopped(config(name), "SIGINT", step);
  expect(child.status, child.stderr).toBe(130);
  expect(existsSync(join(folder.path, name, MODEL_FILE))).toBe(false);
  await train({ ...config(name), resume: true });
  sameRun(name, "whole");
});

test("a run that chose its precision by time keeps the choice, whatever would be chosen now", async () => {
  const auto = config("chosen", { precision: "auto" });
  expect(stopped(auto, "SIGKILL", 8).signal).toBe("SIGKILL");
  const file = join(folder.path, "chosen", CONFIG_FILE);
  const run = JSON.parse(readFileSync(file, "utf8"));
  const other = run.resolved.precision === "float32" ? "bfloat16" : "float32";
  writeFileSync(file, JSON.stringify({ ...run, resolved: { ...run.resolved, precision: other } }));
  const said: string[] = [];
  await train({ ...auto, resume: true }, {}, { say: (line) => said.push(line) });
  expect(said.filter((line) => line.startsWith("precision"))).toEqual([]);
  expect(JSON.parse(readFileSync(file, "utf8")).resolved.precision).toBe(other);
});

test("resuming a finished run changes nothing", async () => {
  const before = MODELS.map((file) => bytesOf("whole", file));
  await train({ ...config("whole"), resume: true });
  MODELS.forEach((file, i) => {
    expect(bytesOf("whole", file).equals(before[i]!)).toBe(true);
  });
});

test("resuming with another configuration is refused, naming the first key that differs", async () => {
  const other = (flags: Record<string, unknown>) => train({ ...config("whole", flags), resume: true });
  await expect(other({ lr: 0.02 })).rejects.toThrow(/whole: was trained with lr 0.01, now 0.02$/);
  await expect(other({ "adda.beta1": 0.9 })).rejects.toThrow(/was trained with adda.beta1 0.5, now 0.9$/);
  const elsewhere = await writeTarget(folder.path, { name: "elsewhere", offset: 20 });
  await expect(other({ target: elsewhere })).rejects.toThrow(
    /whole: was trained with another target: target \(.*target\), now elsewhere \(.*elsewhere\)$/,
  );
});

test("on resuming, a key that an older Arclet did not have must be at its default", async () => {
  const older = config("older");
  await train(older);
  const path = join(folder.path, "older", CONFIG_FILE);
  const run = JSON.parse(readFileSync(path, "utf8"));
  delete run.values.labelSmoothing;
  writeFileSync(path, JSON.stringify(run));
  await train({ ...older, resume: true });
  await expect(
    train({ ...older, labelSmoothing: 0.1, resume: true }, { labelSmoothing: "flag" }),
  ).rejects.toThrow(/older: was trained with labelSmoothing not given, now 0.1/);
});

test("a folder that is not empty, and on resuming one without a run, are refused", async () => {
  await expect(train(config("whole"))).rejects.toThrow("out must be a new or empty folder");
  await expect(train({ ...config("nothing"), resume: true })).rejects.toThrow("config.json: no such file");
});
