/** Training curves as a picture. */
import * as Plot from "@observablehq/plot";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, seriesColour, seriesDash } from "./plot.ts";

/** A number along a training. */
export interface TrainingSeries {
  /** Name of the loss, rate or validator. */
  readonly name: string;
  /** Its values, by epoch. */
  readonly points: readonly { readonly epoch: number; readonly value: number }[];
}

/** Axes of a figure of a training. */
export interface TrainingFigureOptions {
  /** What the values are, with their unit if any, e.g. `loss (nats)`. */
  readonly label: string;
  /** Whether the axis is logarithmic. */
  readonly log?: boolean;
  /** Lowest and highest value of the axis; default: by the values. */
  readonly domain?: readonly [number, number];
  /** Marked by an upright line. */
  readonly chosenEpoch?: number;
}

/** Named values over the epochs of a training, whole or parts of one. Values that are not finite leave a gap. */
export function trainingFigure(series: readonly TrainingSeries[], options: TrainingFigureOptions): string {
  if (!series.some(({ points }) => points.length > 0)) refuse("figure", "training curves", "one or more", 0);
  const { label, log = false, domain, chosenEpoch } = options;
  const last = Math.max(...series.flatMap(({ points }) => points.map(({ epoch }) => epoch)));
  return drawSvg(
    `${label} over epochs`,
    {
      x: {
        label: "epoch →",
        labelAnchor: "center",
        domain: [0, last],
        ticks: wholeNumbers(last),
        tickFormat: String,
      },
      y: {
        label: `↑ ${label}`,
        grid: true,
        tickFormat: brief,
        ...(domain === undefined ? { nice: true } : { domain }),
        ...(log ? { type: "log" as const } : {}),
      },
      marks: [
        Plot.frame({ anchor: "bottom" }),
        ...(chosenEpoch === undefined ? [] : chosenMarks(chosenEpoch, last)),
        ...series.flatMap((curve, k) => curveMarks(curve, k, log)),
      ],
    },
    series.map(({ name }, k) => ({ name, k })),
  );
}

/** A series as a line of the k-th colour, with dots if it has few points. */
function curveMarks({ points }: TrainingSeries, k: number, log: boolean): Plot.Markish[] {
  const usable = (value: number) => (Number.isFinite(value) && (!log || value > 0) ? value : Number.NaN);
  const drawn = points.map(({ epoch, value }) => ({ epoch, value: usable(value) }));
  const stroke = seriesColour(k);
  return [
    Plot.line(drawn, {
      x: "epoch",
      y: "value",
      stroke,
      strokeWidth: 2,
      strokeDasharray: seriesDash(k),
      curve: "linear",
    }),
    // A dot keeps single epochs, and those between gaps, visible.
    ...(drawn.length > MANY ? [] : [Plot.dot(drawn, { x: "epoch", y: "value", fill: stroke, r: 2 })]),
  ];
}

/** The chosen epoch's upright line, and its word inside the frame beside the line. */
const chosenMarks = (chosen: number, last: number): Plot.Markish[] => [
  Plot.ruleX([chosen], { strokeOpacity: 0.6, strokeDasharray: "4 3" }),
  Plot.text([chosen], {
    x: (epoch) => epoch,
    frameAnchor: "top",
    ...(chosen > last / 2 ? { dx: -4, textAnchor: "end" as const } : { dx: 4, textAnchor: "start" as const }),
    dy: -12,
    text: () => "chosen",
  }),
];

/** With more points than this, a line is seen without dots. */
const MANY = 60;

/** Whole numbers from 0 to `last`, ten or fewer steps of 1, 2, 5, 10 … */
function wholeNumbers(last: number): number[] {
  let step = 1;
  for (let k = 0; last / step > 10; k++) step *= k % 3 === 1 ? 2.5 : 2;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, k) => k * step);
}

/** A learning rate of 0.00002 is 2e-5. */
const brief = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(Number(value.toPrecision(6)));
