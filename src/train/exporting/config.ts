/** The settings of `arclet export-model`. */
import { z } from "zod";
import { text, yes } from "../../foundation/field.ts";
import { calibrationFields } from "../calibration-fields.ts";

export const exportConfig = z.strictObject({
  model: text("a run folder, a model file, or a finder that `arclet finders` lists"),
  onnx: text("the .onnx file to write"),
  positive: text("the class of score and calibrated probability (none: lens, else the last)", {
    default: null,
  }),
  map: yes("write the encoder's last map as an output, too"),
  calibration: calibrationFields.calibration,
  prior: calibrationFields.prior.describe(
    "share of each class, sum 1, that calibrated probabilities are corrected to (none: the source's)",
  ),
});
