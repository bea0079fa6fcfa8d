/** How many steps an epoch has. */
import type { Phase } from "../adapt/method.ts";
import type { TrainConfig } from "./config.ts";
import { presetAdaptSteps } from "./presets/presets.ts";

/** @param onePass steps of one pass over the source, or over the graded rows of a phase without source */
export function stepsPerEpochOf(
  config: Pick<TrainConfig, "stepsPerEpoch" | "adaptSteps" | "preset">,
  phase: Phase,
  onePass: number,
): number {
  const { stepsPerEpoch, adaptSteps, preset } = config;
  const { target, graded = 0 } = phase.batch;
  if (target === 0 && graded === 0) return stepsPerEpoch ?? onePass;
  if (target === 0) return adaptSteps ?? stepsPerEpoch ?? onePass;
  return adaptSteps ?? stepsPerEpoch ?? presetAdaptSteps(preset) ?? onePass;
}

/** Images that an epoch of a phase trains on. @param onePass as in `stepsPerEpochOf` */
export function imagesPerEpoch(
  config: Parameters<typeof stepsPerEpochOf>[0],
  phase: Phase,
  onePass: number,
): number {
  const { source, target, graded = 0 } = phase.batch;
  return stepsPerEpochOf(config, phase, onePass) * (source + target + graded);
}
