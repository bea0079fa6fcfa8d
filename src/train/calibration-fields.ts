/** What commands that calibrate probabilities ask for. */
import { z } from "zod";
import { calibrations } from "../adapt/calibration/calibrator.ts";
import { priorEstimators } from "../adapt/prevalence.ts";
import { choice, list } from "../foundation/field.ts";

export const calibrationFields = {
  calibration: choice(calibrations, "how probabilities are calibrated on the source's validation rows", {
    default: "temperature",
  }),
  prior: list(
    z.number().gt(0).lt(1),
    "part of each class in these images, sum 1, that calibrated probabilities are corrected to",
    { least: 0, default: null },
  ),
  priorFrom: z
    .enum(priorEstimators)
    .nullable()
    .default("em")
    .describe(
      "how it is estimated from the images where it is not given (arclet prevalence tells its interval); none for the source's prior",
    ),
};
