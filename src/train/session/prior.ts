/** The classes' priors: in the source from its labels, in the target as given or estimated. */
import { looksDifferent } from "../../adapt/calibration/label-shift-test.ts";
import { adaptsToTarget } from "../../adapt/method.ts";
import { methods } from "../../adapt/registry.ts";
import { MixedDataset } from "../../dataset/mixed.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { atBoundText, checkPrior, differentText } from "../calibrate.ts";
import type { TrainConfig } from "../config.ts";
import { presetPrior } from "../presets/presets.ts";
import { estimatePrior, priorText } from "../prevalence.ts";
import type { RunData } from "./data.ts";
import type { Start } from "./start.ts";

export interface Priors {
  /** Share of each class in the source's training rows (K). */
  source: readonly number[];
  /** Expected share of each class in the target (K), given or estimated; null for none. */
  target: readonly number[] | null;
  /** What to say of a prior that was not given: an estimate, or the preset's; null for none. */
  note: string | null;
}

/** @throws ArcletError for an estimate without a starting model, or together with a given prior */
export function refuseIdlePriorFrom({ priorFrom, from, prior }: TrainConfig): void {
  if (priorFrom !== null && (from === null || prior !== null))
    refuse("train", "priorFrom", "given with --from, and without --prior", priorFrom);
}

/** @throws ArcletError for a given prior that doesn't fit the classes, or an estimate that can't be made or used */
export async function priorsOf(config: TrainConfig, data: RunData, start: Start): Promise<Priors> {
  const { source: dataset, rows } = data;
  const { classes } = dataset.info;
  const source = classShares(data, config.parts);
  const by = config.priorFrom;
  if (by !== null) {
    const estimated = await estimatePrior(by, start.network, start.blueprint.preprocessing, {
      source: dataset,
      val: rows.val,
      target: data.target ?? refuse("train", "target", "given with --prior-from", null),
      rows: rows.target,
    });
    if (estimated.atBound.length > 0)
      throw new ArcletError({
        where: "train",
        code: "failed",
        problem: atBoundText(by, classes, estimated.atBound),
        fix: "give --prior",
      });
    const { alike } = estimated;
    const warning = alike !== null && looksDifferent(alike) ? `; warning: ${differentText(by, alike)}` : "";
    return { source, target: estimated.prior, note: `${priorText(by, classes, estimated)}${warning}` };
  }
  if (config.prior !== null) {
    checkPrior("train", "prior", config.prior, classes);
    return { source, target: config.prior, note: null };
  }
  const target = adaptsToTarget(methods.find(config.method)) ? presetPrior(config.preset, classes) : null;
  return { source, target, note: target === null ? null : presetPriorText(classes, target) };
}

const presetPriorText = (classes: readonly string[], prior: readonly number[]): string =>
  `prior: ${classes.map((name, k) => `${name} ${prior[k]}`).join(", ")}, the preset's; --prior gives the shares that you expect`;

/** The share of each class among the training rows, as they are drawn. */
function classShares(
  { source, sources, rows: { train } }: RunData,
  parts: readonly number[] | null,
): number[] {
  const shares = source.info.classes.map(() => 0);
  const mixed = parts !== null && source instanceof MixedDataset ? source : null;
  const sourceOf = (row: number) => mixed?.sourceOf(row) ?? 0;
  const counts = sources.map((_, k) => train.filter((row) => sourceOf(row) === k).length);
  const labels = source.labels(train);
  for (const [i, row] of train.entries()) {
    const k = sourceOf(row);
    shares[labels[i]!]! += (parts?.[k] ?? 1) / counts[k]!;
  }
  return shares;
}
