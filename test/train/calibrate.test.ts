import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../../src/torch/safetensors.ts";
import { calibrateRows } from "../../src/train/calibrate.ts";
import { LAST_MODEL_FILE, readModelInfo } from "../../src/train/model.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource } from "../tiny/domains.ts";

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);
const options = { calibration: "temperature", prior: null, priorFrom: null } as const;
const flags = { method: "source-only", "adda.epochs": undefined };

test("both models of a run have their own calibration, on the source's val rows", async () => {
  const source = await writeSource(folder.path);
  await train(configOf({ ...flags, source, out: at("run") }));
  const [chosen, last] = [at("run"), join(at("run"), LAST_MODEL_FILE)].map(
    (path) => readModelInfo(path).info,
  );
  // 12 val rows, 3 of them lenses.
  for (const info of [chosen!, last!])
    expect(info.calibration).toMatchObject({ rows: 12, prior: [0.75, 0.25] });
  const rows = calibrateRows({ info: chosen! }, Float32Array.of(0, 0, 5, -5), null, options)!;
  expect(rows.prior).toEqual([0.75, 0.25]);
  expect(rows.probabilities![0]).toBeCloseTo(0.5, 12);
  expect(rows.probabilities![2]).toBeCloseTo(1 / (1 + Math.exp(-10 / chosen!.calibration!.temperature)), 9);
  // Drawn equally often, the classes are equal to the network whatever the rows' parts are.
  await train(configOf({ ...flags, source, out: at("balanced"), balance: "classes" }));
  expect(readModelInfo(at("balanced")).info.calibration!.prior).toEqual([0.5, 0.5]);
});

test("an estimate of the prior at its bound gives a warning and no probabilities", () => {
  const { info } = readModelInfo(at("run"));
  const sure = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 50 : -50));
  const rows = (more: object) =>
    calibrateRows({ info }, sure, null, { ...options, calibration: "bias-corrected", ...more })!;
  const estimated = rows({ priorFrom: "em" });
  expect(estimated.probabilities).toBeNull();
  expect(estimated.warning).toMatch(
    /^the prior by em is at its bound: less than one image is expected of lens/,
  );
  expect(estimated.warning).toContain("give --prior, or --prior-from none");
  // Given, or the source's, it is what it is.
  for (const more of [{ prior: [0.9, 0.1] }, {}]) {
    expect(rows(more).warning).toBeNull();
    expect(rows(more).probabilities).toHaveLength(40);
  }
});

test("images that look different from the source's give a warning and no probabilities, unless the prior is given", () => {
  const { info: trained } = readModelInfo(at("run"));
  expect(trained.calibration!.features!.rows).toEqual([9, 3]);
  const { means, width } = trained.calibration!.features!;
  // Half of the images are a lens by 2, half are none by 2: EM says a half.
  const plain = { prior: [0.5, 0.5], biasCorrected: { temperature: 1, bias: [0, 0], atLimit: false } };
  const info = { ...trained, calibration: { ...trained.calibration!, ...plain } };
  const logits = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 0 : i % 4 === 1 ? 2 : -2));
  /** Features of ten thousand images whose mean is that of the second class, but for one direction. */
  const features = (moved: number) => ({
    rows: 10_000,
    width,
    means: means[1]!.map((mean, i) => mean + (i === 0 ? moved : 0)),
    covariance: means[1]!.map((_, i) => means[1]!.map((_, j) => Number(i === j))),
  });
  const rows = (moved: number, more: object) =>
    calibrateRows({ info }, logits, features(moved), { ...options, calibration: "bias-corrected", ...more })!;
  const estimated = rows(80, { priorFrom: "em" });
  expect(estimated.probabilities).toBeNull();
  expect(estimated.warning).toMatch(
    /^images of a class look different here than in the source .* standard deviations\), so the prior by em is not to be trusted; give --prior/,
  );
  const alike = rows(0, { priorFrom: "em" });
  expect(alike.warning).toBeNull();
  expect(alike.prior[1]).toBeCloseTo(0.5, 6);
  for (const more of [{ prior: [0.9, 0.1] }, {}]) expect(rows(80, more).probabilities).toHaveLength(40);
});

test("a model of a version whose calibration had no bias is calibrated by its temperature, and says so", () => {
  const { info } = readModelInfo(at("run"));
  const { biasCorrected: _, ...calibration } = info.calibration!;
  const older = { ...info, calibration: { ...calibration, biasCorrected: null } };
  const logits = Float32Array.of(0, 0, 1, -1);
  const wanted = calibrateRows({ info: older }, logits, null, { ...options, calibration: "bias-corrected" })!;
  expect(wanted.by).toMatch(
    /^temperature [\d.]+ without bias \(the model is of an older version\), the source's prior$/,
  );
  expect(wanted.probabilities).toEqual(calibrateRows({ info }, logits, null, options)!.probabilities);
});

test("without a class among the val rows there is none, with a message", async () => {
  // Of three classes, the last is in train alone.
  const source = await writeSource(folder.path, {
    name: "three",
    classes: ["other", "lens", "ring"],
    label: (i) => (i % 4) % 3,
    split: (i) => ((i % 4) % 3 !== 2 && i % 3 === 2 ? "val" : "train"),
  });
  const messages: string[] = [];
  await train(configOf({ ...flags, source, out: at("bare") }), {}, { say: (line) => messages.push(line) });
  expect(messages).toContain("model.safetensors: no calibration, since the source's val rows lack a class");
  expect(readModelInfo(at("bare")).info.calibration).toBeNull();
});

test("a model from before calibration is read, and has none", () => {
  const file = join(at("run"), LAST_MODEL_FILE);
  const { calibration, ...old } = JSON.parse(readSafetensorsMetadata(file).arclet!);
  expect(calibration).not.toBeUndefined();
  const { tensors } = readSafetensors(file);
  writeSafetensors(at("old.safetensors"), tensors, { arclet: JSON.stringify(old) });
  for (const tensor of tensors.values()) tensor.dispose();
  const { info } = readModelInfo(at("old.safetensors"));
  expect(info.calibration).toBeNull();
  expect(calibrateRows({ info }, Float32Array.of(0, 0), null, options)).toBeNull();
});
