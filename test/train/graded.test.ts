/** Runs that learn from graded rows: what changes, what is recorded, what stays sealed, and what is refused. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { gradedRecord } from "../../src/dataset/graded/record.ts";
import { fileHash } from "../../src/dataset/hash.ts";
import { readSafetensors } from "../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { readRecords } from "../../src/train/log.ts";
import { LAST_MODEL_FILE, loadModel, readModelInfo } from "../../src/train/model.ts";
import { Oracle } from "../../src/train/oracle.ts";
import { predict } from "../../src/train/predict.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { openSession } from "../../src/train/session.ts";
import { train } from "../../src/train/train.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";
import { settledTensors } from "../torch/leaks.ts";

slow("trains eleven small networks, one in a program that is killed");

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path, { split: (i) => (i < 14 ? "train" : "test") });
  await train(config("start", { method: "source-only", target: null }));
});
afterAll(folder.remove);

/** Grades of the target's rows: true classes, or the wrong ones. Rows 16 and 17 are in its test. */
function grades(name: string, grade: (i: number) => number): string {
  const lines = [0, 1, 2, 3, 4, 16, 17].map((i) => `target-${i},${grade(i)}`);
  writeFileSync(at(name), `id,grade\n${lines.join("\n")}\n`);
  return at(name);
}
const right = () => grades("right.csv", (i) => 3 * (i % 2));
const wrong = () => grades("wrong.csv", (i) => 3 * ((i + 1) % 2));
const BY = { gradedPositives: "grade >= 2", gradedNegatives: "grade <= 0.7", gradedBatch: 4 };

function config(out: string, flags: Record<string, unknown> = {}) {
  const own = flags.method === undefined ? { method: "coral", "coral.epochs": 2, "coral.batch": 6 } : {};
  return configOf({ source, target, out: at(out), ...own, ...flags });
}

function weights(run: string): Record<string, number[]> {
  const { tensors } = readSafetensors(join(at(run), LAST_MODEL_FILE));
  const plain = [...tensors].map(([name, value]) => [name, value.numbers()] as const);
  for (const value of tensors.values()) value.dispose();
  return Object.fromEntries(plain);
}

test("graded rows change the result, other grades change it otherwise, and one seed gives one result", async () => {
  const live = await settledTensors();
  await train(config("without"));
  await train(config("right", { ...BY, graded: right() }));
  await train(config("again", { ...BY, graded: right() }));
  await train(config("wrong", { ...BY, graded: wrong() }));
  expect(liveTensors()).toBe(live);
  expect(weights("again")).toEqual(weights("right"));
  expect(weights("right")).not.toEqual(weights("without"));
  expect(weights("wrong")).not.toEqual(weights("right"));
  expect(Object.keys(readRecords(at("right"))[0]!.train)).toContain("lossGraded");
  expect(Object.keys(readRecords(at("without"))[0]!.train)).not.toContain("lossGraded");
});

test("a run says what is graded, keeps it in a file of its own and in its models, and draws nothing else unlabelled", async () => {
  const lines: string[] = [];
  const path = grades("some.csv", (i) => (i === 16 ? 3 : i === 17 ? 0 : 3 * (i % 2)));
  writeFileSync(path, `${readFileSync(path, "utf8")}nobody,3\n`);
  await train(config("told", { ...BY, graded: path }), {}, { say: (line) => lines.push(line) });
  expect(lines).toContain("graded: 7 rows, 3 lenses and 4 not, 4 per step, each class equally often");
  expect(lines.join("\n")).toContain("1 rows are set aside: row 8 (nobody): the target");
  expect(lines.join("\n")).toContain("they leave the unlabelled target and its test");

  const { setAside, ...own } = JSON.parse(readFileSync(join(at("told"), "graded.json"), "utf8"));
  const record = gradedRecord.parse(own);
  expect(setAside.map(({ id }: { id: string }) => id)).toEqual(["nobody"]);
  expect(record.rows.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 16, 17].map((i) => `target-${i}`));
  expect(record.table).toEqual({
    path,
    sha256: fileHash(path),
    grading: "lens: grade >= 2; no lens: grade <= 0.7",
  });
  expect(readModelInfo(at("told")).info.graded).toEqual([record]);
  expect(readModelInfo(join(at("told"), LAST_MODEL_FILE)).info.graded).toEqual([record]);
  const run = readRunConfig(at("told"));
  expect(run.resolved.rows).toMatchObject({ target: 9, graded: 7 });
  expect(run.inputs.graded).toEqual({ path, name: "grades", contentHash: fileHash(path) });

  const session = await openSession(config("peek", { ...BY, graded: path }), {});
  try {
    expect([...session.data.rows.target]).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect([...session.selection.rows.target].some((row) => row < 5)).toBe(false);
    expect([...session.data.target!.rows("test")]).toEqual([14, 15, 18, 19]);
  } finally {
    session.dispose();
  }
});

