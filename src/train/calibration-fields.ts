/** The settings of commands that calibrate probabilities. */
import { z } from "zod";
import { calibrations } from "../adapt/calibration/calibrator.ts";
import { priorEstimators } from "../adapt/prevalence.ts";
import { choice, list } from "../foundation/field.ts";

export const calibrationFields = {
  calibration: choice(calibrations, "how probabilities are calibrated on the source's val rows", {
    default: "bias-corrected",
  }),
  prior: list(
    z.number().gt(0).lt(1),
    "share of each class in these images, sum 1, that calibrated probabilities are corrected to",
    { least: 0, default: null },
  ),
  priorFrom: z
    .enum(priorEstimators)
    .nullable()
    .default("em")
    .describe(
      "how the prior is estimated from the images if it is not given (arclet prevalence shows its interval); none for the source's prior",
    ),
};
