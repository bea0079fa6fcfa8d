/** The rows of a comparison as dots on an axis of AUROC. */
import * as Plot from "@observablehq/plot";
import { deeplenseAuroc } from "../evaluate/comparison/deeplense.ts";
import type { Line } from "../evaluate/comparison/entries.ts";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, seriesColour } from "./plot.ts";

const ROW = 30;
const AROUND = 100;
/** A letter's width, somewhat generous. */
const LETTER = 9;

/**
 * One encoder's rows: a dot with its 95 % interval for the chosen epoch and for ensembles, an upright stroke for the last
 * epoch, a hollow diamond for the oracle's, a hollow circle for DeepLense's own number, and a dashed line at the base
 * row's chosen epoch.
 *
 * @param encoder the name of its row, and of the encoder itself
 */
export function comparisonFigure(
  lines: readonly Line[],
  encoder: { row: string; name: string },
  base: string,
): string {
  const rows = lines.filter((line) => line.encoder === encoder.row);
  if (rows.length === 0) refuse("figure", "rows", "one or more", 0);
  const label = ({ row, kind }: Line) => (kind === "mean" || kind === "stack" ? `${row} (${kind})` : row);
  const points = rows.map((line) => ({
    y: label(line),
    kind: line.kind,
    x: line.auroc.mean,
    low: line.auroc.low,
    high: line.auroc.high,
  }));
  const whole = points.filter(({ kind }) => kind !== "last" && kind !== "oracle");
  const pointsOf = (kind: string) => points.filter((point) => point.kind === kind);
  const published = rows.flatMap((line) => {
    const x =
      line.method === null || line.kind !== "chosen" ? null : deeplenseAuroc(line.method, encoder.name);
    return x === null ? [] : [{ y: label(line), x }];
  });
  const labels = [...new Set(points.map(({ y }) => y))];
  const reference = pointsOf("chosen").filter(({ y }) => y === base);
  const colour = seriesColour(0);
  return drawSvg(`AUROC of every method with ${encoder.row}`, {
    height: AROUND + ROW * labels.length,
    marginLeft: Math.min(260, 16 + LETTER * Math.max(...labels.map((text) => text.length))),
    x: { label: "AUROC on the test →", labelAnchor: "center", grid: true, nice: true },
    y: { label: null, domain: labels, type: "band", padding: 0.1 },
    marks: [
      Plot.ruleX(reference, { x: "x", strokeDasharray: "4 3", strokeOpacity: 0.7 }),
      Plot.ruleY(whole, { y: "y", x1: "low", x2: "high", stroke: colour, strokeWidth: 2 }),
      Plot.dot(whole, { x: "x", y: "y", r: 4.5, fill: colour }),
      Plot.tickX(pointsOf("last"), { x: "x", y: "y", stroke: seriesColour(1), strokeWidth: 2, inset: 5 }),
      Plot.dot(pointsOf("oracle"), {
        x: "x",
        y: "y",
        r: 4.5,
        symbol: "diamond",
        stroke: seriesColour(3),
        strokeWidth: 1.5,
      }),
      Plot.dot(published, { x: "x", y: "y", r: 4.5, stroke: "currentColor", strokeWidth: 1.5 }),
    ],
  });
}
