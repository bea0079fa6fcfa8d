/** What is found of which lenses, as pictures. */
import * as Plot from "@observablehq/plot";
import type { Completeness } from "../evaluate/schema.ts";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, seriesColour } from "./plot.ts";

type Along = Completeness["along"][number];

/** Recall along one column, with Wilson's 95 % intervals and the number of lenses in each bin. */
export function completenessFigure({ column, label, bins }: Along, positiveClass: string): string {
  const drawn = bins.filter(({ count }) => count > 0);
  if (drawn.length === 0) refuse("figure", `bins of ${column}`, "one or more with a positive", 0);
  const log = isLog(bins);
  const points = drawn.map(({ low, high, count, recall }) => ({
    low,
    high,
    middle: log ? Math.sqrt(low * high) : (low + high) / 2,
    count,
    recall: recall.value!,
    below: recall.low!,
    above: recall.high!,
  }));
  const edges = [...bins.map(({ low }) => low), bins[bins.length - 1]!.high];
  return drawSvg(`Completeness of ${positiveClass} along ${label}`, {
    x: {
      label: `${label} →`,
      labelAnchor: "center",
      type: log ? "log" : "linear",
      domain: [edges[0]!, edges[edges.length - 1]!],
      ticks: edges,
      tickFormat: plain,
    },
    y: {
      label: "↑ completeness (numbers: positives in the bin)",
      domain: [0, 1.08],
      ticks: 5,
      grid: true,
    },
    marks: [
      Plot.ruleY([0]),
      Plot.rect(points, {
        x1: "low",
        x2: "high",
        y1: "below",
        y2: "above",
        fill: seriesColour(0),
        fillOpacity: 0.18,
      }),
      Plot.ruleY(points, { y: "recall", x1: "low", x2: "high", stroke: seriesColour(0), strokeWidth: 2.5 }),
      Plot.text(points, {
        x: "middle",
        y: 1.04,
        text: (d) => String(d.count),
        fontSize: 14,
        fillOpacity: 0.75,
      }),
    ],
  });
}

/** Recall over two columns: a cell's colour is its recall, its text the number found of all. */
export function completenessMapFigure(map: NonNullable<Completeness["map"]>, positiveClass: string): string {
  const { cells, xLabel, yLabel } = map;
  if (cells.length === 0) refuse("figure", "cells", "one or more with a positive", 0);
  const drawn = cells.map(({ x, y, count, found, recall }) => ({
    x1: x.low,
    x2: x.high,
    y1: y.low,
    y2: y.high,
    x: middle(x, isLog(cells.map((cell) => cell.x))),
    y: middle(y, isLog(cells.map((cell) => cell.y))),
    recall: recall.value!,
    text: `${found}/${count}`,
  }));
  const [xs, ys] = [edgesOf(cells.map((cell) => cell.x)), edgesOf(cells.map((cell) => cell.y))];
  const axis = (edges: number[], log: boolean) => ({
    type: log ? ("log" as const) : ("linear" as const),
    domain: [edges[0]!, edges[edges.length - 1]!],
    ticks: edges,
    tickFormat: plain,
  });
  return drawSvg(`Completeness of ${positiveClass} over ${xLabel} and ${yLabel}`, {
    x: { label: `${xLabel} →`, labelAnchor: "center", ...axis(xs, isLog(cells.map((cell) => cell.x))) },
    y: { label: `↑ ${yLabel} (found / all in the cell)`, ...axis(ys, isLog(cells.map((cell) => cell.y))) },
    marks: [
      Plot.rect(drawn, {
        x1: "x1",
        x2: "x2",
        y1: "y1",
        y2: "y2",
        inset: 0.5,
        fill: seriesColour(0),
        // A cell in which nothing is found still shows that it has lenses.
        fillOpacity: (d) => 0.04 + 0.86 * d.recall,
        stroke: "currentColor",
        strokeOpacity: 0.15,
      }),
      Plot.text(drawn, {
        x: "x",
        y: "y",
        text: "text",
        fontSize: 13,
        fill: "currentColor",
      }),
    ],
  });
}

interface Bin {
  readonly low: number;
  readonly high: number;
}

/** Whether bins are even in the logarithm rather than as they are; their edges are rounded, so by their widths. */
function isLog(bins: readonly Bin[]): boolean {
  const widths = bins.map(({ low, high }) => high - low);
  return bins.every(({ low }) => low > 0) && Math.max(...widths) > 1.5 * Math.min(...widths);
}

const middle = ({ low, high }: Bin, log: boolean): number => (log ? Math.sqrt(low * high) : (low + high) / 2);

const edgesOf = (bins: readonly Bin[]): number[] =>
  [...new Set(bins.flatMap(({ low, high }) => [low, high]))].sort((a, b) => a - b);

const plain = (value: number): string => String(Number(value.toPrecision(6)));
