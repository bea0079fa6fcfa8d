/** What a comparison compares: every run's epochs and every ensemble, with their scores of the same test rows. */
import { deviation, mean } from "../../foundation/statistics.ts";
import { metricsOf } from "../metrics.ts";
import type { Scores } from "../ranked.ts";
import type { Estimate, Metrics } from "../schema.ts";
import { holm } from "./holm.ts";
import { type Components, componentsOf, less, meanAuroc, type OverSeeds, overSeeds } from "./over-seeds.ts";

/** A run's epoch by what chose it, or how an ensemble was made. */
export type EntryKind = "chosen" | "last" | "oracle" | "mean" | "stack";

export interface Entry {
  /** The encoder's row, the method's row and its method by name. */
  encoder: string;
  row: string;
  method: string | null;
  kind: EntryKind;
  /** Null for an ensemble. */
  seed: number | null;
  /** The runs that it consists of. */
  members: readonly string[];
  /** The epoch, and the number of epochs; null for an ensemble. */
  epoch: number | null;
  epochs: number | null;
  /** Training time, all epochs of all members. */
  seconds: number;
  /** What a reader must know before believing it, e.g. `oracle`. */
  marks: readonly string[];
  /** Probabilities of the positive class (N). */
  scores: Float64Array;
}

export interface Measured extends Entry {
  metrics: Metrics;
  components: Components;
}

/** @throws ArcletError when a class has no row or a score is not finite */
export const measured = (entry: Entry, positives: Uint8Array, positiveClass: string): Measured => ({
  ...entry,
  metrics: metricsOf({ positiveClass, scores: entry.scores, positives }),
  components: componentsOf(entry.scores, positives),
});

/** A line of the table: one encoder, row and kind, over its seeds. */
export interface Line {
  encoder: string;
  row: string;
  method: string | null;
  kind: EntryKind;
  seeds: number;
  members: number;
  auroc: OverSeeds;
  tpr0: Spread;
  tpr10: Spread;
  averagePrecision: Spread;
  seconds: number;
  marks: readonly string[];
  /** Its AUROC minus the base row's chosen epoch, on the seeds that both have; null for the base row and ensembles. */
  gain: OverSeeds | null;
  /** The gain's p-value adjusted by Holm, among all chosen epochs; null for other lines. */
  adjusted: number | null;
}

/** Mean and deviation over seeds; a single one has its own interval, many the deviation. */
export interface Spread {
  mean: number | null;
  deviation: number | null;
  single: Estimate | null;
}

/** The lines of a table, in the order of their first entries. */
export function linesOf(entries: readonly Measured[], positives: Uint8Array, base: string): Line[] {
  const lines = groupsOf(entries).map((group): Line => {
    const [first] = group as [Measured, ...Measured[]];
    const { encoder, row, method, kind, members } = first;
    return {
      ...{ encoder, row, method, kind },
      seeds: group.length,
      members: members.length,
      auroc: meanAuroc(
        group.map(({ scores }) => scores as Scores),
        positives,
      ),
      tpr0: spreadOf(group.map(({ metrics }) => metrics.tpr0)),
      tpr10: spreadOf(group.map(({ metrics }) => metrics.tpr10)),
      averagePrecision: spreadOf(group.map(({ metrics }) => metrics.averagePrecision)),
      seconds: group.reduce((sum, { seconds }) => sum + seconds, 0) / group.length,
      marks: [...new Set(group.flatMap(({ marks }) => marks))],
      gain: row === base || first.seed === null ? null : gainOf(group, entries, encoder, base, positives),
      adjusted: null,
    };
  });
  const family = lines.filter(({ kind, gain }) => kind === "chosen" && gain !== null);
  for (const [k, p] of holm(family.map(({ gain }) => gain!.p)).entries()) family[k]!.adjusted = p;
  return lines;
}

function gainOf(
  group: readonly Measured[],
  entries: readonly Measured[],
  encoder: string,
  base: string,
  positives: Uint8Array,
): OverSeeds | null {
  const reference = entries.filter(
    (entry) => entry.encoder === encoder && entry.row === base && entry.kind === "chosen",
  );
  return pairedOverSeeds(group, reference, positives);
}

/** The first's AUROC minus the second's, paired by seed; null if no seed has both. */
function pairedOverSeeds(
  first: readonly Measured[],
  second: readonly Measured[],
  positives: Uint8Array,
): OverSeeds | null {
  const pairs = first.flatMap((entry) => {
    const other = second.find(({ seed }) => seed === entry.seed);
    return other === undefined ? [] : [less(entry.components, other.components)];
  });
  return pairs.length === 0 ? null : overSeeds(pairs, positives);
}

export interface RowDifference extends OverSeeds {
  encoder: string;
  first: string;
  second: string;
  /** The p-value adjusted by Holm, among all differences of the comparison. */
  adjusted: number;
}

/** The differences between any two rows' chosen epochs with one encoder, the later row's minus the earlier's. */
export function differencesOf(entries: readonly Measured[], positives: Uint8Array): RowDifference[] {
  const groups = groupsOf(entries.filter(({ kind }) => kind === "chosen"));
  const differences = groups.flatMap((second, k) =>
    groups.slice(k + 1).flatMap((first): RowDifference[] => {
      if (first[0]!.encoder !== second[0]!.encoder) return [];
      const paired = pairedOverSeeds(first, second, positives);
      if (paired === null) return [];
      return [
        { ...paired, encoder: first[0]!.encoder, first: first[0]!.row, second: second[0]!.row, adjusted: 1 },
      ];
    }),
  );
  const adjusted = holm(differences.map(({ p }) => p));
  return differences.map((entry, k) => ({ ...entry, adjusted: adjusted[k]! }));
}

/** Entries of one encoder, row and kind together. */
function groupsOf(entries: readonly Measured[]): Measured[][] {
  const groups = new Map<string, Measured[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.encoder, entry.row, entry.kind]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

function spreadOf(estimates: readonly Estimate[]): Spread {
  const values = estimates.flatMap(({ value }) => (value === null ? [] : [value]));
  const n = values.length;
  if (n === 0) return { mean: null, deviation: null, single: null };
  const middle = mean(values);
  if (n === 1)
    return { mean: middle, deviation: null, single: estimates.find(({ value }) => value !== null)! };
  return { mean: middle, deviation: deviation(values), single: null };
}
