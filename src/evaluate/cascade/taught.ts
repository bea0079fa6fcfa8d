/** The rows of a dataset that a cascade is made on: what the finder says of them, and which part each is of. */
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { refuse } from "../../foundation/errors.ts";
import type { Progress } from "../../foundation/progress.ts";
import { evenlySpaced } from "../../foundation/thinning.ts";
import { checkModelFits, type Model } from "../../train/model.ts";
import { fasterPrediction, predictRows } from "../../train/predict.ts";
import { logOddsOf } from "../log-odds.ts";
import type { CascadeConfig } from "./config.ts";
import { type Part, partOf } from "./parts.ts";

/** A bar for so much of a work. */
export type BarOf = (what: string, total: number) => Progress;

export interface Taught {
  readonly folder: string;
  readonly domain: UnlabelledDataset;
  readonly rows: Int32Array;
  /** Of the finder, less its threshold's: 0 or more are above it (N). */
  readonly odds: Float64Array;
  /** (N) */
  readonly parts: readonly Part[];
}

/** A dataset's rows that may be learned from. @throws ArcletError for images that the finder does not take, and changed files */
export async function openTaught(folder: string, model: Model, config: CascadeConfig) {
  const domain = await openUnlabelled(folder, () => model.info.preprocessing.bands);
  try {
    checkModelFits(model.info, domain.info);
    const rows = evenlySpaced(domain.rows("train", "val"), config.rows);
    if (rows.length === 0) refuse(folder, "rows", "some in the splits train and val", 0);
    return { folder, domain, rows };
  } catch (error) {
    domain.close();
    throw error;
  }
}

/** @throws Interrupted when the user stops it */
export async function taughtBy(
  model: Model,
  positive: number,
  { folder, domain, rows }: Pick<Taught, "folder" | "domain" | "rows">,
  { precision, threshold, seed }: CascadeConfig,
  tick: (images: number) => void,
): Promise<Taught> {
  const used = precision === "auto" ? (await fasterPrediction(model, domain, rows)).precision : precision;
  const { logits } = await predictRows(model, domain, rows, tick, used);
  const limit = Math.log(threshold / (1 - threshold));
  const odds = logOddsOf(logits, model.info.classes.length, positive).map((one) => one - limit);
  return { folder, domain, rows, odds, parts: Array.from(rows, (row) => partOf(domain.groups[row]!, seed)) };
}

/** Indices of a part's rows. */
export const indicesOf = ({ parts }: Taught, part: Part): number[] =>
  [...parts.keys()].filter((i) => parts[i] === part);
