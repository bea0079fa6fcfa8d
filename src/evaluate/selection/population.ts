/** Completeness of lenses as nature has them, by the smooth model that was fitted to others. */
import type { Dataset } from "../../dataset/dataset.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { positiveOf } from "../positive.ts";
import { propertiesOf } from "./properties.ts";
import type { Smooth } from "./selection.ts";
import { meanSmooth, type SmoothValue } from "./smooth.ts";

export interface InNature {
  /** Lenses with all of the model's properties; and those without. */
  readonly lenses: number;
  readonly unknown: number;
  /** Lenses outside the ranges of the injections, for which the model is extrapolated. */
  readonly outside: number;
  /** Mean completeness, with the interval of the fit; null without a model. */
  readonly completeness: SmoothValue | null;
}

/**
 * The mean of the model over a dataset's lenses. The interval has the fit's error, and none for how the lenses were drawn.
 *
 * @throws ArcletError when it has no lens
 */
export function inNature(
  dataset: Dataset,
  folder: string,
  positive: string | null,
  smooth: Smooth | null,
): InNature {
  const { classes } = dataset.info;
  const lens = positiveOf(classes, positive);
  const labelled = dataset.labelledRows();
  const labels = dataset.labels(labelled);
  const lenses = labelled.filter((_, k) => labels[k] === lens);
  if (lenses.length === 0)
    throw new ArcletError({ where: folder, code: "empty", problem: `has no row of class ${classes[lens]}` });
  if (smooth === null) return { lenses: lenses.length, unknown: 0, outside: 0, completeness: null };
  const { properties } = smooth.model;
  const columns = propertiesOf(
    dataset.table,
    lenses,
    properties.map(({ property }) => property),
  );
  const rows = [...lenses.keys()].map((k) => columns.map(({ values }) => values[k]!));
  const known = rows.filter((row) =>
    row.every((value, k) => Number.isFinite(value) && (properties[k]!.transform === "none" || value > 0)),
  );
  const outside = known.filter((row) =>
    row.some((value, k) => value < properties[k]!.low || value > properties[k]!.high),
  );
  return {
    lenses: known.length,
    unknown: rows.length - known.length,
    outside: outside.length,
    completeness: meanSmooth(smooth.model, known),
  };
}
