/** A selection function as pictures: completeness along a property, over two, and as the smooth model has it. */
import * as Plot from "@observablehq/plot";
import type { Along, CompletenessMap } from "../evaluate/selection/counts.ts";
import { propertyOf } from "../evaluate/selection/properties.ts";
import { type SmoothSelection, smoothAt } from "../evaluate/selection/smooth.ts";
import { refuse } from "../foundation/errors.ts";
import { completenessMapFigure } from "./completeness-figures.ts";
import { drawSvg, type Legend, seriesColour, seriesDash } from "./plot.ts";

/** One series of a figure, e.g. a threshold's. */
export interface SelectionSeries<T> {
  readonly name: string;
  readonly of: T;
}

/** The share of a bin's width that bars of several series lie beside each other in. */
const SPREAD = 0.5;

/** Completeness in bins of one property, with 95 % intervals, and the number of injections in each bin. */
export function selectionAlongFigure(series: readonly SelectionSeries<Along>[]): string {
  const [first] = series;
  if (first === undefined) refuse("figure", "thresholds", "one or more", 0);
  const { property, label, bins } = first!.of;
  const { log } = propertyOf(property);
  const at = (low: number, high: number, part: number) =>
    log && low > 0 ? low * (high / low) ** part : low + (high - low) * part;
  const edges = [...bins.map(({ low }) => low), bins.at(-1)!.high];
  const points = series.map(({ of }, k) =>
    of.bins.flatMap(({ low, high, count, completeness: { value, low: below, high: above } }) => {
      if (count === 0 || value === null) return [];
      const part = 0.5 + (series.length === 1 ? 0 : SPREAD * (k / (series.length - 1) - 0.5));
      return [{ low, high, x: at(low, high, part), value, below: below ?? value, above: above ?? value }];
    }),
  );
  const counts = bins.map(({ low, high, count }) => ({ x: at(low, high, 0.5), count }));
  return drawSvg(
    `Completeness along ${label}`,
    {
      x: {
        label: `${label} →`,
        labelAnchor: "center",
        type: log ? "log" : "linear",
        domain: [edges[0]!, edges.at(-1)!],
        ticks: edges,
        tickFormat: plain,
      },
      y: {
        label: "↑ completeness (numbers: injections in the bin)",
        domain: [0, 1.08],
        ticks: 5,
        grid: true,
      },
      marks: [
        Plot.ruleY([0]),
        ...points.flatMap((own, k) => [
          Plot.ruleY(own, {
            ...{ y: "value", x1: "low", x2: "high", stroke: seriesColour(k), strokeWidth: 2.5 },
            strokeDasharray: seriesDash(k),
          }),
          Plot.ruleX(own, {
            x: "x",
            y1: "below",
            y2: "above",
            stroke: seriesColour(k),
            strokeWidth: 6,
            strokeOpacity: 0.35,
          }),
        ]),
        Plot.text(counts, { x: "x", y: 1.04, text: (d) => String(d.count), fontSize: 13, fillOpacity: 0.75 }),
      ],
    },
    series.length === 1 ? [] : series.map(({ name }, k): Legend => ({ name, k })),
  );
}

/** Completeness over two properties: a cell's colour is its completeness, its text the number found of all. */
export const selectionMapFigure = ({ cells, ...map }: CompletenessMap): string =>
  completenessMapFigure(
    { ...map, cells: cells.map(({ completeness, ...cell }) => ({ ...cell, recall: completeness })) },
    "injected lenses",
  );

/** Points of a curve. */
const POINTS = 60;

/**
 * The smooth model along its first property, with the fit's 95 % intervals, for values of its second.
 *
 * @param others values of the further properties for each curve
 */
export function smoothFigure(
  model: SmoothSelection,
  curves: readonly SelectionSeries<readonly number[]>[],
): string {
  const [along] = model.properties;
  if (along === undefined) refuse("figure", "properties of the model", "one or more", 0);
  const { property, transform, low, high } = along!;
  const { label } = propertyOf(property);
  const log = transform === "log";
  const drawn = curves.map(({ of }) =>
    Array.from({ length: POINTS }, (_, k) => {
      const part = k / (POINTS - 1);
      const x = log ? low * (high / low) ** part : low + (high - low) * part;
      return { x, ...smoothAt(model, [x, ...of]) };
    }),
  );
  return drawSvg(
    `Modelled completeness along ${label}`,
    {
      x: {
        label: `${label} →`,
        labelAnchor: "center",
        type: log ? "log" : "linear",
        domain: [low, high],
        ...(log ? { ticks: logTicks(low, high) } : { ticks: 6 }),
        tickFormat: plain,
      },
      y: { label: "↑ completeness by the smooth model", domain: [0, 1], ticks: 5, grid: true },
      marks: [
        Plot.ruleY([0]),
        ...drawn.flatMap((points, k) => [
          Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: seriesColour(k), fillOpacity: 0.18 }),
          Plot.line(points, {
            x: "x",
            y: "value",
            stroke: seriesColour(k),
            strokeWidth: 2.5,
            strokeDasharray: seriesDash(k),
          }),
        ]),
      ],
    },
    curves.map(({ name }, k): Legend => ({ name, k })),
  );
}

/** 1, 1.5, 2, 3, 5, 7 times powers of ten within the range, or fewer of them. */
function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, k) => 10 ** (first + k));
  const parts = high / low < 30 ? [1, 1.5, 2, 3, 5, 7] : [1, 3];
  return powers.flatMap((power) => parts.map((part) => part * power)).filter((x) => x >= low && x <= high);
}

const plain = (value: number): string => String(Number(value.toPrecision(6)));
