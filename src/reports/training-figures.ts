/** Figures of a run's training for an evaluation's report: at most four. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { declarationOf, type NumberKind } from "../adapt/numbers.ts";
import { inFileName } from "../foundation/file-name.ts";
import { stepTo } from "../foundation/thinning.ts";
import { type TrainingSeries, trainingFigure } from "../pictures/training-figure.ts";
import { type CurvePoint, readCurves } from "../train/curves.ts";
import { chosenEpoch, type EpochRecord, LOG_FILE, readRecords } from "../train/log.ts";
import { MODEL_FILE, readModelInfo } from "../train/model.ts";
import { numbersOf, readRunConfig } from "../train/run.ts";
import type { ReportFigure } from "./report.ts";

export type NamedFigure = ReportFigure & { file: string };

/** Most points of a line: more than pixels would only make the report larger. */
const MOST = 400;

interface Group {
  file: string;
  title: string;
  label: string;
  kinds: readonly NumberKind[];
  text: string;
  /** Whether its numbers are from 0 to 1. */
  unit: boolean;
}

interface Values {
  epoch: number;
  values: Readonly<Record<string, number>>;
}

/** Kinds of numbers that are drawn together. Norms and counts share no scale with others and are only in the logs. */
const groups: readonly Group[] = [
  {
    file: "losses",
    title: "Losses",
    label: "loss or distance",
    kinds: ["loss", "distance"],
    text: "The losses that are minimised, and distances between the domains if the method has them",
    unit: false,
  },
  {
    file: "rates",
    title: "Rates",
    label: "share or weight",
    kinds: ["share", "weight"],
    text: "Numbers from 0 to 1: shares of a batch (right, found out by a discriminator, over a threshold), weights that grow",
    unit: true,
  },
  {
    file: "learning-rate",
    title: "Learning rate",
    label: "learning rate",
    kinds: ["learning rate"],
    text: "The optimiser's learning rate",
    unit: false,
  },
];

/**
 * A run's losses, rates and learning rate along its curves (epoch means for an older run without curves), and its
 * validators by epoch.
 *
 * @throws ArcletError when the run's files can't be read
 */
export function trainingFigures(run: string): NamedFigure[] {
  const records = existsSync(join(run, LOG_FILE)) ? readRecords(run) : [];
  const curves = readCurves(run);
  const points: Values[] =
    curves.length > 0 ? curves : records.map(({ epoch, train }) => ({ epoch, values: train }));
  const numbers = points.length > 0 ? numbersOf(readRunConfig(run)) : {};
  const file = inFileName(run);
  const how = curves.length > 0 ? pointsText(curves) : "Mean of each epoch.";
  const drawn = groups.flatMap(({ file: group, title, label, kinds, text, unit }): NamedFigure[] => {
    // A number that is not declared is taken for a loss.
    const kindOf = (name: string) => declarationOf(numbers, name)?.kind ?? "loss";
    const series = seriesOf(points, (name) => kinds.includes(kindOf(name)));
    // A method without a gradient has no loss.
    if (series.length === 0) return [];
    const meanings = series.flatMap(({ name }) => {
      const meaning = declarationOf(numbers, name)?.meaning;
      return meaning === undefined ? [] : [`${name}: ${meaning}`];
    });
    return [
      {
        file: `${file}-${group}`,
        title: `${title}: ${run}`,
        svg: trainingFigure(series, { label, ...(unit ? { domain: [0, 1] as const } : {}) }),
        caption: [`${text}.`, ...meanings.map((one) => `${one}.`), how].join(" "),
      },
    ];
  });
  return [...drawn, ...validatorFigure(run, file, records)];
}

const pointsText = (curves: readonly CurvePoint[]): string =>
  `${curves.length} points, each the mean of the steps since the one before.`;

/** The epoch of a finished run's model, which an older version may have chosen otherwise among equals; else by the log. */
const chosenIn = (run: string, records: readonly EpochRecord[], select: string): number | undefined =>
  existsSync(join(run, MODEL_FILE)) ? readModelInfo(run).info.epoch : chosenEpoch(records, select)?.epoch;

/** Validators have different scales: each is drawn from its worst epoch to its best. */
function validatorFigure(run: string, file: string, records: readonly EpochRecord[]): NamedFigure[] {
  const all = seriesOf(
    records.map(({ epoch, validators }) => ({ epoch, values: validators })),
    () => true,
  );
  if (all.length === 0) return [];
  const { select } = readRunConfig(run).resolved;
  const chosen = chosenIn(run, records, select);
  const series = all
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
          ? ["The oracle reads target labels and is shown only for comparison."]
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

/** Means of neighbouring points, if there are more points than can be seen. */
function thinned(points: TrainingSeries["points"]): TrainingSeries["points"] {
  if (points.length <= MOST) return points;
  const size = stepTo(points.length, MOST);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, k) => {
    const part = points.slice(k * size, (k + 1) * size);
    const sum = part.reduce((all, { value }) => all + value, 0);
    return { epoch: part[part.length - 1]!.epoch, value: sum / part.length };
  });
}
