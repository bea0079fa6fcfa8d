/** How a probe does on rows that it did not see, beside the model that it was made of. */
import { writeCatalog } from "../../catalog/write.ts";
import { bootstrapByGroup } from "../bootstrap.ts";
import { type Gain, pairedGain } from "../combination/gain.ts";
import type { Interval } from "../interval.ts";
import { rankScores } from "../ranked.ts";
import { auroc } from "../ranking.ts";

export interface JudgedProbe {
  readonly auroc: Interval & { readonly value: number };
  /** The probe's AUROC less the model's. */
  readonly gain: Gain | null;
  readonly lenses: number;
  readonly others: number;
}

const RESAMPLES = 1000;

/** Graded rows, each judged by a probe of the others. */
export interface HeldOut {
  readonly ids: readonly string[];
  readonly lens: Float64Array;
  readonly groups: readonly string[];
  readonly heldOut: Float64Array;
  /** What the model itself said; null without one. */
  readonly before: Float64Array | null;
}

/** Whether rows could be held out. */
export const isHeldOut = <P extends Omit<HeldOut, "heldOut"> & { readonly heldOut: Float64Array | null }>(
  probed: P,
): probed is P & HeldOut => probed.heldOut !== null;

/** A row counts as a lens if its grade says so more than not. Intervals know of groups. @throws Interrupted */
export async function judgeProbe(
  { heldOut, before, lens, groups }: HeldOut,
  seed: number,
): Promise<JudgedProbe> {
  const positives = Uint8Array.from(lens, (p) => Number(p >= 0.5));
  const interval = await bootstrapByGroup(
    heldOut,
    positives,
    groups,
    { auroc },
    { resamples: RESAMPLES, seed },
  );
  const lenses = positives.reduce((sum, one) => sum + one, 0);
  return {
    auroc: { value: auroc(rankScores(heldOut, positives)), ...interval.auroc },
    gain: before === null ? null : await pairedGain(heldOut, before, positives, groups, seed),
    lenses,
    others: lens.length - lenses,
  };
}

/**
 * Writes the graded rows' scores, each by a probe that saw no row of its group: these may be judged and combined.
 *
 * @throws ArcletError when the file can't be written
 */
export const writeHeldOut = (path: string, { ids, groups, heldOut, lens }: HeldOut): Promise<string[]> =>
  writeCatalog(
    path,
    [
      { name: "id", type: "text", ucd: "meta.id;meta.main" },
      { name: "score", type: "number", ucd: "stat.probability" },
      { name: "group", type: "text" },
      { name: "lens", type: "number" },
    ],
    ids.map((id, i) => [id, heldOut[i]!, groups[i]!, lens[i]!]),
  );
