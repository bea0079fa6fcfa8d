/** The combination that `arclet score` is given in place of models. */
import { type Combination, combinationAt } from "../../evaluate/combination/file.ts";
import type { Source } from "../../evaluate/combination/score.ts";
import type { ScoreConfig } from "../../evaluate/score-config.ts";
import type { Origin } from "../../foundation/config.ts";
import { refuse } from "../../foundation/errors.ts";

export interface AskedCombination {
  readonly combination: Combination;
  readonly sources: readonly Source[];
  /** All its sources' models, in order. */
  readonly models: readonly string[];
}

/**
 * @returns null for models
 * @throws ArcletError for a combination beside models, with settings that it has itself, or whose finders can't be scored; and
 *   for settings of combinations without one
 */
export async function askedCombination(
  { models, inputs, prevalence }: ScoreConfig,
  origin: Record<string, Origin>,
): Promise<AskedCombination | null> {
  const path = models.find((model) => combinationAt(model) !== null);
  if (path === undefined) {
    if (inputs !== null) refuse("score", "inputs", "left out unless a combination scores", inputs);
    if (prevalence !== null)
      refuse("score", "prevalence", "left out unless a combination scores (models: --prior)", prevalence);
    return null;
  }
  if (models.length > 1) refuse("score", "models", `the combination ${path} alone, or models`, models);
  const idle = (["calibration", "prior", "priorFrom"] as const).find((key) => origin[key] !== "default");
  if (idle !== undefined)
    refuse("score", idle, "left out: the combination's probabilities are calibrated (--prevalence)", "given");
  const { readCombination } = await import("../../evaluate/combination/file.ts");
  const { modelsIn, sourcesOf } = await import("../../evaluate/combination/score.ts");
  const file = combinationAt(path)!;
  const combination = readCombination(file);
  const sources = sourcesOf(file, combination, inputs ?? []);
  return { combination, sources, models: modelsIn(sources) };
}
