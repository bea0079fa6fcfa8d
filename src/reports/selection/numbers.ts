/** selection.json: all that was measured, with what it was measured on. */
import type { SelectionConfig } from "../../evaluate/selection/config.ts";
import type { Measured } from "../../evaluate/selection/measured.ts";
import { PARTS } from "../../evaluate/selection/quantiles.ts";
import { examplesOf, type Injections, type Smooth } from "../../evaluate/selection/selection.ts";
import { RIDGE } from "../../evaluate/selection/smooth.ts";
import type { Provenance } from "../../torch/provenance.ts";

/** How to evaluate the model, for whoever has only the file. */
const FORMULA = [
  "p = 1 / (1 + exp(-sum over terms of coefficient * term))",
  "u of a property x = (t(x) - centre) / scale; t is the natural logarithm if transform is log, else x",
  "terms, properties counted from 0: constant = 1; linear = u; product = u * u of two properties;",
  "spline j of knots k_1 < ... < k_m, in u = (c(k_j) - c(k_{m-1}) (k_m - k_j) / (k_m - k_{m-1})" +
    " + c(k_m) (k_{m-1} - k_j) / (k_m - k_{m-1})) / (k_m - k_1)^2, where c(k) = max(0, u - k)^3",
  "standard error of the log odds = sqrt(terms' covariance terms)",
];

export function numbersOf(measured: Measured, config: SelectionConfig, provenance: Provenance) {
  const { injections, dataset, sources, thresholds, population, notes } = measured;
  return {
    version: 1,
    injected: dataset,
    finders: sources,
    settings: config,
    injections: {
      count: injections.ids.length,
      groups: new Set(injections.groups).size,
      weights: config.weights,
      withoutInjection: injections.others.length,
      properties: injections.properties.map(({ values: _, ...property }) => property),
    },
    quantileParts: PARTS,
    formula: FORMULA,
    thresholds: thresholds.map(({ smooth, ...at }, t) => ({
      ...at,
      smooth: smooth === null ? null : smoothNumbers(smooth, injections),
      population: population?.at[t] ?? null,
    })),
    population: population?.dataset ?? null,
    notes,
    provenance,
  };
}

function smoothNumbers(smooth: Smooth, injections: Injections) {
  const { model, rows, unknown, heldOut } = smooth;
  return { ...model, ridge: RIDGE, rows, unknown, examples: examplesOf(smooth, injections), heldOut };
}
