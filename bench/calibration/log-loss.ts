/**
 * What calibrated probabilities are worth on a target whose truth is known: `node --import tsx
 * bench/calibration/log-loss.ts RUN SOURCE TARGET`. Prints a row of docs/results/calibration.md: the true share of lenses,
 * BBSE's and EM's, the log-loss as scored, with EM's prior, as `score` writes it, and with the true prior, and the test of
 * label shift. TARGET is simulated: its column `kind` is the truth.
 */
import { argv } from "node:process";
import { calibrated, correctPrior, targetPriorOf } from "../../src/adapt/calibration/calibrator.ts";
import { looksDifferent, testLabelShift } from "../../src/adapt/calibration/label-shift-test.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { logLoss } from "../../src/evaluate/calibration.ts";
import { calibrateOn } from "../../src/train/calibrate.ts";
import { loadModel } from "../../src/train/model.ts";
import { predictRows } from "../../src/train/predict.ts";

const [run, sourceFolder, targetFolder] = argv.slice(2) as [string, string, string];
const model = loadModel(run);
const source = await openDataset(sourceFolder);
const target = await openDataset(targetFolder);
const { preprocessing } = model.info;
const val = source.labelledRows("val");
// Again, so that models of older versions have the features as well.
const fitted = (await calibrateOn(model.network, preprocessing, source, val, undefined, "nothing"))!;
const rows = target.rows();
const truth = Uint8Array.from(target.column("kind"), (kind) => Number(kind === "lens"));
const { logits, probabilities, features } = await predictRows(model, target, rows);
const share = truth.reduce((sum, yes) => sum + yes, 0) / truth.length;
const lossOf = (p: ArrayLike<number>): string =>
  logLoss(
    Float64Array.from(truth, (_, i) => p[2 * i + 1]!),
    truth,
  ).toFixed(3);
const p = calibrated(fitted, "bias-corrected", logits);
const priorBy = (by: "em" | "bbse") => targetPriorOf(fitted, by, "bias-corrected", p).prior;
const withPrior = (prior: readonly number[]) => lossOf(correctPrior(p, fitted.prior, prior));
const test = testLabelShift(fitted.features!, features);
const [em, bbse] = [priorBy("em"), priorBy("bbse")];
const cells = [
  run,
  share.toFixed(3),
  bbse[1]!.toFixed(3),
  em[1]!.toFixed(3),
  lossOf(probabilities),
  withPrior(em),
  test !== null && looksDifferent(test) ? "empty" : withPrior(em),
  withPrior([1 - share, share]),
  test === null ? "too few rows" : `${test.z.toFixed(1)} (${test.apart.toFixed(2)})`,
];
console.log(`| ${cells.join(" | ")} |`);