test("what a model learned from grades is still known of the models that start from it", async () => {
  await train(config("heir", { from: at("told"), epochs: 1 }));
  const [first] = readModelInfo(at("told")).info.graded!;
  expect(readModelInfo(at("heir")).info.graded).toEqual([first]);
  expect(readModelInfo(at("without")).info).not.toHaveProperty("graded");
});

test("fine-tuning starts from a run, and holds the blocks before the last", async () => {
  const own = { "fineTune.epochs": 3, "fineTune.lr": 0.01, "fineTune.trainLast": 1 };
  await train(tuned("last", { graded: right(), ...own }));
  const [before, after] = [weights("start"), weights("last")];
  const changed = (name: string) => String(before[name]) !== String(after[name]);
  expect(
    Object.keys(before)
      .filter((name) => name.startsWith("encoder.stages.0"))
      .some(changed),
  ).toBe(false);
  expect(changed("encoder.stages.1.conv.weight")).toBe(true);
  expect(changed("classifier.weight")).toBe(true);
  expect(changed("encoder.stages.1.norm.running_mean")).toBe(false);
  // An epoch is one pass over the graded rows: 7 of them, 4 per step.
  const { resolved } = readRunConfig(at("last"));
  expect(resolved.phases).toEqual([{ name: "adapt", epochs: 3, stepsPerEpoch: 2 }]);
  expect(resolved.select).toBe("infomax");
  expect(Object.keys(readRecords(at("last"))[0]!.train)).toEqual(["lossGraded", "gradedAccuracy", "lr"]);
});

/** Grades of the target's first twelve rows, its true classes. */
function dozen(): string {
  const lines = Array.from({ length: 12 }, (_, i) => `target-${i},${3 * (i % 2)}`);
  writeFileSync(at("dozen.csv"), `id,grade\n${lines.join("\n")}\n`);
  return at("dozen.csv");
}
const tuned = (out: string, more: Record<string, unknown>) =>
  config(out, { method: "fine-tune", from: at("start"), ...BY, "fineTune.epochs": 2, ...more });

test("held graded rows are not trained on, score each epoch, and choose it for a method that needs grades", async () => {
  const values = tuned("held", { graded: dozen(), gradedHeld: 0.8, "fineTune.lr": 0.01 });
  const lines: string[] = [];
  const live = await settledTensors();
  await train(values, {}, { say: (line) => lines.push(line) });
  expect(liveTensors()).toBe(live);
  expect(lines).toContain("graded: 2 rows, 1 lenses and 1 not, 4 per step, each class equally often");
  expect(lines).toContain("graded and held, for the validator graded-auroc: 10 rows, 5 lenses and 5 not");
  expect(lines).toContain(
    "epochs are chosen by graded-auroc: fine-tune needs grades, and 5 lenses and 5 others are held",
  );
  const { resolved } = readRunConfig(at("held"));
  expect(resolved).toMatchObject({ select: "graded-auroc", rows: { graded: 2, "graded, held": 10 } });
  // All of them are graded: gone from the unlabelled target and the test, and known to the model.
  expect(readModelInfo(at("held")).info.graded![0]!.rows.map(({ id }) => id)).toEqual(
    Array.from({ length: 12 }, (_, i) => `target-${i}`),
  );

  const session = await openSession({ ...values, out: at("peek-held") }, {});
  const model = loadModel(join(at("held"), LAST_MODEL_FILE));
  try {
    expect([...session.data.rows.target]).toEqual([12, 13]);
    const held = session.data.graded!.held!;
    // Counted pair by pair.
    const [p, isLens] = tidy(() => {
      const { logits } = predict(model, held.images(held.all));
      const lens = (all: number[]) => all.filter((_, i) => i % 2 === 1);
      return [lens(logits.to("float64").softmax(1).numbers()), lens(held.labels(held.all).numbers())];
    });
    const pairs = p.flatMap((a, i) =>
      p.flatMap((b, j) => (isLens[i] === 1 && isLens[j] === 0 ? [a > b ? 1 : a === b ? 0.5 : 0] : [])),
    );
    expect(pairs).toHaveLength(25);
    const expected = pairs.reduce<number>((a, b) => a + b, 0) / pairs.length;
    expect(readRecords(at("held")).at(-1)!.validators["graded-auroc"]).toBeCloseTo(expected, 12);
  } finally {
    model.network.dispose();
    session.dispose();
  }
  expect(readRecords(at("last"))[0]!.validators).not.toHaveProperty("graded-auroc");
});

