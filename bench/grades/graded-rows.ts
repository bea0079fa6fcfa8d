/**
 * What graded rows are worth, by their number and by how they are chosen. run.sh beside it makes the data and calls this in
 * their folder; the same command resumes it, and leaves `graded-rows.csv`, `graded-rows.svg` and the tables of
 * docs/results/graded-rows.md on the terminal.
 *
 *   graded-rows.ts SEEDS CELLS
 *
 * A seed has a pool of its own, of which rows are graded by their truth; one sealed test judges all. Every epoch's network is
 * judged on it as well, so that the validators' choices can be compared with the best.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Dataset, openDataset } from "../../src/dataset/dataset.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { auroc, recallAtFpr } from "../../src/evaluate/ranking.ts";
import { line } from "../../src/foundation/command-line.ts";
import { readJson, writeFileWhole } from "../../src/foundation/files.ts";
import { textKey, uniformAt } from "../../src/foundation/random.ts";
import { readSafetensors } from "../../src/torch/safetensors.ts";
import { Checkpoints } from "../../src/train/checkpoint.ts";
import { readRecords } from "../../src/train/log.ts";
import { disposeAll, loadModel, type Model, readModelInfo } from "../../src/train/model.ts";
import { predictRows } from "../../src/train/predict.ts";
import { type Cell, cellsOf, FINDER, HELD_FROM, nameOf, SETTINGS, SHARED } from "./plan.ts";
import { report } from "./report.ts";
import type { Judged, Result } from "./result.ts";

const program = fileURLToPath(new URL("../../bin/arclet.mjs", import.meta.url));
const [seedsText, asked] = process.argv.slice(2) as [string, string];
const seeds = seedsText.split(",").map(Number);

/** Grades by the truth, as perfect graders would give them. */
function writeGrades(path: string, pool: Dataset, rows: readonly number[]): number {
  const labels = pool.labels(rows);
  const lens = pool.info.classes.indexOf("lens");
  writeFileSync(
    path,
    `id,grade\n${rows.map((row, i) => `${pool.ids[row]},${Number(labels[i] === lens)}\n`).join("")}`,
  );
  return labels.filter((label) => label === lens).length;
}

/** The probability of a lens, of rows. */
async function scoresOf(model: Model, domain: Dataset, rows: Int32Array): Promise<Float64Array> {
  const { classes, probabilities } = await predictRows(model, domain, rows);
  const lens = classes.indexOf("lens");
  return Float64Array.from(rows, (_, i) => probabilities[i * classes.length + lens]!);
}

async function judged(model: Model, test: Dataset): Promise<Judged> {
  const rows = test.rows();
  const lens = test.info.classes.indexOf("lens");
  const truth = Uint8Array.from(test.labels(rows), (label) => Number(label === lens));
  const ranked = rankScores(await scoresOf(model, test, rows), truth);
  return { auroc: auroc(ranked), recall: recallAtFpr(ranked, 0.01) };
}

/** Rows of a pool in the order in which they would be graded. */
function orderOf(scores: Float64Array, choice: Cell["choice"], seed: number): number[] {
  const key = (row: number) =>
    choice === "top"
      ? -scores[row]!
      : choice === "uncertain"
        ? Math.abs(scores[row]! - 0.5)
        : uniformAt(textKey(seed, "graded at random"), row);
  const keys = Float64Array.from(scores, (_, row) => key(row));
  return [...scores.keys()].sort((a, b) => keys[a]! - keys[b]!);
}

/** @returns whether it was trained; false if the grades are refused, as those of one class are */
function trained(words: readonly string[], folder: string): boolean {
  if (existsSync(join(folder, "model.safetensors"))) return true;
  const resume = existsSync(join(folder, "config.json")) ? ["--resume"] : [];
  console.log(`$ arclet ${line([...words, ...resume])}`);
  const { status, stderr } = spawnSync(process.execPath, [program, ...words, ...resume], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status === 0) return true;
  if (/both classes|too few to hold/.test(stderr)) return false;
  console.error(stderr);
  process.exit(status ?? 1);
}

