/** Runs whose network has an output for each kind that is no lens; the classes stay two for all that use the model. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { tidy } from "../../src/torch/scope.ts";
import { readRecords } from "../../src/train/log.ts";
import { loadModel, readModelInfo } from "../../src/train/model.ts";
import { predict, predictRows } from "../../src/train/predict.ts";
import { openSession } from "../../src/train/session.ts";
import { train } from "../../src/train/train.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

slow("trains five small networks");

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path, {
    // Every eighth row says no kind, and a lens's is of no interest.
    kind: (i) => (i % 4 === 0 ? "lens" : i % 8 === 1 ? null : i % 2 === 0 ? "spiral" : "star"),
  });
  target = await writeTarget(folder.path);
  await train(config("plain", { method: "source-only", target: null, classesBy: null }));
});
afterAll(folder.remove);

const config = (out: string, flags: Record<string, unknown> = {}) =>
  configOf({ source, target, out: at(out), classesBy: "kind", ...flags });

const OUTPUTS = [
  { class: "other", kind: "spiral" },
  { class: "other", kind: "star" },
  { class: "lens", kind: null },
];

test("each kind has an output, and probabilities are of the two classes", async () => {
  const lines: string[] = [];
  await train(
    config("kinds", { method: "source-only", target: null }),
    {},
    { say: (line) => lines.push(line) },
  );
  expect(lines).toContain("kinds: spiral, star; their sum is other");
  const { info } = readModelInfo(at("kinds"));
  expect(info).toMatchObject({ classes: ["other", "lens"], outputs: OUTPUTS });
  expect(info.calibration!.prior).toHaveLength(2);
  const model = loadModel(at("kinds"), "cpu");
  const dataset = await openDataset(source);
  const { classes, probabilities } = await predictRows(model, dataset, [0, 1, 2]);
  expect(classes).toEqual(["other", "lens"]);
  expect(probabilities).toHaveLength(6);
  expect(model.network.state().get("classifier.weight")!.shape[0]).toBe(3);
  tidy(() => expect(predict(model, dataset.images([0])).logits.shape).toEqual([1, 2]));
  dataset.close();
  model.network.dispose();
});

test("from a model without kinds each output starts with a share of its class, which stays as probable", async () => {
  const session = await openSession(
    config("session", { method: "source-only", target: null, from: at("plain") }),
    {},
  );
  const plain = loadModel(at("plain"), "cpu");
  const dataset = await openDataset(source);
  const { network } = session.start;
  network.train(false);
  const own = { network, info: { ...plain.info, outputs: OUTPUTS }, path: "" };
  const [before, after] = [plain, own].map((model) =>
    tidy(() => predict(model, dataset.images([0, 1, 2, 3])).probabilities.numbers()),
  );
  for (const [i, p] of before!.entries()) expect(after![i]).toBeCloseTo(p, 6);
  dataset.close();
  plain.network.dispose();
  session.dispose();
});

test("adamatch and fine-tune learn the kinds that graders name; a run from it keeps its outputs", async () => {
  const grades = at("grades.csv");
  const rows = [0, 1, 2, 3, 4, 5].map(
    (i) => `target-${i},${i % 2},${i % 2 === 1 ? "" : i === 0 ? "ring" : "star"}`,
  );
  writeFileSync(grades, `id,grade,what\n${rows.join("\n")}\n`);
  const graded = {
    ...{ graded: grades, gradedPositives: "grade = 1", gradedNegatives: "grade = 0", gradedKinds: "what" },
    ...{ gradedBatch: 4, gradedAlike: null },
  };
  const more = { "adamatch.epochs": 1, "adamatch.batch": 6, "adamatch.uratio": 1 };
  await train(config("adapted", { method: "adamatch", from: at("plain"), ...graded, ...more }));
  expect(readModelInfo(at("adapted")).info.outputs!.map(({ kind }) => kind)).toEqual([
    "ring",
    "spiral",
    "star",
    null,
  ]);
  expect(readRecords(at("adapted"))[0]!.train.lossGraded).toBeGreaterThan(0);
  const tuned = { method: "fine-tune", from: at("adapted"), "fineTune.epochs": 1, classesBy: null };
  await train(config("tuned", { ...tuned, ...graded }));
  expect(readModelInfo(at("tuned")).info.outputs).toHaveLength(4);
  // Kinds that the start has no output for train their class alone.
  const lines: string[] = [];
  writeFileSync(grades, `id,grade,what\n${rows.join("\n").replace("ring", "merger")}\n`);
  const say = (line: string) => lines.push(line);
  await train(config("other", { ...tuned, from: at("tuned"), ...graded }), {}, { say });
  expect(lines.join("\n")).toMatch(/1 rows are of kinds that the starting model doesn't have \(merger\)/);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "a method that learns none",
    { method: "adabn" },
    /classesBy is given, and adabn learns no kinds; methods that do: .*fine-tune/,
  ],
  [
    "a column that isn't there",
    { method: "source-only", target: null, classesBy: "form" },
    /classesBy must be a column of its table.*"form"/,
  ],
  [
    "a column of one value",
    { method: "source-only", target: null, classesBy: "label" },
    /rows that are no lenses name 1 kind \(other\), and 2 to 50 make sense/,
  ],
  [
    "graded kinds without grades",
    { method: "coral", classesBy: null, gradedKinds: "what" },
    /gradedKinds must be given with --graded/,
  ],
])("%s: refused", async (what, flags, message) => {
  await expect(train(config(`no-${what.replaceAll(/\W/g, "-")}`, flags))).rejects.toThrow(message);
});
