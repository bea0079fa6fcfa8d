/** Comparisons and tunings in shards, by the command line: the tables of one program, however the runs were divided. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, environment, program, words } from "./arclet.ts";

slow("trains runs in processes of their own");

const folder = folderWith("source", "target");
const at = (...names: string[]) => join(folder, ...names);

/** `arclet` in a folder of its own, in which paths are the same. */
function aside(name: string) {
  mkdirSync(at(name));
  for (const need of ["source", "target"]) cpSync(at(need), at(name, need), { recursive: true });
  const path = (...names: string[]) => at(name, ...names);
  return {
    ...commandLine(at(name)),
    path,
    text: (...names: string[]) => readFileSync(path(...names), "utf8"),
  };
}

/** Starts a command, and kills it once something is so. */
async function killedOnce(cwd: string, line: string, isSo: () => boolean): Promise<void> {
  const child = spawn("node", [program, ...words(line)], { cwd, env: environment(), stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  while (!isSo() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(child.exitCode, "it ended before it was killed").toBeNull();
  child.kill("SIGKILL");
  await ended;
}

/** A table of commas without a column. */
const without = (column: string, text: string): string[][] => {
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  const k = rows[0]!.indexOf(column);
  expect(k).toBeGreaterThanOrEqual(0);
  return rows.map((row) => row.filter((_, i) => i !== k));
};

const COMPARE =
  "compare source target --methods adabn --base base.yaml --seeds 0,1,2 --ensembles mean --parallel 2 --out cmp";
const SHARED = "epochs: 1\nbatch: 16\nprecision: float32\ncnn.widths: [4, 8]\n";

const LINE = `${COMPARE} --encoders cnn`;
let one: ReturnType<typeof aside>;

beforeAll(() => {
  one = aside("one");
  writeFileSync(one.path("base.yaml"), SHARED);
  one.done(LINE);
  expect(without("seconds", one.text("cmp", "table.csv"))).toHaveLength(1 + 6 * 2 + 2);
});

/** A run takes other times, and is the same in all else. */
function expectAsOne({ text, path }: ReturnType<typeof aside>): void {
  expect(without("seconds", text("cmp", "table.csv"))).toEqual(
    without("seconds", one.text("cmp", "table.csv")),
  );
  expect(text("cmp", "differences.csv")).toBe(one.text("cmp", "differences.csv"));
  const runs = readdirSync(path("cmp")).filter((name) => existsSync(path("cmp", name, "scores")));
  expect(runs).toHaveLength(6);
  for (const run of runs)
    expect(readFileSync(path("cmp", run, "scores", "test-chosen.npy"))).toEqual(
      readFileSync(one.path("cmp", run, "scores", "test-chosen.npy")),
    );
  expect(text("target", "seal.jsonl").trimEnd().split("\n")).toHaveLength(1);
  expect(existsSync(path("cmp.shards"))).toBe(false);
}

test("compare: runs in two shards give the tables of one program", () => {
  const two = aside("two");
  writeFileSync(two.path("base.yaml"), SHARED);
  two.done(`${LINE} --shards 2`);
  expectAsOne(two);
});

test("compare: runs in five shards, one killed and made again, give the tables of one program", async () => {
  const five = aside("five");
  writeFileSync(five.path("base.yaml"), SHARED);
  // Three source-only runs in shards 1 to 3, and three that start from them in 4 and 5.
  five.refused(
    /cmp\.shards: shard 4 goes on from what shards 1-3 make, of which 1-3 are absent; make these first/,
    `${LINE} --shard 4/5`,
  );
  const trained = () =>
    existsSync(five.path("cmp")) &&
    readdirSync(five.path("cmp")).some((name) => existsSync(five.path("cmp", name, "model.safetensors")));
  five.done(`${LINE} --shard 1/5`);
  const before = readdirSync(five.path("cmp")).filter((name) => name.endsWith(".json"));
  await killedOnce(five.path(), `${LINE} --shard 2/5`, () =>
    readdirSync(five.path("cmp")).some(
      (name) => name.endsWith(".log") && !before.includes(name.replace(/log$/, "json")),
    ),
  );
  expect(trained()).toBe(true);
  five.done(`${LINE} --shard 2/5`);
  for (const k of [3, 5]) five.done(`${LINE} --shard ${k}/5`);
  five.refused(/cmp\.shards: 1 of 5 shards are absent \(4\)/, `${LINE} --shards 5 --merge`);
  expect(five.done(`${LINE} --shards 5`).stdout).toContain("cmp/report.html");

  expectAsOne(five);
});

test("compare: more shards than runs, and flags of other work, are refused; a changed dataset is noticed", () => {
  const { done, refused, path, text } = aside("refusing");
  writeFileSync(path("base.yaml"), SHARED);
  const line = COMPARE.replace("0,1,2", "0").replace("adabn", "source-only");
  refused(/--shards must be at most 1, for 1 runs/, `${line} --encoders cnn --shards 2`);
  refused(
    /compare: --dry-run must be left out in divided work/,
    `${line} --encoders cnn --shards 1 --dry-run`,
  );
  // With an oracle, training needs the opened test: it is opened once, for the shards and what joins them.
  done(`${line.replace("--out cmp", "--out with-oracle")} --encoders cnn --oracle --shards 1`);
  expect(text("with-oracle", "table.csv")).toContain("oracle");
  expect(text("target", "seal.jsonl").trimEnd().split("\n")).toHaveLength(1);
  done(`${line} --encoders cnn --shard 1/1`);
  refused(
    /plan\.json: was made with seeds \[0\], now \[1\]; remove cmp\.shards/,
    `${line.replace("--seeds 0", "--seeds 1")} --encoders cnn --shards 1`,
  );
  const info = path("target", "dataset.json");
  writeFileSync(info, text("target", "dataset.json").replace(/"contentHash": "..../, '"contentHash": "0000'));
  refused(/plan\.json: target has changed since \(.+, now 0000/, `${line} --encoders cnn --shards 1`);
});

const TUNE =
  "tune source target --method adabn --encoder cnn --base base.yaml --vary batch=8|16,lr=1e-4..1e-2 --trials 4 --eta 2 " +
  "--rungs 2 --jobs 2 --out tuned";

test("tune: trials in shards, a rung after the other, give the tables of one program", async () => {
  const [undivided, five] = [aside("tune-1"), aside("tune-5")];
  for (const { path } of [undivided, five])
    writeFileSync(path("base.yaml"), SHARED.replace("epochs: 1", "epochs: 2").replace("batch: 16\n", ""));
  const line = TUNE.replace("adabn", "source-only");
  undivided.done(line);
  // Four trials of an epoch in shards 1 to 3, the better two of two epochs in 4 and 5.
  await killedOnce(five.path(), `${line} --shard 3/5`, () => existsSync(five.path("tuned")));
  five.refused(/shard 5 goes on from what shards 1-3 make/, `${line} --shard 5/5`);
  for (const k of [3, 1, 2, 5]) five.done(`${line} --shard ${k}/5`);
  expect(five.done("jobs tuned").stdout).toMatch(/arclet tune, 5 shards: 4 done, 1 absent/);
  expect(five.done(`${line} --shards 5`).stdout).toMatch(/best trial \d/);
  const trials = without("seconds", undivided.text("tuned", "trials.csv"));
  expect(trials).toHaveLength(1 + 4 + 2);
  expect(without("seconds", five.text("tuned", "trials.csv"))).toEqual(trials);
  expect(five.text("tuned", "best.json")).toBe(undivided.text("tuned", "best.json"));
});
