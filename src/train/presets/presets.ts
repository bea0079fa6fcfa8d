/** Presets: named defaults of a run's settings. A file and flags override them. */
import { methods } from "../../adapt/registry.ts";
import { lensClass } from "../lens-class.ts";
import {
  SURVEY_ADAPT_STEPS,
  SURVEY_PREVALENCE,
  SURVEY_SHARED,
  surveySettings,
  type Values,
} from "./survey.ts";

export const PRESETS = ["survey", "paper", "deeplense"] as const;
/** What `arclet train` takes when no preset is given. */
export const COMMAND_PRESET = "survey";

/** DeepLense's training on the source, which its methods share; each image was scaled to [0, 1]. */
const DEEPLENSE_SHARED: Values = {
  epochs: 7,
  warmup: 3,
  lr: 1e-4,
  batch: 64,
  weightDecay: 1e-5,
  preprocess: "minmax",
};

/** The settings of a preset that differ from the papers' and ours: those that all methods share, and the method's own. */
export function presetValues(
  preset: string,
  method: string,
  encoder: string,
): { shared: Values; own: Values } {
  if (preset === "survey") return { shared: SURVEY_SHARED, own: surveySettings(method, encoder) };
  if (preset === "deeplense") return { shared: DEEPLENSE_SHARED, own: methods.find(method).deeplense ?? {} };
  return { shared: {}, own: {} };
}

/** The method when none is given. */
export const presetMethod = (preset: string): string => (preset === "survey" ? "adamatch" : "adda");

/** Steps per epoch of adaptation when no setting says how many; null for one pass over the source. */
export const presetAdaptSteps = (preset: unknown): number | null =>
  preset === "survey" ? SURVEY_ADAPT_STEPS : null;

/**
 * The prior when none is given: with `survey` one lens in a hundred, of two classes. Null for none.
 *
 * @param classes in the order of the logits; the lenses are `lens`, else the last
 */
export function presetPrior(preset: unknown, classes: readonly string[]): readonly number[] | null {
  if (preset !== "survey" || classes.length !== 2) return null;
  const lens = lensClass(classes);
  return classes.map((_, k) => (k === lens ? SURVEY_PREVALENCE : 1 - SURVEY_PREVALENCE));
}
