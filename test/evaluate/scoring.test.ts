/** The score of an ensemble: the mean of its models' probabilities, plain and calibrated. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openUnlabelled, type UnlabelledDataset } from "../../src/dataset/unlabelled.ts";
import { fittingFields } from "../../src/dataset/views/fitting/config.ts";
import { type ScoringOptions, scoreImages } from "../../src/evaluate/scoring.ts";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../../src/torch/safetensors.ts";
import { calibrateRows } from "../../src/train/calibrate.ts";
import { loadModel, MODEL_FILE } from "../../src/train/model.ts";
import { predictRows } from "../../src/train/predict.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const options: ScoringOptions = {
  device: "cpu",
  precision: "float32",
  positive: null,
  calibration: "temperature",
  prior: [0.9, 0.1],
  priorFrom: null,
  ...z.strictObject(fittingFields).parse({ stretch: {} }),
};
let target: UnlabelledDataset;
let rows: Int32Array;

beforeAll(async () => {
  const source = await writeSource(folder.path);
  for (const seed of [0, 1])
    await train(
      configOf({ method: "source-only", "adda.epochs": undefined, source, seed, out: at(`${seed}`) }),
    );
  target = await openUnlabelled(await writeTarget(folder.path));
  rows = target.rows();
});
afterAll(() => {
  target.close();
  folder.remove();
});

/** The scores of one model by itself: probabilities (N × 2), and the calibrated ones of class `lens` (N). */
async function alone(path: string) {
  const model = loadModel(path, "cpu");
  const { probabilities, logits, features } = await predictRows(model, target, rows);
  const calibrated = calibrateRows(model, logits, features, options)!;
  model.network.dispose();
  return { probabilities, calibrated: Array.from(rows, (_, i) => calibrated.probabilities![2 * i + 1]!) };
}

/** A copy of a model whose description differs. */
function changed(name: string, change: (info: Record<string, unknown>) => object): string {
  const file = at("0", MODEL_FILE);
  const info = JSON.parse(readSafetensorsMetadata(file).arclet!);
  const { tensors } = readSafetensors(file);
  writeSafetensors(at(name), tensors, { arclet: JSON.stringify({ ...info, ...change(info) }) });
  for (const tensor of tensors.values()) tensor.dispose();
  return at(name);
}

test("two models' scores are the means of their probabilities, plain and calibrated", async () => {
  const [a, b] = [await alone(at("0")), await alone(at("1"))];
  let ticked = 0;
  const both = await scoreImages([at("0"), at("1")], target, rows, options, (n) => {
    ticked += n;
  });
  expect(ticked).toBe(2 * rows.length);
  expect(both).toMatchObject({ classes: ["other", "lens"], positive: 1, leak: false });
  expect(both.probabilities).toHaveLength(2 * rows.length);
  for (const [i, p] of both.probabilities.entries())
    expect(p).toBeCloseTo((a.probabilities[i]! + b.probabilities[i]!) / 2, 6);
  for (const [i, p] of both.calibrated!.entries())
    expect(p).toBeCloseTo((a.calibrated[i]! + b.calibrated[i]!) / 2, 12);
  // The models must differ, or the mean would test nothing.
  expect(Math.abs(a.probabilities[0]! - b.probabilities[0]!)).toBeGreaterThan(1e-3);
  expect(both.notes.map((line) => line.split(":")[0])).toEqual([at("0"), at("1")]);
});

test("one model without a calibration leaves none for all, with a note", async () => {
  const bare = changed("bare.safetensors", () => ({ calibration: null }));
  const { calibrated, notes } = await scoreImages([at("0"), bare, at("1")], target, rows, options);
  expect(calibrated).toBeNull();
  expect(notes).toContain(`${bare}: holds no calibration, so there is no column calibrated`);
});

test("a model that an oracle chose, or that learned from data that leak, is noted", async () => {
  const leak = { shared: { id: 3 }, first: "id x" };
  const marked = changed("marked.safetensors", () => ({ oracle: true, leak }));
  const scoring = await scoreImages([at("0"), marked], target, rows, options);
  expect(scoring.leak).toBe(true);
  expect(scoring.notes).toContain(`${marked}: target labels had a part in choosing it (oracle)`);
});

test("a model of other classes than the first is refused by name", async () => {
  const other = changed("other.safetensors", () => ({ classes: ["galaxy", "lens"] }));
  await expect(scoreImages([at("0"), other], target, rows, options)).rejects.toThrow(
    `${other}: classes must be other, lens as in ${at("0")}, got`,
  );
});
