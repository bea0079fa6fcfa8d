/** The tables of a selection function: for the terminal and the page, and as files. */
import type { CatalogColumn } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/table.ts";
import type { Measured } from "../../evaluate/selection/measured.ts";
import { PARTS } from "../../evaluate/selection/quantiles.ts";
import type { AtThreshold } from "../../evaluate/selection/selection.ts";
import type { Table } from "../../pictures/table.ts";

export const thresholdText = (threshold: number): string => String(Number(threshold.toPrecision(6)));

/** What each threshold finds. */
export function completenessTable({ thresholds, population }: Measured): Table {
  const others = thresholds.some((at) => at.others !== null);
  return {
    columns: [
      ...["score from", "chosen", "found", "completeness"],
      ...(others ? ["without injection", "of which pass"] : []),
      ...(population === null ? [] : ["completeness in the population"]),
    ],
    rows: thresholds.map((at, t) => [
      ...[thresholdText(at.threshold), at.chosen, `${at.found} of ${at.injected}`, at.completeness],
      ...(others ? [at.others?.count ?? null, at.others?.share ?? null] : []),
      ...(population === null ? [] : [population.at[t]!.completeness]),
    ]),
  };
}

/** Quantiles of what was injected and of what is found. */
export const quantilesTable = ({ quantiles }: AtThreshold): Table => ({
  columns: ["property", "of", ...PARTS.map((part) => `${100 * part} %`)],
  rows: quantiles.flatMap(({ label, injected, found }) => [
    [label, "injected", ...injected.map(valueText)],
    [label, "found", ...found.map(valueText)],
  ]),
});

/** The smooth model's coefficients. */
export function modelTable({ smooth }: AtThreshold): Table | null {
  if (smooth === null) return null;
  const { properties, terms, coefficients, covariance } = smooth.model;
  const name = (index: number) => `u(${properties[index]!.property})`;
  return {
    columns: ["term", "coefficient", "standard error"],
    rows: terms.map((term, k) => [
      term.kind === "constant"
        ? "1"
        : term.kind === "linear"
          ? name(term.of)
          : term.kind === "spline"
            ? `s${term.j}(${name(term.of)})`
            : term.of.map(name).join(" · "),
      coefficients[k]!.toFixed(3),
      Math.sqrt(covariance[k]![k]!).toFixed(3),
    ]),
  };
}

const valueText = (value: number | null): string =>
  value === null ? "–" : String(Number(value.toPrecision(4)));

/** A row a bin and threshold: along each property, and over two. */
export function countsFile({ thresholds }: Measured): { columns: CatalogColumn[]; rows: Value[][] } {
  const number = (name: string, description: string): CatalogColumn => ({
    name,
    type: "number",
    description,
  });
  const columns: CatalogColumn[] = [
    number("threshold", "scores from which a lens is found"),
    { name: "x", type: "text", description: "the property that is binned; empty for all injections" },
    number("x_low", "the bin's least value"),
    number("x_high", "the bin's end, not part of it but in the last bin"),
    { name: "y", type: "text", description: "the second property of a map; empty else" },
    number("y_low", "as x_low"),
    number("y_high", "as x_high"),
    { name: "injected", type: "whole", description: "injections in the bin" },
    { name: "found", type: "whole", description: "injections found" },
    number("completeness", "the share found, by weight"),
    number("completeness_low", "its 95 % interval's lower end"),
    number("completeness_high", "its 95 % interval's upper end"),
    number("effective", "independent injections that these are worth"),
  ];
  const rows = thresholds.flatMap((at) => {
    const row = (where: Value[], { count, found, completeness }: Rows): Value[] => [
      ...[at.threshold, ...where, count, found],
      ...[completeness.value, completeness.low, completeness.high, completeness.effective],
    ];
    const none = [null, null, null];
    return [
      row([...none, ...none], { count: at.injected, found: at.found, completeness: at.completeness }),
      ...at.along.flatMap(({ property, bins }) =>
        bins.map((bin) => row([property, bin.low, bin.high, ...none], bin)),
      ),
      ...at.maps.flatMap(({ x, y, cells }) =>
        cells.map((cell) => row([x, cell.x.low, cell.x.high, y, cell.y.low, cell.y.high], cell)),
      ),
    ];
  });
  return { columns, rows };
}

type Rows = Pick<AtThreshold["along"][number]["bins"][number], "count" | "found" | "completeness">;

/** A row an injection: what is known of it, its score, and what the smooth model says that never saw its group. */
export function injectionsFile({ injections, thresholds }: Measured): {
  columns: CatalogColumn[];
  rows: Value[][];
} {
  const { ids, groups, scores, weights, properties } = injections;
  const own = new Set(["id", "group", "score", "weight"]);
  const shown = properties.filter(({ name }) => !own.has(name));
  const columns: CatalogColumn[] = [
    { name: "id", type: "text" },
    { name: "group", type: "text" },
    { name: "score", type: "number" },
    { name: "weight", type: "number" },
    ...shown.map(({ name, unit }): CatalogColumn => ({ name, type: "number", ...(unit && { unit }) })),
    ...thresholds.flatMap((at, t): CatalogColumn[] => [
      { name: `found_${t + 1}`, type: "yes/no", description: `score from ${at.threshold}` },
      { name: `predicted_${t + 1}`, type: "number", description: "by the smooth model, held out" },
    ]),
  ];
  const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);
  const rows = ids.map((id, row): Value[] => [
    ...[id, groups[row]!, scores[row]!, weights[row]!],
    ...shown.map(({ values }) => known(values[row])),
    ...thresholds.flatMap(({ threshold, smooth }) => [
      scores[row]! >= threshold,
      known(smooth?.predicted[row]),
    ]),
  ]);
  return { columns, rows };
}
