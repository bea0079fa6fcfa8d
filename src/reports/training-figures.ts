/** How a run trained, as the pictures of an evaluation's report: four at most. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inFileName } from "../foundation/file-name.ts";
import { stepTo } from "../foundation/thinning.ts";
import { type TrainingSeries, trainingFigure } from "../pictures/training-figure.ts";
import { type CurvePoint, readCurves } from "../train/curves.ts";
import { chosenEpoch, type EpochRecord, LOG_FILE, readRecords } from "../train/log.ts";
import { readRunConfig } from "../train/run.ts";
import type { ReportFigure } from "./report.ts";

export type NamedFigure = ReportFigure & { file: string };

/** Points of a line: what is finer than a pixel only makes the report larger. */
const MOST = 400;

interface Values {
  epoch: number;
  values: Readonly<Record<string, number>>;
}

/** Named numbers that lie between 0 and 1. The gradient's norm is of no scale that others have, and is left to the logs. */
const RATE = /^(accuracy|maskRate|mu|lambda|pseudo\d*|\w+Found)$/;
const NORM = /norm/i;
const groups = [
  {
    file: "losses",
    title: "Losses",
    label: "loss or distance",
    keep: (name: string) => name !== "lr" && !RATE.test(name) && !NORM.test(name),
    text: "The losses that are learned from, and the distances between the domains where the method has them",
    unit: false,
  },
  {
    file: "rates",
    title: "Rates",
    label: "share or weight",
    keep: (name: string) => RATE.test(name),
    text: "Numbers from 0 to 1: shares of a batch (right, found out by a discriminator, over a threshold), weights that grow",
    unit: true,
  },
  {
    file: "learning-rate",
    title: "Learning rate",
    label: "learning rate",
    keep: (name: string) => name === "lr",
    text: "The optimiser's learning rate",
    unit: false,
  },
] as const;

/**
 * A run's losses, rates and learning rate along its curves (epoch means where an older run left none), and its
 * validators by epoch.
 *
 * @throws ArcletError when the run's files can't be read
 */
export function trainingFigures(run: string): NamedFigure[] {
  const records = existsSync(join(run, LOG_FILE)) ? readRecords(run) : [];
  const curves = readCurves(run);
  const points: Values[] =
    curves.length > 0 ? curves : records.map(({ epoch, train }) => ({ epoch, values: train }));
  const file = inFileName(run);
  const how = curves.length > 0 ? pointsText(curves) : "Mean of each epoch.";
  const drawn = groups.flatMap(({ file: group, title, label, keep, text, unit }): NamedFigure[] => {
    const series = seriesOf(points, keep);
    // A method without a gradient has no loss.
    if (series.length === 0) return [];
    return [
      {
        file: `${file}-${group}`,
        title: `${title}: ${run}`,
        svg: trainingFigure(series, { label, ...(unit ? { domain: [0, 1] as const } : {}) }),
        caption: `${text}. ${how}`,
      },
    ];
  });
  return [...drawn, ...validatorFigure(run, file, records)];
}

const pointsText = (curves: readonly CurvePoint[]): string =>
  `${curves.length} points, each the mean of the steps since the one before.`;

/** Validators have scales of their own: each is drawn from its worst epoch to its best. */
function validatorFigure(run: string, file: string, records: readonly EpochRecord[]): NamedFigure[] {
  const found = seriesOf(
    records.map(({ epoch, validators }) => ({ epoch, values: validators })),
    () => true,
  );
  if (found.length === 0) return [];
  const { select } = readRunConfig(run).resolved;
  const chosen = chosenEpoch(records, select)?.epoch;
  const series = found
    // The one that chooses comes first.
    .sort((a, b) => Number(b.name === select) - Number(a.name === select))
    .map(({ name, points }) => {
      const values = points.map(({ value }) => value);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const scaled = (value: number) => (high > low ? (value - low) / (high - low) : 0.5);
      return {
        name: high > low ? `${name} (${short(low)} to ${short(high)})` : `${name} (${short(low)})`,
        points: points.map(({ epoch, value }) => ({ epoch, value: scaled(value) })),
      };
    });
  return [
    {
      file: `${file}-validators`,
      title: `Validators: ${run}`,
      svg: trainingFigure(series, {
        label: "score, from its lowest to its highest",
        domain: [0, 1],
        ...(chosen === undefined ? {} : { chosenEpoch: chosen }),
      }),
      caption: [
        "Scores of each epoch without target labels, higher is better; each on its own scale, which the legend gives.",
        ...(chosen === undefined ? [] : [`${select} chose epoch ${chosen}.`]),
        ...(records.some(({ validators }) => "oracle" in validators)
          ? ["The oracle reads target labels: it is there to be compared with."]
          : []),
      ].join(" "),
    },
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(3))).replace("-", "−");

function seriesOf(points: readonly Values[], keep: (name: string) => boolean): TrainingSeries[] {
  const names = [...new Set(points.flatMap(({ values }) => Object.keys(values)))].filter(keep);
  return names.map((name) => ({
    name,
    points: thinned(
      points
        .filter(({ values }) => values[name] !== undefined)
        .map(({ epoch, values }) => ({ epoch, value: values[name]! })),
    ),
  }));
}

/** Neighbours' means where there are more points than can be seen. */
function thinned(points: TrainingSeries["points"]): TrainingSeries["points"] {
  if (points.length <= MOST) return points;
  const size = stepTo(points.length, MOST);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, k) => {
    const part = points.slice(k * size, (k + 1) * size);
    const sum = part.reduce((all, { value }) => all + value, 0);
    return { epoch: part[part.length - 1]!.epoch, value: sum / part.length };
  });
}
