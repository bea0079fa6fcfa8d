/** The calibration in operators is the one in plain numbers, and so is its graph. */
import { expect, test } from "vitest";
import {
  type Calibration,
  type Calibrator,
  calibrated,
  calibrations,
  correctPrior,
  fitCalibrator,
} from "../../../src/adapt/calibration/calibrator.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { tensor } from "../../../src/torch/create.ts";
import { tidy } from "../../../src/torch/scope.ts";
import { calibratedTensor } from "../../../src/train/exporting/calibrated-tensor.ts";
import { expectSame, runtime } from "../../onnx/both.ts";
import { noTensorIsLeft } from "../../torch/leaks.ts";

noTensorIsLeft();

/** Rows of three classes whose logits are right more often than not. */
function fitted(spread: number): Calibrator {
  const draws = new Draws(3);
  const labels = Array.from({ length: 300 }, (_, i) => i % 3);
  const logits = labels.flatMap((label) => [0, 1, 2].map((k) => draws.normal(k === label ? 1.5 : 0, spread)));
  return fitCalibrator(logits, labels);
}

/** From sure to unsure, and beyond all rows of the fit. */
const LOGITS = [3, 0, -3, 0.2, 0.1, 0, -40, 40, 1, 0, 12, 11.5];
const PRIOR = [0.9, 0.07, 0.03];

const CASES = calibrations.flatMap((by) => [1, 8].map((spread): [Calibration, number] => [by, spread]));

test.each(CASES)("%s, logits of spread %d", async (by, spread) => {
  const calibrator = fitted(spread);
  const expected = correctPrior(calibrated(calibrator, by, LOGITS), calibrator.prior, PRIOR);
  const made = tidy(() => calibratedTensor(calibrator, by, tensor(LOGITS, [4, 3]), PRIOR).numbers());
  made.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
  if (runtime)
    await expectSame([3], (z) => ({ p: calibratedTensor(calibrator, by, z, PRIOR) }), { scale: 5 });
});

test("an isotonic function of one value is that value", () => {
  const flat = { x: [0.2, 0.8], y: [0.25, 0.25] };
  const calibrator = { ...fitted(1), prior: [0.5, 0.5], isotonic: [flat, { x: [0.5], y: [0.75] }] };
  const made = tidy(() => calibratedTensor(calibrator, "isotonic", tensor([[1, 2]]), [0.5, 0.5]).numbers());
  expect(made[0]).toBeCloseTo(0.25, 6);
  expect(made[1]).toBeCloseTo(0.75, 6);
});
