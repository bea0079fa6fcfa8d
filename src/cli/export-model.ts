/** `arclet export-model`: a model as an ONNX file, for programs without Arclet. */
import type { Int8Record } from "../evaluate/int8/record.ts";
import { refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { exportConfig } from "../train/exporting/config.ts";
import type { Exported } from "../train/exporting/export.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const exportModelCommand = command({
  details:
    "The graph takes pixels as they are stored, images (batch, bands, height, width) in float32 with the bands in the model's " +
    "order, for any batch. Preprocessing and calibration are inside: out come logits, score (the probability of the positive " +
    "class) and calibrated (the same, calibrated and corrected to --prior, or else to the source's prior, as score writes it " +
    "with --prior-from none); with --map also the map that Grad-CAM weights. Its metadata say what images it was made for. " +
    "Beside model.onnx, the folder model-test holds a test input and its outputs. If ONNX Runtime is installed, the file is " +
    "run on them before it is written. --int8 writes the convolutions in integers of 8 bits, if the scores of held-out images " +
    "stay as good: the AUROC within 0.002, their rank correlation at least 0.999. arclet score --precision int8 uses it.",
  schema: exportConfig,
  positionals: ["model"],
  example: "arclet export-model runs/adapted --onnx finder.onnx",
  async run(values) {
    const { model: path, onnx, int8, calibrate, positive, map, calibration, prior } = values;
    if (onnx === null && int8 === null)
      refuse("export-model", "onnx", "given, or --int8 with --calibrate", onnx, "missing");
    if (int8 !== null && calibrate === null)
      refuse(
        "export-model",
        "calibrate",
        "the dataset that ranges of 8 bits are taken from",
        calibrate,
        "missing",
      );
    if (int8 === null && calibrate !== null)
      refuse("export-model", "calibrate", "left out without --int8", calibrate);
    const { exportModel, testFolder } = await import("../train/exporting/export.ts");
    if (onnx !== null) testFolder(onnx); // refuses a wrong extension before the model is read
    sayFinders([path]);
    const { positiveOf } = await import("../evaluate/positive.ts");
    const { finderInPlaceOf } = await import("../train/finders/finders.ts");
    const { loadModel } = await import("../train/model.ts");
    const model = loadModel(path, "cpu");
    const finder = finderInPlaceOf(path);
    try {
      const options = { positive: positiveOf(model.info.classes, positive), map, calibration, prior };
      if (onnx !== null) sayExported(path, await exportModel(model, onnx, finder, options));
      if (int8 !== null && calibrate !== null) {
        const { quantiseModel } = await import("../evaluate/int8/quantise.ts");
        const bar = (total: number, what: string) => progress(what, total, "images");
        sayQuantised(int8, await quantiseModel(model, int8, finder, { ...options, calibrate, bar }));
      }
    } finally {
      model.network.dispose();
    }
  },
});

function sayExported(path: string, { file, test, opset, bytes, outputs, apart, notes }: Exported): void {
  for (const note of notes) console.log(`${path}: ${note}`);
  const size = (bytes / 2 ** 20).toFixed(1);
  console.log(`${file}: ONNX opset ${opset}, ${size} MiB, outputs ${outputs.join(", ")}`);
  console.log(
    apart === null
      ? `${file}: not run, as ONNX Runtime is not installed; ${test} holds a test input and its outputs`
      : `${file}: ONNX Runtime gives the outputs in ${test} to ${apart.toPrecision(2)}`,
  );
}

function sayQuantised(file: string, record: Int8Record): void {
  const { convolutions, leftInFloat32, sumsInFloat32, auroc, rankCorrelation, heldOut, imagesPerSecond } =
    record;
  const left = leftInFloat32 === 0 ? "" : `, the first ${leftInFloat32} left in float32`;
  const sums = sumsInFloat32 ? ", their sums in float32" : "";
  console.log(`${file}: ${convolutions} convolutions in 8 bits${left}${sums}`);
  const areas =
    auroc === null ? "" : `AUROC ${auroc.int8.toFixed(4)} (float32 ${auroc.float32.toFixed(4)}), `;
  console.log(
    `${file}: on ${heldOut} held-out images ${areas}rank correlation ${rankCorrelation.toFixed(5)}`,
  );
  const pays = imagesPerSecond.int8 > imagesPerSecond.float32 ? "" : ": it saves no time here";
  console.log(
    `${file}: ${imagesPerSecond.int8} images/s here, ${imagesPerSecond.float32} in float32, by ONNX Runtime${pays}`,
  );
}
