/** The selection function of a finder: completeness against what is known of injected lenses, at each threshold. */

import { refuse } from "../../foundation/errors.ts";
import { withWilson } from "../estimates.ts";
import { rankScores } from "../ranked.ts";
import type { Estimate } from "../schema.ts";
import { thresholdAtFpr } from "../threshold.ts";
import { type ClusteredRows, type ClusteredShare, clusteredRows, shareFound } from "./clustered.ts";
import { type Along, type CompletenessMap, countAlong, countMap } from "./counts.ts";
import { type HeldOut, heldOut, valuesFor } from "./held-out.ts";
import type { PropertyColumn } from "./properties.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { fitSmooth, possibleKnots, type SmoothSelection, smoothAt } from "./smooth.ts";
import type { AskedThreshold } from "./thresholds.ts";

/** Injected lenses with what a finder says of them. */
export interface Injections {
  readonly ids: readonly string[];
  /** Rows of one group are not independent (N). */
  readonly groups: readonly string[];
  readonly scores: Float64Array;
  /** How much each counts (N). */
  readonly weights: Float64Array;
  readonly properties: readonly PropertyColumn[];
  /** Scores of images without an injection; empty if there are none. */
  readonly others: Float64Array;
}

export interface SelectionOptions {
  readonly thresholds: readonly AskedThreshold[];
  /** Pairs of properties by name. */
  readonly maps: readonly (readonly [string, string])[];
  /** Properties of the smooth model, by name. */
  readonly model: readonly string[];
  readonly seed: number;
}

export interface AtThreshold {
  readonly threshold: number;
  /** How it was chosen. */
  readonly chosen: string;
  readonly injected: number;
  readonly found: number;
  readonly groups: number;
  /** ρ of injections of one group; null if all are of one. */
  readonly correlation: number | null;
  readonly completeness: ClusteredShare;
  /** Images without an injection that pass; null if there are none. */
  readonly others: { readonly count: number; readonly passed: number; readonly share: Estimate } | null;
  readonly along: readonly Along[];
  readonly maps: readonly CompletenessMap[];
  readonly quantiles: readonly Quantiles[];
  /** Null without a model, for a reason among the notes. */
  readonly smooth: Smooth | null;
  readonly notes: readonly string[];
}

export interface Smooth {
  readonly model: SmoothSelection;
  /** Rows it was fitted on, and rows that lack one of its properties. */
  readonly rows: number;
  readonly unknown: number;
  /** Null if there are too few groups. */
  readonly heldOut: HeldOut | null;
  /** Of each injection, by a fit that saw none of its group; NaN for those without a prediction (N). */
  readonly predicted: Float64Array;
}

/** @throws ArcletError for a property that the injections don't have, or a threshold that can't be chosen */
export function selectionOf(injections: Injections, options: SelectionOptions): AtThreshold[] {
  const byName = (name: string): PropertyColumn =>
    injections.properties.find((property) => property.name === name) ??
    refuse(
      "selection",
      "property",
      `one of ${injections.properties.map((property) => property.name).join(", ")}`,
      name,
    );
  const maps = options.maps.map(([x, y]) => [byName(x), byName(y)] as const);
  const model = options.model.map(byName);
  return options.thresholds.map((asked) => atThreshold(injections, asked, maps, model, options.seed));
}

function atThreshold(
  injections: Injections,
  asked: AskedThreshold,
  maps: readonly (readonly [PropertyColumn, PropertyColumn])[],
  model: readonly PropertyColumn[],
  seed: number,
): AtThreshold {
  const { scores, weights, groups, properties, others } = injections;
  const threshold = thresholdOf(asked, injections);
  const found = Uint8Array.from(scores, (score) => Number(score >= threshold));
  const rows = clusteredRows(found, weights, groups);
  const passed = others.reduce((sum, score) => sum + Number(score >= threshold), 0);
  const count = found.reduce((sum, one) => sum + one, 0);
  const { smooth, notes } = smoothOf(model, rows, seed);
  return {
    threshold,
    chosen: asked.chosen,
    injected: scores.length,
    found: count,
    groups: rows.groups.count,
    correlation: rows.correlation,
    completeness: shareFound(rows),
    others:
      others.length === 0 ? null : { count: others.length, passed, share: withWilson(passed, others.length) },
    along: properties.map((property) => countAlong(property, rows)),
    maps: maps.map(([x, y]) => countMap(x, y, rows)),
    quantiles: properties.map((property) => quantilesOf(property, found, weights)),
    smooth,
    notes: [...extremes(threshold, injections, count), ...oneGroup(rows), ...notes],
  };
}

