/** How many steps an epoch has. */
import type { Phase } from "../adapt/method.ts";
import type { TrainConfig } from "./config.ts";
import { presetAdaptSteps } from "./presets/presets.ts";

/** @param onePass steps of one pass over the source */
export function stepsPerEpochOf(
  config: Pick<TrainConfig, "stepsPerEpoch" | "adaptSteps" | "preset">,
  phase: Phase,
  onePass: number,
): number {
  const { stepsPerEpoch, adaptSteps, preset } = config;
  if (phase.batch.target === 0) return stepsPerEpoch ?? onePass;
  return adaptSteps ?? stepsPerEpoch ?? presetAdaptSteps(preset) ?? onePass;
}
