/** Purity and completeness of a survey's list against its length, as a picture. */
import * as Plot from "@observablehq/plot";
import type { AtThreshold } from "../evaluate/designed-sample/survey-figures.ts";
import type { Estimate } from "../evaluate/schema.ts";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, powerOfTen, powersOfTen, seriesColour, seriesDash } from "./plot.ts";

const SERIES = ["purity", "completeness"] as const;

/** Both against the number of rows selected, with their 95 % intervals as bands; of one threshold, as bars. */
export function surveyFigure(thresholds: readonly AtThreshold[]): string {
  if (thresholds.length === 0) refuse("figure", "thresholds", "one or more", 0);
  const ordered = [...thresholds].sort((a, b) => a.selected - b.selected);
  const [least, most] = [ordered[0]!.selected, ordered[ordered.length - 1]!.selected];
  const domain = least === most ? [least / 2, most * 2] : [least, most];
  return drawSvg(
    "Purity and completeness against the number of rows selected",
    {
      x: {
        label: "rows selected →",
        labelAnchor: "center",
        type: "log",
        domain,
        ticks: powersOfTen(domain[0]!, domain[1]!),
        tickFormat: powerOfTen,
      },
      y: { label: "↑ share, with 95 % intervals", domain: [0, 1], ticks: 5, grid: true },
      marks: [Plot.ruleY([0]), ...SERIES.flatMap((name, k) => marksOf(ordered, (at) => at[name], k))],
    },
    SERIES.map((name, k) => ({ name, k })),
  );
}

function marksOf(ordered: readonly AtThreshold[], of: (at: AtThreshold) => Estimate, k: number) {
  const points = ordered.flatMap((at) => {
    const { value, low, high } = of(at);
    return value === null ? [] : [{ x: at.selected, value, low: low!, high: high! }];
  });
  const colour = seriesColour(k);
  const ends = { x: "x", y1: "low", y2: "high" };
  return [
    Plot.areaY(points, { ...ends, fill: colour, fillOpacity: 0.18 }),
    Plot.ruleX(points, { ...ends, stroke: colour, strokeOpacity: 0.6 }),
    Plot.line(points, {
      x: "x",
      y: "value",
      stroke: colour,
      strokeWidth: 2.5,
      strokeDasharray: seriesDash(k),
    }),
    Plot.dot(points, { x: "x", y: "value", fill: colour, r: 3 }),
  ];
}
