/** The choice of a run's epoch: a validator, the rows that validators use, and an oracle if one is requested. */
import { adaptsToTarget, type Method } from "../../adapt/method.ts";
import { DEFAULT_VALIDATOR, validators } from "../../adapt/validators/registry.ts";
import type { Closing } from "../../foundation/closing.ts";
import { refuse } from "../../foundation/errors.ts";
import type { TrainConfig } from "../config.ts";
import { ORACLE, Oracle, oracleSplits } from "../oracle.ts";
import type { RunData } from "./data.ts";
import type { Priors } from "./prior.ts";

export interface Selection {
  /** Name of the validator that chooses the epoch, or the oracle's. */
  by: string;
  /** Null if none is requested. */
  oracle: Oracle | null;
  /** Rows that validators use. */
  rows: { source: Int32Array; target: Int32Array };
  /** Share of each class that validators expect in the target (K). */
  prior: readonly number[];
}

/** @throws ArcletError for a validator that needs a target if there is none, and as `Oracle.open` */
export async function openSelection(
  config: TrainConfig,
  method: Method,
  { data, priors }: { data: RunData; priors: Priors },
  closing: Closing,
): Promise<Selection> {
  const by = config.select ?? (adaptsToTarget(method) ? DEFAULT_VALIDATOR : "source-auroc");
  if ((by === ORACLE || validators.find(by).needsTarget) && data.target === null)
    refuse("train", "select", "source-auroc without a target", by);
  const splits = oracleSplits(config);
  const oracle =
    splits.length > 0 && config.target !== null
      ? closing.add(
          await Oracle.open(config.target, splits, data.source.info, withoutGraded(data)),
          (opened) => opened.close(),
        )
      : null;
  const rows = {
    source: withEveryClass(
      spaced(data.rows.val, config.validateOn),
      data.rows.val,
      data.source.labels(data.rows.val),
    ),
    target: spaced(data.rows.target, config.validateOn),
  };
  return { by, oracle, rows, prior: priors.target ?? priors.source };
}

/** The target's rows whose labels an oracle must not read: they are graded, or of the groups of graded ones. */
const withoutGraded = ({ graded }: RunData): number[] =>
  graded === null ? [] : [...graded.rows.rows, ...graded.rows.left];

/** At most this many rows of a class that spacing missed. */
const ADDED = 16;

/** Rows with some of each class that they miss: AUROC needs two, and a rare class may have few rows. @param labels of `all` */
function withEveryClass(rows: Int32Array, all: Int32Array, labels: ArrayLike<number>): Int32Array {
  if (rows.length === all.length) return rows;
  const classOf = new Map(Array.from(all, (row, i) => [row, labels[i]!] as const));
  const present = new Set(Array.from(rows, (row) => classOf.get(row)));
  const absent = [...new Set(Array.from(labels))].filter((label) => !present.has(label));
  const added = absent.flatMap((label) => [
    ...spaced(
      all.filter((_, i) => labels[i] === label),
      ADDED,
    ),
  ]);
  return Int32Array.from([...rows, ...added]).sort();
}

/** At most `most` rows, evenly spaced in the table. */
const spaced = (rows: Int32Array, most: number): Int32Array =>
  rows.length <= most
    ? rows
    : Int32Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]!);
