/** Two ranks are one process with the same batch: for every method, through the command line. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { rankBackends } from "../../src/torch/ranks.ts";
import { readModelInfo } from "../../src/train/model.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";
import { apart, asRanks } from "./ranks.ts";

const folder = folderWith("source", "target");
const { done } = commandLine(folder);

const SHORT =
  "--preset paper --batch 16 --epochs 1 --steps-per-epoch 2 --adapt-steps 2 --precision float32 --head.width 16";
const LENET = "--encoder lenet --lenet.widths 4,8";
const CNN = "--encoder cnn --cnn.widths 4,8";
const GRADES = "--graded grades.csv --graded-positives grade>=2 --graded-negatives grade<=0.7";

/** What a method is run on. */
function lineOf(name: string, encoder: string): string {
  const { needsTarget, graded } = methods.find(name);
  const target = needsTarget || graded === "needed" ? " target" : "";
  const own = graded === "no" ? "" : ` ${GRADES} --graded-batch 5`;
  const epochs = target === "" ? "" : ` --${name}.epochs 1`;
  const batch = target === "" || name === "fine-tune" ? "" : ` --${name}.batch 16`;
  return `train source${target} --method ${name} ${SHORT} ${encoder}${own}${epochs}${batch}`;
}

const everyMethod = methods.list.map(({ name }) => name).filter((name) => name !== "adabn");
/** Whose batch norm sees domains together, apart, by a pass of its own, in three passes, and without gradients. */
const normed = ["source-only", "dann", "adda", "self-ensembling", "adamatch", "fine-tune", "adabn"];

const lenet = everyMethod.map((name) => ({ run: `lenet-${name}`, line: lineOf(name, LENET) }));
const cnn = normed.map((name) => ({ run: `cnn-${name}`, line: `${lineOf(name, CNN)}${norms(name)}` }));

/** The same lines by one process, one after the other, and by two ranks, with more lines for these. */
async function byOneAndTwo(
  runs: readonly { run: string; line: string }[],
  more: readonly string[],
): Promise<void> {
  for (const { run, line } of runs) done(`${line} --out one-${run}`);
  await asRanks(folder, 2, [...runs.map(({ run, line }) => `${line} --out two-${run}`), ...more]);
}

function norms(name: string): string {
  if (name === "adda") return " --adda.batch-norm target";
  if (name === "self-ensembling") return " --self-ensembling.batch-norm apart";
  return name === "fine-tune" ? " --no-fine-tune.norm-held" : "";
}

async function writeGrades(): Promise<void> {
  const target = await openDataset(join(folder, "target"));
  const lens = target.info.classes.indexOf("lens");
  const rows = [...target.labelledRows("train")].map((row) => ({
    row,
    is: target.labels([row])[0] === lens,
  }));
  const some = [true, false].flatMap((wanted) => rows.filter(({ is }) => is === wanted).slice(0, 8));
  const lines = some.map(({ row, is }) => `${target.ids[row]},${is ? 3 : 0}`);
  writeFileSync(join(folder, "grades.csv"), `${["id,grade", ...lines].join("\n")}\n`);
  target.close();
}

beforeAll(writeGrades);

describe.skipIf(rankBackends().length === 0)("without batch norm", () => {
  beforeAll(async () => {
    const auto = lineOf("source-only", LENET).replace("--precision float32", "--precision auto");
    await byOneAndTwo(lenet, [`${auto} --out auto`]);
  });

  test.each(everyMethod)("%s: two are one to 1e-5", (name) => {
    const { by, name: where } = apart(folder, `one-lenet-${name}`, `two-lenet-${name}`);
    expect(by, where).toBeLessThan(1e-5);
  });

  test.each(everyMethod)("%s: validators and calibration are those of one process", (name) => {
    const scoresOf = (run: string): Named => {
      const log = readFileSync(join(folder, run, "log.jsonl"), "utf8")
        .trim()
        .split("\n");
      const { validators } = JSON.parse(log.at(-1)!) as { validators: Record<string, number> };
      const { calibration } = readModelInfo(join(folder, run)).info;
      return [...Object.entries(validators), ...numbersOf(calibration)];
    };
    const [one, two] = [scoresOf(`one-lenet-${name}`), scoresOf(`two-lenet-${name}`)];
    expect(two.map(([key]) => key)).toEqual(one.map(([key]) => key));
    for (const [k, [key, value]] of one.entries()) expect(two[k]![1], key).toBeCloseTo(value, 3);
  });
});

describe.skipIf(rankBackends().length === 0)("with batch norm", () => {
  beforeAll(async () => {
    await byOneAndTwo(cnn, [`${lineOf("adamatch", CNN)} --out again`]);
  });

  test.each(normed)("%s: two are one to 1e-3, by statistics of all rows", (name) => {
    const { by, name: where } = apart(folder, `one-cnn-${name}`, `two-cnn-${name}`);
    expect(by, where).toBeLessThan(1e-3);
  });

  test("one seed gives one result", () => {
    expect(apart(folder, "two-cnn-adamatch", "again").by).toBe(0);
  });

  test("three are one too, where rows don't divide evenly or are fewer than ranks", async () => {
    // Sixteen rows among three, and graded batches of two.
    const few = lineOf("fine-tune", LENET).replace("--graded-batch 5", "--graded-batch 2");
    done(`${few} --out one-few`);
    await asRanks(folder, 3, [`${few} --out three-few`, `${lineOf("dann", CNN)} --out three-cnn-dann`]);
    expect(apart(folder, "one-few", "three-few").by).toBeLessThan(1e-5);
    expect(apart(folder, "one-cnn-dann", "three-cnn-dann").by).toBeLessThan(1e-3);
  });
});

type Named = readonly (readonly [name: string, value: number])[];

/** The numbers of a calibration, by their place in it. */
const numbersOf = (value: unknown, at = "calibration"): Named =>
  typeof value === "number"
    ? [[at, value]]
    : value !== null && typeof value === "object"
      ? Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${at}.${key}`))
      : [];
