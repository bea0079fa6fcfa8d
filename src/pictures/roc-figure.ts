/** The ROC curve as a picture. */
import * as Plot from "@observablehq/plot";
import { wilson } from "../evaluate/intervals.ts";
import type { RocCurve } from "../evaluate/ranking.ts";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, powerOfTen, seriesColour, seriesDash } from "./plot.ts";

/** A finder's curve. */
export interface RocSeries {
  /** The finder's name. */
  readonly name: string;
  /** The curve. */
  readonly curve: RocCurve;
}

/** How ROC curves are drawn. */
export interface RocFigureOptions {
  /** A logarithmic axis of false-positive rates shows the end at which lens finders work. */
  readonly log?: boolean;
}

/**
 * ROC curves with Wilson's 95 % band of the recall at each threshold, and the line of chance.
 *
 * On the logarithmic axis the thresholds without a false positive are at the left edge, where the curve starts at
 * TPR_0.
 */
export function rocFigure(series: readonly RocSeries[], options: RocFigureOptions = {}): string {
  if (series.length === 0) refuse("figure", "ROC curves", "one or more", 0);
  const log = options.log ?? false;
  const negatives = Math.max(...series.map(({ curve }) => curve.negatives));
  const left = log ? 10 ** Math.floor(-Math.log10(2 * negatives)) : 0;
  const lines = series.map(({ curve }) => thin(curve, left, log));
  const chance = log
    ? logSteps(left).map((x) => ({ x, y: x }))
    : [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ];
  return drawSvg(
    `ROC curve${log ? ", logarithmic" : ""}: ${series.map(({ name }) => name).join(", ")}`,
    {
      x: {
        label: "false-positive rate →",
        labelAnchor: "center",
        ...(log ? { type: "log", domain: [left, 1], tickFormat: powerOfTen } : { domain: [0, 1] }),
      },
      y: { label: "↑ recall (true-positive rate)", domain: [0, 1], grid: true },
      marks: [
        Plot.ruleY([0]),
        Plot.line(chance, { x: "x", y: "y", strokeDasharray: "1 4", strokeOpacity: 0.7 }),
        ...lines.map((points, k) =>
          Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: seriesColour(k), fillOpacity: 0.13 }),
        ),
        ...lines.map((points, k) =>
          Plot.line(points, {
            x: "x",
            y: "y",
            stroke: seriesColour(k),
            strokeWidth: 2,
            strokeDasharray: seriesDash(k),
            curve: "linear",
          }),
        ),
      ],
    },
    series.map(({ name }, k) => ({ name, k })),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Keeps the first and last threshold of each of 400 steps of the axis: 10^7 points would fill a page for nothing. The
 * curve rises from zero at its left edge.
 */
function thin(curve: RocCurve, left: number, log: boolean): Point[] {
  const step = (x: number) => Math.floor(400 * (log ? 1 - Math.log10(x) / Math.log10(left) : x));
  const last = curve.threshold.length - 1;
  const points: Point[] = [];
  let before: number | undefined;
  for (let k = 0; k <= last; k++) {
    const current = step(fprAt(curve, k, left));
    const ends = k === last || step(fprAt(curve, k + 1, left)) !== current;
    if (current !== before || ends) points.push(pointOf(curve, k, left));
    before = current;
  }
  return points;
}

const fprAt = (curve: RocCurve, k: number, left: number) =>
  Math.max(left, curve.falsePositives[k]! / curve.negatives);

function pointOf(curve: RocCurve, k: number, left: number): Point {
  const tp = curve.truePositives[k]!;
  return { x: fprAt(curve, k, left), y: tp / curve.positives, ...wilson(tp, curve.positives) };
}

function logSteps(left: number): number[] {
  return Array.from({ length: 101 }, (_, k) => left ** (1 - k / 100));
}
