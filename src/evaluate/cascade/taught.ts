/** The rows of a dataset that a cascade is made on: what the finder says of them, and which part each is of. */
import { join } from "node:path";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { refuse } from "../../foundation/errors.ts";
import type { Progress } from "../../foundation/progress.ts";
import { evenlySpaced } from "../../foundation/thinning.ts";
import { checkModelFits, type Model } from "../../train/model.ts";
import type { Precision } from "../../train/precision.ts";
import { fasterPrediction, predictRows } from "../../train/predict.ts";
import { logOddsOf } from "../log-odds.ts";
import type { CascadeConfig } from "./config.ts";
import type { KeptOdds } from "./kept-odds.ts";
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

/** Rows that the finder scores before they are kept. */
const KEPT_TOGETHER = 8192;

/** The arithmetic that the finder uses here. @throws ArcletError as `fasterPrediction` */
export const precisionOf = async (
  model: Model,
  { domain, rows }: Pick<Taught, "domain" | "rows">,
  precision: CascadeConfig["precision"],
): Promise<Precision> =>
  precision === "auto" ? (await fasterPrediction(model, domain, rows)).precision : precision;

/**
 * @param kept where log odds are taken from if they are there, and put if they are not
 * @throws Interrupted when the user stops it
 */
export async function taughtBy(
  model: Model,
  positive: number,
  { folder, domain, rows }: Pick<Taught, "folder" | "domain" | "rows">,
  { threshold, seed }: CascadeConfig,
  precision: Precision,
  kept: KeptOdds,
  tick: (images: number) => void,
): Promise<Taught> {
  const { contentHash } = readInfo(join(folder, INFO_FILE));
  const all = domain.ids.length;
  const odds = kept.of(contentHash, all, rows);
  const missing = [...rows.keys()].filter((i) => Number.isNaN(odds[i]!));
  tick(rows.length - missing.length);
  for (let start = 0; start < missing.length; start += KEPT_TOGETHER) {
    const part = missing.slice(start, start + KEPT_TOGETHER);
    const own = Int32Array.from(part, (i) => rows[i]!);
    const { logits } = await predictRows(model, domain, own, tick, precision);
    const made = Float64Array.from(logOddsOf(logits, model.info.classes.length, positive));
    part.forEach((i, k) => {
      odds[i] = made[k]!;
    });
    kept.add(contentHash, all, own, made);
  }
  const limit = Math.log(threshold / (1 - threshold));
  return {
    ...{ folder, domain, rows, odds: odds.map((one) => one - limit) },
    parts: Array.from(rows, (row) => partOf(domain.groups[row]!, seed)),
  };
}

/** Indices of a part's rows. */
export const indicesOf = ({ parts }: Taught, part: Part): number[] =>
  [...parts.keys()].filter((i) => parts[i] === part);
