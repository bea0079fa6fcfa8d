/** The choice of a run's epoch: a validator, the rows that validators use, and an oracle if one is requested. */
import { adaptsToTarget, type Method } from "../../adapt/method.ts";
import { gradedAuroc } from "../../adapt/validators/graded-auroc.ts";
import { DEFAULT_VALIDATOR, validators } from "../../adapt/validators/registry.ts";
import type { Closing } from "../../foundation/closing.ts";
import { refuse } from "../../foundation/errors.ts";
import { evenlySpaced } from "../../foundation/thinning.ts";
import type { TrainConfig } from "../config.ts";
import { ORACLE, Oracle, oracleSplits } from "../oracle.ts";
import type { RunData } from "./data.ts";
import type { Priors } from "./prior.ts";

export interface Selection {
  /** Name of the validator that chooses the epoch, or the oracle's. */
  by: string;
  /** Why it is that one, if it was not named and the method needs grades; null else. */
  note: string | null;
  /** Null if none is requested. */
  oracle: Oracle | null;
  /** Rows that validators use. */
  rows: { source: Int32Array; target: Int32Array };
  /** Share of each class that validators expect in the target (K). */
  prior: readonly number[];
}

/** Unless a setting says otherwise, validators use as many images of each domain as an epoch trains on, within these. */
const LEAST_VALIDATED = 1024;
const MOST_VALIDATED = 4096;

/**
 * @param epochImages that the longest epoch trains on, of those that may be chosen
 * @throws ArcletError for a validator that needs a target, or held graded rows, if there are none, and as `Oracle.open`
 */
export async function openSelection(
  config: TrainConfig,
  method: Method,
  { data, priors, epochImages }: { data: RunData; priors: Priors; epochImages: number },
  closing: Closing,
): Promise<Selection> {
  const { by, note } =
    config.select === null ? defaultOf(method, data.graded) : { by: config.select, note: null };
  if ((by === ORACLE || validators.find(by).needsTarget) && data.target === null)
    refuse("train", "select", "source-auroc without a target", by);
  if (by !== ORACLE && validators.find(by).needsGraded && (data.graded?.held ?? null) === null)
    refuse("train", "select", "another one unless graded rows are held (--graded-held 0.2)", by);
  const splits = oracleSplits(config);
  const oracle =
    splits.length > 0 && config.target !== null
      ? closing.add(
          await Oracle.open(config.target, splits, data.source.info, withoutGraded(data)),
          (opened) => opened.close(),
        )
      : null;
  const most = config.validateOn ?? Math.min(MOST_VALIDATED, Math.max(LEAST_VALIDATED, epochImages));
  const rows = {
    source: withEveryClass(
      evenlySpaced(data.rows.val, most),
      data.rows.val,
      data.source.labels(data.rows.val),
    ),
    target: evenlySpaced(data.rows.target, most),
  };
  return { by, note, oracle, rows, prior: priors.target ?? priors.source };
}

/** Held graded rows of each class from which on their AUROC chooses the epoch unless another validator is named. */
const LEAST_HELD = 5;

/** The validator that chooses if none is named: by the held graded rows if the method needs grades and enough are held. */
function defaultOf(method: Method, graded: RunData["graded"]): Pick<Selection, "by" | "note"> {
  if (method.graded !== "needed")
    return { by: adaptsToTarget(method) ? DEFAULT_VALIDATOR : "source-auroc", note: null };
  const held = graded?.held ?? null;
  const lenses = held?.lenses ?? 0;
  const others = (held?.count ?? 0) - lenses;
  if (Math.min(lenses, others) >= LEAST_HELD)
    return {
      by: gradedAuroc.name,
      note: `epochs are chosen by ${gradedAuroc.name}: ${method.name} needs grades, and ${lenses} lenses and ${others} others are held`,
    };
  const few = held === null ? "no graded row is held" : `only ${lenses} lenses and ${others} others are held`;
  return {
    by: DEFAULT_VALIDATOR,
    note: `epochs are chosen by ${DEFAULT_VALIDATOR}: ${few}, and ${gradedAuroc.name} needs ${LEAST_HELD} of each to be the default (--graded-held)`,
  };
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
    ...evenlySpaced(
      all.filter((_, i) => labels[i] === label),
      ADDED,
    ),
  ]);
  return Int32Array.from([...rows, ...added]).sort();
}