test("the held rows follow from the seed; with too few, and for methods that need no grades, infomax chooses", async () => {
  const opened = async (values: ReturnType<typeof config>) => {
    const session = await openSession(values, {});
    try {
      const { held, dataset } = session.data.graded!;
      const images = held && tidy(() => String(held.images(held.all).numbers()));
      return { by: session.selection.by, counts: [dataset.count, held?.count], images, notes: session.notes };
    } finally {
      session.dispose();
    }
  };
  const chosen = (more: Record<string, unknown>) => opened(tuned("peek", { graded: dozen(), ...more }));
  const few = await chosen({ gradedHeld: 0.3 });
  expect(few).toMatchObject({ by: "infomax", counts: [8, 4] });
  expect(few.notes).toContain(
    "epochs are chosen by infomax: only 2 lenses and 2 others are held, and graded-auroc needs 5 of each to be the default " +
      "(--graded-held)",
  );
  expect((await chosen({ gradedHeld: 0.3 })).images).toBe(few.images);
  expect((await chosen({ gradedHeld: 0.3, seed: 1 })).images).not.toBe(few.images);
  expect(await chosen({ gradedHeld: 0.3, select: "graded-auroc" })).toMatchObject({ by: "graded-auroc" });
  const none = await chosen({});
  expect(none).toMatchObject({ by: "infomax", counts: [12, undefined] });
  expect(none.notes.at(-1)).toMatch(/^epochs are chosen by infomax: no graded row is held, and graded-auroc/);
  const optional = await opened(config("peek", { ...BY, graded: dozen(), gradedHeld: 0.8 }));
  expect(optional).toMatchObject({ by: "infomax", counts: [2, 10] });
  expect(optional.notes.join()).not.toContain("chosen by");
});

test("a run with grades that is killed resumes to the same bits, and with other grades is refused", async () => {
  const values = config("killed", { ...BY, graded: right() });
  writeFileSync(at("killed.json"), JSON.stringify(values));
  const child = join(import.meta.dirname, "child.mjs");
  const { signal } = spawnSync("node", [child, at("killed.json"), "SIGKILL", "6"], { encoding: "utf8" });
  expect(signal).toBe("SIGKILL");
  const other = { ...values, graded: wrong(), resume: true };
  await expect(train(other)).rejects.toThrow(/was trained with another graded: grades .*right.csv/);
  await train({ ...values, resume: true });
  expect(weights("killed")).toEqual(weights("right"));
});

test("the oracle reads no label of a graded row", async () => {
  const dataset = await openDataset(target);
  const { info } = dataset;
  dataset.close();
  const open = (without: number[]) => Oracle.open(target, ["test"], info, without);
  (await open([])).close();
  await expect(open([14, 16, 18])).rejects.toThrow(/labelled with two classes or more/);
});

test.each([
  [
    "a method that takes none",
    { method: "source-only" },
    /graded is given, and source-only takes no grades; methods that do: self-ensembling, adamatch, .*fine-tune, sda/,
  ],
  ["no target", { target: null, method: "fine-tune" }, /target must be given with --graded/],
  [
    "no conditions",
    { gradedPositives: null, gradedNegatives: null },
    /gradedPositives and gradedNegatives must be given with --graded/,
  ],
  [
    "one condition",
    { gradedNegatives: null },
    /gradedPositives and gradedNegatives must be given with --graded/,
  ],
  [
    "conditions and a soft label",
    { gradedSoft: "grade" },
    /gradedSoft must be left out with --graded-positives/,
  ],
  [
    "a range of one number",
    { gradedPositives: null, gradedNegatives: null, gradedSoft: "grade", gradedRange: [1, 1] },
    /gradedRange must be two different numbers/,
  ],
  ["conditions without grades", { graded: null }, /gradedPositives must be given with --graded/],
  [
    "a share to hold without grades",
    { graded: null, gradedPositives: null, gradedNegatives: null, gradedHeld: 0.2 },
    /gradedHeld must be given with --graded, got 0.2/,
  ],
  [
    "graded-auroc without held rows",
    { select: "graded-auroc" },
    /select must be another one unless graded rows are held \(--graded-held 0.2\), got "?graded-auroc/,
  ],
  [
    "a method that needs them without",
    { graded: null, gradedPositives: null, gradedNegatives: null, method: "sda" },
    /graded must be given \(sda learns from grades\)/,
  ],
])("%s is refused before anything is written", async (_, flags, message) => {
  const values = config("refused", { ...BY, graded: right(), ...flags });
  await expect(train(values)).rejects.toThrow(message);
});

test("a target all of whose rows are graded, or of their groups, has nothing unlabelled left", async () => {
  const lines = Array.from({ length: 14 }, (_, i) => `target-${i},${3 * (i % 2)}`);
  writeFileSync(at("all.csv"), `id,grade\n${lines.join("\n")}\n`);
  await expect(train(config("none", { ...BY, graded: at("all.csv") }))).rejects.toThrow(
    /targetSplits must be splits that hold rows which are not graded/,
  );
});
