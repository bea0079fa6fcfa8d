/** What the lenses' runs say: a table an encoder, and one of the validators. */
import { auroc, delongPaired, rankScores } from "../../src/evaluate/index.ts";
import { chosenEpoch, type EpochRecord } from "../../src/train/index.ts";
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

/**
 * A method's AUROC less source-only's, paired by seed: the mean, and a 95 % interval from DeLong's error on the shared
 * images (which more seeds don't lower) and the scatter of the seeds.
 */
function gain(own: readonly LensResult[], base: readonly LensResult[]): string {
  const pairs = own.map((one) => {
    const other = base.find(({ seed }) => seed === one.seed)!;
    const lenses = Uint8Array.from(one.lenses);
    return delongPaired(Float64Array.from(one.chosen), Float64Array.from(other.chosen), lenses);
  });
  const n = pairs.length;
  const mean = pairs.reduce((sum, { difference }) => sum + difference, 0) / n;
  const within = pairs.reduce((sum, { standardError }) => sum + standardError ** 2, 0) / n;
  const between =
    pairs.reduce((sum, { difference }) => sum + (difference - mean) ** 2, 0) / Math.max(1, n - 1) / n;
  const half = 1.96 * Math.sqrt(within + between);
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
  return `${signed(mean)} [${signed(mean - half)}, ${signed(mean + half)}]`;
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

/** Ranks from 0, ties by their mean. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const of = Array<number>(values.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++;
    for (let k = i; k < j; k++) of[order[k]!] = (i + j - 1) / 2;
    i = j;
  }
  return of;
}

/** Spearman's rank correlation. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (x.length - 1) / 2;
  const dot = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, i) => sum + (value - middle) * (q[i]! - middle), 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

/**
 * Each validator over all checkpoints of an encoder and seed, methods and epochs together: rank correlation with the true
 * AUROC, and the regret of its choice (the best checkpoint's AUROC less the chosen one's).
 */
export function validatorRows(results: readonly LensResult[]): Rows {
  const groups = new Map<string, EpochRecord[]>();
  for (const { encoder, seed, records: own } of results) {
    if (own[0]!.validators.oracle === undefined) continue;
    const key = `${encoder} ${seed}`;
    groups.set(key, [...(groups.get(key) ?? []), ...own]);
  }
  const records = [...groups.values()];
  const names = Object.keys(records[0]![0]!.validators).filter((name) => name !== "oracle");
  const rows = names.map((name) => {
    const measured = records.map((of) => {
      const [score, truth] = [
        of.map((one) => one.validators[name]!),
        of.map((one) => one.validators.oracle!),
      ];
      const chosen = score.indexOf(Math.max(...score));
      return { rho: correlation(score, truth), regret: Math.max(...truth) - truth[chosen]! };
    });
    return { name, rho: measured.map(({ rho }) => rho), regret: measured.map(({ regret }) => regret) };
  });
  rows.sort((a, b) => total(a.regret) - total(b.regret));
  return {
    columns: ["validator", "rank correlation with the true AUROC", "regret of its choice"],
    rows: rows.map(({ name, rho, regret }) => [name, over(rho, 2), over(regret, 3)]),
  };
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
