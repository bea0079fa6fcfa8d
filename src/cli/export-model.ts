/** `arclet export-model`: a model as an ONNX file, for programs without Arclet. */
import { exportConfig } from "../train/exporting/config.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const exportModelCommand = command({
  details:
    "The graph takes pixels as they are stored, images (batch, bands, height, width) in float32 with the bands in the model's " +
    "order, for any batch. Preprocessing and calibration are inside: out come logits, score (the probability of the positive " +
    "class) and calibrated (the same, calibrated and corrected to --prior, or else to the source's prior, as score writes it " +
    "with --prior-from none); with --map also the map that Grad-CAM weights. Its metadata say what images it was made for. " +
    "Beside model.onnx, the folder model-test holds a test input and its outputs. If ONNX Runtime is installed, the file is " +
    "run on them before it is written.",
  schema: exportConfig,
  positionals: ["model"],
  example: "arclet export-model runs/adapted --onnx finder.onnx",
  async run(values) {
    const { model: path, onnx, positive, map, calibration, prior } = values;
    const { exportModel, testFolder } = await import("../train/exporting/export.ts");
    testFolder(onnx); // refuses a wrong extension before the model is read
    sayFinders([path]);
    const { positiveOf } = await import("../evaluate/positive.ts");
    const { finderInPlaceOf } = await import("../train/finders/finders.ts");
    const { loadModel } = await import("../train/model.ts");
    const model = loadModel(path, "cpu");
    try {
      const options = { positive: positiveOf(model.info.classes, positive), map, calibration, prior };
      const made = await exportModel(model, onnx, finderInPlaceOf(path), options);
      for (const note of made.notes) console.log(`${path}: ${note}`);
      const size = (made.bytes / 2 ** 20).toFixed(1);
      console.log(`${made.file}: ONNX opset ${made.opset}, ${size} MiB, outputs ${made.outputs.join(", ")}`);
      console.log(
        made.apart === null
          ? `${made.file}: not run, as ONNX Runtime is not installed; ${made.test} holds a test input and its outputs`
          : `${made.file}: ONNX Runtime gives the outputs in ${made.test} to ${made.apart.toPrecision(2)}`,
      );
    } finally {
      model.network.dispose();
    }
  },
});
