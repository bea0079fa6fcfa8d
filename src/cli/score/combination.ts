/** A dataset ranked by a fitted combination. */
import type { ImageDomain } from "../../dataset/dataset.ts";
import { scoreByCombination } from "../../evaluate/combination/score.ts";
import { orderOf, writeCombined } from "../../evaluate/combination/table.ts";
import type { ScoreConfig } from "../../evaluate/score-config.ts";
import type { AskedCombination } from "./asked.ts";
import type { Ranked } from "./ranked.ts";

/** @throws ArcletError as `scoreByCombination` */
export async function rankedByCombination(
  values: ScoreConfig & { top: number | null },
  { combination, sources }: AskedCombination,
  domain: ImageDomain,
  rows: Int32Array,
  tick: (images: number) => void,
): Promise<Ranked> {
  const made = await scoreByCombination(combination, sources, domain, rows, values, tick);
  return {
    order: orderOf(made),
    scores: made.probabilities,
    calibrated: null,
    positiveClass: values.positive ?? "lens",
    notes: made.notes,
    write: () => writeCombined(values.out, made, { radius: values.radius, top: values.top }),
  };
}
