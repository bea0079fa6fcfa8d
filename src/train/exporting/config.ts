/** The settings of `arclet export-model`. */
import { z } from "zod";
import { text, yes } from "../../foundation/field.ts";
import { calibrationFields } from "../calibration-fields.ts";

export const exportConfig = z.strictObject({
  model: text("a run folder, a model file, or a finder that `arclet finders` lists"),
  onnx: text("the .onnx file to write (none: only that of --int8)", { default: null }),
  int8: text(
    "the .onnx file to write in 8 bits, with its record (.json); score takes model-int8.onnx in the run's folder by itself",
    { default: null },
  ),
  calibrate: text(
    "dataset folder of images that the model takes: ranges of 8 bits are taken from some of its train and val rows, and scores compared on others",
    { default: null },
  ),
  positive: text("the class of score and calibrated probability (none: lens, else the last)", {
    default: null,
  }),
  map: yes("write the encoder's last map as an output, too"),
  calibration: calibrationFields.calibration,
  prior: calibrationFields.prior.describe(
    "share of each class, sum 1, that calibrated probabilities are corrected to (none: the source's)",
  ),
});
