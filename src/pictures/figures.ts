/** Score histograms and reliability as pictures. */
import * as Plot from "@observablehq/plot";
import type { ReliabilityBin } from "../evaluate/calibration.ts";
import { areProbabilities, type Scores } from "../evaluate/ranked.ts";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, powerOfTen, powersOfTen, seriesColour, seriesDash } from "./plot.ts";

/** The scores of one class. */
export interface ScoreSeries {
  /** A class, e.g. `lens`. */
  readonly name: string;
  /** Its scores. */
  readonly scores: Scores;
}

/** How scores are counted and drawn. */
export interface HistogramOptions {
  /** Default 40. */
  readonly bins?: number;
  /** A logarithmic axis of shares shows the few of a large class that score high. */
  readonly log?: boolean;
  /** Default `score`. */
  readonly label?: string;
}

/**
 * Histograms of scores by class. Each class is normalised by itself, so that rare lenses are seen; the legend gives
 * the number of rows.
 *
 * @throws ArcletError when there is no score, or one is not finite
 */
export function scoreHistogram(series: readonly ScoreSeries[], options: HistogramOptions = {}): string {
  const { bins = 40, log = false, label = "score" } = options;
  const filled = series.filter(({ scores }) => scores.length > 0);
  const [low, high] = range(filled);
  const shares = filled.map(({ scores }) => histogram(scores, low, high, bins));
  // The floor of a logarithmic axis: half a row of the largest class.
  const floor = log ? 0.5 / Math.max(...filled.map(({ scores }) => scores.length)) : 0;
  const stairs = shares.map((share) => stairsOf(share, low, high, floor));
  return drawSvg(
    `Histogram of ${label} by class`,
    {
      x: { label: `${label} →`, labelAnchor: "center", domain: [low, high] },
      y: {
        label: "↑ share of the class per bin",
        grid: true,
        ...(log
          ? { type: "log", domain: [floor, 1], ticks: powersOfTen(floor, 1), tickFormat: powerOfTen }
          : { zero: true }),
      },
      marks: [
        Plot.ruleY([floor]),
        ...stairs.map((points, k) =>
          Plot.areaY(points, { x: "x", y1: floor, y2: "y", fill: seriesColour(k), fillOpacity: 0.18 }),
        ),
        ...stairs.map((points, k) =>
          Plot.line(points, {
            x: "x",
            y: "y",
            stroke: seriesColour(k),
            strokeWidth: 1.5,
            strokeDasharray: seriesDash(k),
            curve: "linear",
          }),
        ),
      ],
    },
    filled.map(({ name, scores }, k) => ({ name: `${name} (${scores.length})`, k })),
  );
}

function range(series: readonly ScoreSeries[]): [number, number] {
  if (series.length === 0) refuse("figure", "scores", "of one class or more", "none");
  if (series.every(({ scores }) => areProbabilities(scores))) return [0, 1];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { name, scores } of series) {
    for (let i = 0; i < scores.length; i++) {
      if (!Number.isFinite(scores[i]!))
        refuse("figure", `score ${i} of ${name}`, "a finite number", scores[i]);
      low = Math.min(low, scores[i]!);
      high = Math.max(high, scores[i]!);
    }
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Share of the scores in each of `bins` equal bins; the last one is closed. */
function histogram(scores: Scores, low: number, high: number, bins: number): Float64Array {
  const counts = new Float64Array(bins);
  for (let i = 0; i < scores.length; i++) {
    counts[Math.min(bins - 1, Math.floor((bins * (scores[i]! - low)) / (high - low)))]!++;
  }
  return counts.map((count) => count / scores.length);
}

function stairsOf(shares: Float64Array, low: number, high: number, floor: number) {
  const width = (high - low) / shares.length;
  return Array.from(shares).flatMap((share, b) => {
    const y = Math.max(floor, share);
    return [
      { x: low + b * width, y },
      { x: low + (b + 1) * width, y },
    ];
  });
}

/** Observed share of positives against the predicted probability, with Wilson's 95 % intervals and the diagonal. */
export function reliabilityFigure(bins: readonly ReliabilityBin[], positiveClass: string): string {
  if (bins.length === 0) refuse("figure", "reliability bins", "one or more", 0);
  const points = bins.map((bin) => ({ ...bin, below: bin.interval.low, above: bin.interval.high }));
  const rows = bins.reduce((sum, bin) => sum + bin.count, 0);
  return drawSvg(`Reliability of the probability of ${positiveClass}`, {
    x: { label: `predicted probability of ${positiveClass} →`, labelAnchor: "center", domain: [0, 1] },
    y: {
      label: `↑ observed share (dot area: objects in the bin, ${rows} in all)`,
      domain: [0, 1],
      grid: true,
    },
    r: { range: [2.5, 11] },
    marks: [
      Plot.ruleY([0]),
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { strokeDasharray: "1 4", strokeOpacity: 0.7 },
      ),
      Plot.ruleX(points, {
        x: "predicted",
        y1: "below",
        y2: "above",
        stroke: seriesColour(0),
        strokeWidth: 1.5,
      }),
      Plot.dot(points, {
        x: "predicted",
        y: "observed",
        r: "count",
        fill: seriesColour(0),
        fillOpacity: 0.75,
      }),
    ],
  });
}