function thresholdOf(asked: AskedThreshold, { scores, others }: Injections): number {
  if (asked.value !== null) return asked.value;
  if (others.length === 0)
    refuse("selection", "thresholds", "scores, since no image is without an injection", asked.chosen);
  const all = Float64Array.from([...scores, ...others]);
  const positives = Uint8Array.from(all, (_, row) => Number(row < scores.length));
  return thresholdAtFpr(rankScores(all, positives), asked.fpr!);
}

function extremes(threshold: number, { scores }: Injections, found: number): string[] {
  if (found > 0 && found < scores.length) return [];
  const [low, high] = [scores.reduce((a, b) => Math.min(a, b)), scores.reduce((a, b) => Math.max(a, b))];
  const which = found === 0 ? "none" : "all";
  return [
    `${which} of the ${scores.length} injections pass the threshold ${threshold}: their scores are from ${low} to ${high}`,
  ];
}

const oneGroup = ({ groups: { count }, found }: ClusteredRows): string[] =>
  count > 1
    ? []
    : [
        `all ${found.length} injections are of one group, so nothing is known of others, and there are no intervals`,
      ];

/** The model, or a note that says why there is none. */
function smoothOf(
  columns: readonly PropertyColumn[],
  rows: ClusteredRows,
  seed: number,
): { smooth: Smooth | null; notes: string[] } {
  if (columns.length === 0 || rows.groups.count < 2) return { smooth: null, notes: [] };
  const all = [...rows.found.keys()];
  const which = all.filter((row) =>
    columns.every(
      ({ values, transform }) =>
        Number.isFinite(values[row]!) && (transform === "none" || values[row]! > 0) && rows.weights[row]! > 0,
    ),
  );
  const found = which.reduce((sum, row) => sum + rows.found[row]!, 0);
  const possible = possibleKnots(columns.length, rows, which);
  const names = columns.map(({ name }) => name).join(", ");
  if (possible.length === 0)
    return {
      smooth: null,
      notes: [
        `no smooth model of ${names}: ${found} of ${which.length} injections are found, too few on one side to fit one`,
      ],
    };
  const { knots, judged } = bestOf(possible, columns, rows, which, seed);
  const model = fitSmooth(columns, rows, which, knots);
  const same = columns.filter(({ name }) => !model.properties.some(({ property }) => property === name));
  const predicted = new Float64Array(all.length).fill(Number.NaN);
  if (judged !== null) for (const [k, row] of which.entries()) predicted[row] = judged.predicted[k]!;
  return {
    smooth: {
      model,
      rows: which.length,
      unknown: all.length - which.length,
      heldOut: judged?.judged ?? null,
      predicted,
    },
    notes: [
      ...same.map(({ name }) => `${name} is the same for all injections, and no part of the smooth model`),
      ...(which.length < all.length
        ? [
            `${all.length - which.length} injections lack one of ${names}, and are no part of the smooth model`,
          ]
        : []),
      ...(judged === null ? ["too few groups to judge the smooth model on injections held out"] : []),
    ],
  };
}

/** The bend that predicts injections of other groups best; none if there are too few groups to tell. */
function bestOf(
  possible: readonly number[],
  columns: readonly PropertyColumn[],
  rows: ClusteredRows,
  which: readonly number[],
  seed: number,
) {
  const tried = possible.map((knots) => ({ knots, judged: heldOut(columns, rows, which, knots, seed) }));
  const loss = ({ judged }: (typeof tried)[number]) => judged?.judged.logLoss ?? Number.POSITIVE_INFINITY;
  // The last is the simplest.
  return tried.reduce((best, one) => (loss(one) <= loss(best) ? one : best));
}

/** Three injections with what the model says of them, so that others can check their own evaluation of it. */
export function examplesOf({ model }: Smooth, { properties, ids }: Injections) {
  const known = [...ids.keys()].filter((row) => valuesFor(model, properties, row).every(Number.isFinite));
  return [0, Math.floor(known.length / 2), known.length - 1]
    .filter((at, k, list) => at >= 0 && list.indexOf(at) === k)
    .map((at) => {
      const row = known[at]!;
      const values = valuesFor(model, properties, row);
      return {
        id: ids[row]!,
        values: Object.fromEntries(model.properties.map(({ property }, k) => [property, values[k]!])),
        ...smoothAt(model, values),
      };
    });
}
