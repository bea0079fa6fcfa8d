/** A dataset ranked by models. */
import type { ImageDomain } from "../../dataset/dataset.ts";
import { scoreByFinders } from "../../evaluate/cascade/score.ts";
import type { ScoreConfig } from "../../evaluate/score-config.ts";
import { ranking, writeScores } from "../../evaluate/scores.ts";
import type { Ranked } from "./ranked.ts";

/** @throws ArcletError as `scoreByFinders` */
export async function rankedByModels(
  values: ScoreConfig & { top: number | null },
  domain: ImageDomain,
  rows: Int32Array,
  tick: (images: number) => void,
): Promise<Ranked> {
  const { models, out, radius, top } = values;
  const { notes, ...scoring } = await scoreByFinders(models, domain, rows, values, tick);
  const { classes, positive, probabilities, calibrated } = scoring;
  const all = domain.positions();
  const ofRows = (column: readonly (number | null)[]) => Array.from(rows, (row) => column[row]!);
  const positions = all && { ra: ofRows(all.ra), dec: ofRows(all.dec) };
  const ids = Array.from(rows, (row) => domain.ids[row]!);
  const images = { ids, ...scoring, ...(positions && { positions }) };
  return {
    order: ranking(images),
    scores: Float64Array.from(rows, (_, i) => probabilities[i * classes.length + positive]!),
    calibrated,
    positiveClass: classes[positive]!,
    notes,
    write: () => writeScores(out, images, { radius, top }),
  };
}
