/** A bit that flipped in a dataset or a model is noticed by every command that reads it. Commands run in this process. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandRunner } from "../../src/cli/run-command.ts";
import { MODEL_FILE } from "../../src/train/model.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

slow("runs every command, and makes runs for them");

const folder = folderWith("source", "target", "pictures", "so");
const at = (...parts: string[]) => join(folder, ...parts);
const run = commandRunner(COMMANDS);

function flip(file: string, offset: (length: number) => number): void {
  const bytes = readFileSync(file);
  bytes[offset(bytes.length)]! ^= 4;
  writeFileSync(file, bytes);
}

beforeAll(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  for (const name of ["source", "target", "pictures"]) {
    cpSync(at(name), at(`bad-${name}`), { recursive: true });
    flip(at(`bad-${name}`, "images-00000.npy"), (length) => length - 40);
  }
  cpSync(at("so"), at("bad-so"), { recursive: true });
  flip(at("bad-so", MODEL_FILE), (length) => length - 40);
  const spec = { source: at("source"), target: at("bad-target"), out: at("compared") };
  const methods = "methods: { source-only: , adda: }\nencoders: { small: { encoder: cnn } }\nseeds: [0]\n";
  const lines = Object.entries(spec).map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(at("spec.yaml"), lines.join("") + methods);
  writeFileSync(at("any.csv"), "id,score\na,1\n");
  writeFileSync(at("search.yaml"), "scores: any.csv\ndataset: bad-target\n");
});
afterAll(() => {
  vi.restoreAllMocks();
});

const so = at("so");
const [source, target] = [at("source"), at("bad-target")];
const small = { encoder: "cnn", epochs: 1, batch: 16, precision: "float32" };

/** What each command that reads datasets is run with. */
const READS: Record<string, Record<string, string | number>[]> = {
  paint: [{ hosts: at("bad-pictures"), survey: "cfhtls", out: at("x") }],
  realism: [
    { simulated: at("bad-source"), real: at("target"), out: at("x") },
    { simulated: source, real: target, out: at("x") },
  ],
  split: [{ dataset: target, fractions: "0.5,0.2,0.3", out: at("x") }],
  check: [{ datasets: `${source},${target}` }],
  train: [
    { source: at("bad-source"), method: "source-only", out: at("x"), ...small },
    { source, target, method: "mcc", out: at("x"), ...small },
  ],
  compare: [{ source: at("spec.yaml") }],
  tune: [], // below: its trials are processes
  report: [{ search: folder }],
  score: [{ data: target, models: so, out: at("x.csv") }],
  cascade: [{ finder: so, data: target, out: at("x") }],
  "export-model": [{ model: so, int8: at("x.onnx"), calibrate: at("bad-source") }],
  inspect: [{ dataset: target, out: at("x") }],
  evaluate: [{ inputs: so, data: target, out: at("x") }],
  selection: [
    { injected: at("bad-source"), finders: so, out: at("x") },
    { injected: at("bad-pictures"), finders: so, survey: "cfhtls", paint: 2, out: at("x") },
  ],
  threshold: [{ input: so, data: at("bad-source"), out: at("x.json") }],
  prevalence: [
    { model: so, source: at("bad-source"), target: at("target") },
    { model: so, source, target },
  ],
  explain: [
    { data: target, run: so, out: at("x") },
    { data: at("bad-source"), run: so, sanity: "true", out: at("x") },
  ],
  probe: [{ target, model: so, graded: at("any.csv"), gradedSoft: "lens", out: at("x") }],
  embed: [{ data: `${source},${target}`, runs: so, out: at("x") }],
};

/** Commands that read no dataset, but for `demo`, which runs others. */
const OTHERS = [
  ...[
    "demo",
    "setup",
    "doctor",
    "simulate",
    "survey-from",
    "import",
    "fetch",
    "detect",
    "cutouts",
    "export",
    "jobs",
  ],
  ...["methods", "encoders", "surveys", "recipes", "finders"],
  ...["select", "estimate", "combine", "grades"],
];

test("every command is known to read datasets or not to", () => {
  expect(COMMANDS.map(({ name }) => name).sort()).toEqual([...Object.keys(READS), ...OTHERS].sort());
});

const cases = Object.entries(READS).flatMap(([name, list]) => list.map((flags, k) => ({ name, k, flags })));

test.each(cases)("$name ($k) refuses a dataset with a flipped bit", async ({ name, flags }) => {
  await expect(run(name, flags)).rejects.toThrow(
    /bad-.*images-00000\.npy: is damaged: image \d+ \(.+\) is not the one that was written|bad-target: has changed since it was written/,
  );
});

test("tune's trials refuse it, and tune says why", () => {
  writeFileSync(at("base.yaml"), "epochs: 1\nbatch: 16\nprecision: float32\n");
  const line =
    "tune source bad-target --method mcc --encoder cnn --base base.yaml --trials 2 --rungs 1 --jobs 1 --out t";
  const { status, stdout, stderr } = commandLine(folder).arclet(line);
  expect(stdout + stderr).toMatch(/bad-target.images-00000\.npy: is damaged: image \d+/);
  expect(status).toBe(2);
});

const bad = at("bad-so");
test.each<[string, Record<string, string | number>]>([
  ["score", { data: at("target"), models: bad, out: at("x.csv") }],
  ["evaluate", { inputs: bad, data: at("target"), out: at("x") }],
  ["selection", { injected: at("target"), finders: bad, out: at("x") }],
  ["threshold", { input: bad, data: source }],
  ["prevalence", { model: bad, source, target: at("target") }],
  ["explain", { data: at("target"), run: bad, out: at("x") }],
  ["embed", { data: `${source},${at("target")}`, runs: bad, out: at("x") }],
  ["realism", { simulated: source, real: at("target"), model: bad, out: at("x") }],
  ["train", { source, target: at("target"), from: bad, method: "adabn", out: at("x") }],
])("%s refuses a model with a flipped bit", async (name, flags) => {
  await expect(run(name, flags)).rejects.toThrow(
    /bad-so\/model\.safetensors: is damaged: its content is not what was written/,
  );
});