/** Every epoch's network on the test. */
async function judgedEpochs(folder: string, cell: Cell, test: Dataset): Promise<Judged[]> {
  const model = loadModel(folder, "cpu");
  const part = cell.method === "adamatch" ? "trainer.average." : "trainer.network.";
  const checkpoints = new Checkpoints(folder);
  const all: Judged[] = [];
  for (const epoch of checkpoints.epochs()) {
    const { tensors } = readSafetensors(checkpoints.path(epoch));
    const own = [...tensors].filter(([name]) => name.startsWith(part));
    model.network.load(new Map(own.map(([name, value]) => [name.slice(part.length), value])));
    disposeAll(tensors.values());
    all.push(await judged(model, test));
  }
  model.network.dispose();
  return all;
}

async function resultOf(cell: Cell, pool: Dataset, scores: Float64Array, test: Dataset): Promise<Result> {
  const name = nameOf(cell);
  const started = performance.now();
  const grades = `${name}.csv`;
  const graded = cell.choice !== "none";
  const rows = graded ? orderOf(scores, cell.choice, cell.seed).slice(0, cell.rows) : [];
  const lenses = graded ? writeGrades(grades, pool, rows) : 0;
  const learned = ["--graded", grades, "--graded-positives", "grade = 1", "--graded-negatives", "grade = 0"];
  if (cell.method === "probe") return probeResult(cell, { name, learned, lenses, started, test });
  const held = cell.rows >= HELD_FROM ? ["--graded-held", "0.2"] : [];
  const run = ["train", "source", `pool-${cell.seed}`, "--method", cell.method, "--from", FINDER];
  const words = [
    ...run,
    ...(graded ? [...learned, ...held] : []),
    ...SETTINGS[cell.method],
    ...SHARED,
    ...["--seed", String(cell.seed), "--out", name],
  ];
  if (!trained(words, name)) return { ...cell, lenses, refused: true, seconds: 0, epochs: [], chosen: null };
  const truth = await judgedEpochs(name, cell, test);
  const records = readRecords(name);
  const { info } = readModelInfo(name);
  const epochs = records.map(({ validators }, k) => ({ validators, truth: truth[k]! }));
  rmSync(join(name, "checkpoints"), { recursive: true, force: true });
  const seconds = (performance.now() - started) / 1000;
  return {
    ...cell,
    lenses,
    refused: false,
    seconds,
    epochs,
    chosen: { epoch: info.epoch, by: info.chosenBy! },
  };
}

interface ProbeCell {
  name: string;
  /** Flags that say which grades are learned. */
  learned: readonly string[];
  lenses: number;
  started: number;
  test: Dataset;
}

/** A probe has no epochs to choose from. */
async function probeResult(cell: Cell, { name, learned, lenses, started, test }: ProbeCell): Promise<Result> {
  const words = [
    "probe",
    `pool-${cell.seed}`,
    FINDER,
    ...learned,
    "--seed",
    String(cell.seed),
    "--out",
    name,
  ];
  if (!trained(words, name)) return { ...cell, lenses, refused: true, seconds: 0, epochs: [], chosen: null };
  const model = loadModel(name, "cpu");
  const epochs = [{ validators: {}, truth: await judged(model, test) }];
  model.network.dispose();
  const seconds = (performance.now() - started) / 1000;
  return { ...cell, lenses, refused: false, seconds, epochs, chosen: { epoch: 1, by: "nothing" } };
}

mkdirSync("results", { recursive: true });
const test = await openDataset("test");
const starts: Judged[] = [];
const finder = loadModel(FINDER, "cpu");
starts.push(await judged(finder, test));
const results: Result[] = [];
const ofPools = new Map<number, { pool: Dataset; scores: Float64Array }>();
for (const seed of seeds) {
  const pool = await openDataset(`pool-${seed}`);
  ofPools.set(seed, { pool, scores: await scoresOf(finder, pool, pool.rows()) });
}
finder.network.dispose();
for (const cell of cellsOf(seeds, asked)) {
  const file = join("results", `${nameOf(cell)}.json`);
  if (!existsSync(file)) {
    const { pool, scores } = ofPools.get(cell.seed)!;
    const result = await resultOf(cell, pool, scores, test);
    writeFileWhole(file, `${JSON.stringify(result, null, 1)}\n`);
    const last =
      result.chosen === null ? "refused" : result.epochs[result.chosen.epoch - 1]!.truth.auroc.toFixed(3);
    console.log(`${nameOf(cell)}: ${result.lenses} lenses, AUROC ${last}, ${result.seconds.toFixed(0)} s`);
  }
  results.push(readJson(file) as Result);
}
report(starts[0]!, results);
