/** What the lenses' runs say: a table an encoder, and one of the validators. */
import {
  auroc,
  componentsOf,
  differenceText,
  type Judged,
  judgeValidators,
  less,
  overSeeds,
  rankScores,
} from "../../src/evaluate/index.ts";
import { chosenEpoch } from "../../src/train/index.ts";
import { over } from "../jobs.ts";
import type { LensResult } from "./one.ts";

type Rows = { columns: string[]; rows: string[][] };

const area = (scores: readonly number[], lenses: readonly number[]): number =>
  auroc(rankScores(Float64Array.from(scores), Uint8Array.from(lenses)));

/** The highest AUROC of an epoch that counts: the oracle's. */
const oracleOf = ({ records }: LensResult): number | null => {
  const best = chosenEpoch(
    records.filter(({ validators }) => validators.oracle !== undefined),
    "oracle",
  );
  return best?.validators.oracle ?? null;
};

/** A method's AUROC less source-only's, paired by seed, with its 95 % interval. */
function gain(own: readonly LensResult[], base: readonly LensResult[]): string {
  const positives = Uint8Array.from(own[0]!.lenses);
  const components = ({ chosen }: LensResult) => componentsOf(Float64Array.from(chosen), positives);
  const pairs = own.map((one) =>
    less(components(one), components(base.find(({ seed }) => seed === one.seed)!)),
  );
  return differenceText(overSeeds(pairs, positives), null);
}

export function encoderRows(results: readonly LensResult[]): Rows {
  const base = results.filter(({ row }) => row === "source-only");
  const names = [...new Set(results.map(({ row }) => row))];
  const rows = names.map((row) => {
    const own = results.filter((one) => one.row === row);
    const chosen = own.map((one) => area(one.chosen, one.lenses));
    const last = own.map((one) => area(one.last, one.lenses));
    const oracle = own.map(oracleOf).filter((value) => value !== null);
    const seconds = own.reduce((sum, one) => sum + one.seconds, 0) / own.length;
    return [
      row,
      over(chosen, 3),
      row === "source-only" ? "" : gain(own, base),
      over(last, 3),
      oracle.length === 0 ? "" : over(oracle, 3),
      seconds.toFixed(0),
    ];
  });
  return { columns: ["method", "chosen", "gain over source-only", "last", "oracle epoch", "seconds"], rows };
}

/**
 * Each validator over all checkpoints of an encoder and seed, methods and epochs together: rank correlation with the true
 * AUROC, and the regret of its choice (the best checkpoint's AUROC less the chosen one's).
 */
export function validatorRows(results: readonly LensResult[]): Rows {
  const groups = new Map<string, Judged[]>();
  for (const { encoder, seed, records } of results)
    for (const { validators } of records) {
      const { oracle: truth, ...scores } = validators;
      if (truth === undefined) continue;
      const key = `${encoder} ${seed}`;
      groups.set(key, [...(groups.get(key) ?? []), { scores, truth }]);
    }
  return {
    columns: ["validator", "rank correlation with the true AUROC", "regret of its choice"],
    rows: judgeValidators([...groups.values()]).map(({ name, correlation, regret }) => [
      name,
      over(
        correlation.filter((rho) => rho !== null),
        2,
      ),
      over(regret, 3),
    ]),
  };
}
