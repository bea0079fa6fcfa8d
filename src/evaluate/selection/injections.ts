/** Injected lenses of a dataset, joined with the scores of a finder. */
import type { Dataset } from "../../dataset/dataset.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { positiveOf } from "../positive.ts";
import type { ScoredRow } from "./finder-scores.ts";
import { propertiesOf, valuesOf } from "./properties.ts";
import type { Injections } from "./selection.ts";

export interface InjectionOptions {
  readonly positive: string | null;
  /** Names of properties; null for the known ones. */
  readonly properties: readonly string[] | null;
  /** A column of weights; null for none. */
  readonly weights: string | null;
  /** Injections with more of their light than this on full pixels are left out; null for none. */
  readonly mostCutOff: number | null;
}

/** Rows of a dataset that take part, and what was left out of them. */
export interface InjectedRows {
  readonly lenses: Int32Array;
  readonly others: Int32Array;
  readonly notes: readonly string[];
}

/** An arc with more of its light than this on full pixels is flagged. */
const MUCH = 0.5;

/** What `paint` says of an arc's light. */
const CUT_OFF = "cut_off";

/** The labelled rows among some, injections by the positive class. @throws ArcletError when there is no injection */
export function injectedRows(
  dataset: Dataset,
  folder: string,
  rows: Int32Array,
  { positive, mostCutOff }: InjectionOptions,
): InjectedRows {
  const { classes } = dataset.info;
  const lens = positiveOf(classes, positive);
  const labelled = new Set(dataset.labelledRows());
  const known = rows.filter((row) => labelled.has(row));
  const labels = dataset.labels(known);
  const others = known.filter((_, k) => labels[k] !== lens);
  const { lenses, notes } = withinCutOff(
    dataset,
    folder,
    known.filter((_, k) => labels[k] === lens),
    mostCutOff,
  );
  if (lenses.length === 0)
    throw new ArcletError({
      where: folder,
      code: "empty",
      problem: `has no injection to count: none of ${rows.length} rows is of class ${classes[lens]}${
        notes.length > 0 ? " within --most-cut-off" : ""
      }`,
      fix: "give a painted or simulated dataset, or --paint N to paint real cutouts first",
    });
  return { lenses, others, notes };
}

/** Flags arcs whose light is on pixels that can't show it, or leaves them out. */
function withinCutOff(dataset: Dataset, folder: string, lenses: Int32Array, most: number | null) {
  if (!dataset.table.has(CUT_OFF)) {
    if (most !== null)
      throw new ArcletError({
        where: folder,
        code: "missing",
        problem: `has no column ${CUT_OFF}, which --most-cut-off needs`,
        fix: "leave --most-cut-off out; arclet paint writes the column",
      });
    return { lenses, notes: [] };
  }
  const cutOff = valuesOf(dataset.table, CUT_OFF, lenses);
  if (most !== null && lenses.length > 0 && !cutOff.some(Number.isFinite))
    refuse(folder, CUT_OFF, "given for some injection with --most-cut-off", null);
  const above = (limit: number) => cutOff.filter((share) => share > limit).length;
  const text = (limit: number) =>
    `${above(limit)} of ${lenses.length} injections have more than ${limit} of their light on full pixels`;
  if (most !== null)
    return {
      // One whose share is not known is kept.
      lenses: lenses.filter((_, k) => !(cutOff[k]! > most)),
      notes: above(most) === 0 ? [] : [`${text(most)}, and are left out (--most-cut-off)`],
    };
  return { lenses, notes: above(MUCH) === 0 ? [] : [`${text(MUCH)}; they count (see --most-cut-off)`] };
}

/**
 * @param scores by id
 * @param from what the scores are of, for messages
 * @throws ArcletError for a row without a score, and a weight that is not a number from 0
 */
export function joinedInjections(
  dataset: Dataset,
  folder: string,
  { lenses, others }: InjectedRows,
  scores: ReadonlyMap<string, ScoredRow>,
  from: string,
  { properties, weights }: InjectionOptions,
): { injections: Injections; notes: string[] } {
  refuseUnscored(dataset, folder, [...lenses, ...others], scores, from);
  const scoreOf = (row: number) => scores.get(dataset.ids[row]!)!;
  const graded = [...lenses, ...others].filter((row) => scoreOf(row).graded).length;
  const kept = lenses.filter((row) => !scoreOf(row).graded);
  if (kept.length === 0)
    throw new ArcletError({
      where: from,
      code: "empty",
      problem: `its finder learned from grades of the groups of all ${lenses.length} injections`,
    });
  const extra = scores.size - lenses.length - others.length;
  return {
    injections: {
      ids: Array.from(kept, (row) => dataset.ids[row]!),
      groups: Array.from(kept, (row) => dataset.groups[row]!),
      scores: Float64Array.from(kept, (row) => scoreOf(row).score),
      weights: weightsOf(dataset, folder, kept, weights),
      properties: propertiesOf(dataset.table, kept, properties),
      others: Float64Array.from(
        others.filter((row) => !scoreOf(row).graded),
        (row) => scoreOf(row).score,
      ),
    },
    notes: [
      ...(graded === 0
        ? []
        : [`${from}: its finder learned from grades of the groups of ${graded} rows, which are left out`]),
      ...(extra <= 0 ? [] : [`${from}: ${extra} of its ${scores.size} rows are not counted`]),
    ],
  };
}

function refuseUnscored(
  dataset: Dataset,
  folder: string,
  rows: readonly number[],
  scores: ReadonlyMap<string, ScoredRow>,
  from: string,
): void {
  const missing = rows.filter((row) => !scores.has(dataset.ids[row]!));
  if (missing.length === 0) return;
  const known = new Set(dataset.ids);
  const stranger = [...scores.keys()].find((id) => !known.has(id));
  const like = stranger === undefined ? "" : `; ids without an image look like ${stranger}`;
  throw new ArcletError({
    where: from,
    code: "missing",
    problem: `has no score for ${missing.length} of the ${rows.length} images of ${folder}, the first is ${
      dataset.ids[missing[0]!]
    }${like}`,
    fix: "score the whole dataset, or take part of it by --where or --splits",
  });
}

function weightsOf(dataset: Dataset, folder: string, rows: Int32Array, column: string | null): Float64Array {
  if (column === null) return new Float64Array(rows.length).fill(1);
  const weights = valuesOf(dataset.table, column, rows);
  const bad = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad >= 0)
    refuse(
      { where: folder, row: rows[bad]! + 1, id: dataset.ids[rows[bad]!] },
      column,
      "a weight from 0 on",
      Number.isNaN(weights[bad]!) ? null : weights[bad],
    );
  if (!weights.some((weight) => weight > 0)) refuse(folder, column, "above 0 for some injection", 0);
  return weights;
}
