/** Feature space as small multiples: a column a run, the same points coloured by domain above and by class below. */
import * as Plot from "@observablehq/plot";
import { refuse } from "../foundation/errors.ts";
import { drawSvg, type Legend, seriesColour } from "./plot.ts";

/** A run's features in two dimensions. */
export interface EmbeddedRun {
  /** The run's name. */
  readonly name: string;
  /** Row-major (N, 2). */
  readonly coordinates: Float64Array;
  /** Written in the corner, e.g. the share of the variance that is shown. */
  readonly note?: string;
}

/** What the points of an embedding are. */
export interface EmbeddingPoints {
  /** Names of the domains. */
  readonly domains: readonly string[];
  /** Index in `domains` (N). */
  readonly domainOf: Uint8Array;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Index in `classes`; −1 if the class is unknown (N). */
  readonly classOf: Int32Array;
}

/** Title and axes of an embedding. */
export interface EmbeddingFigureOptions {
  /** What the picture shows, e.g. `PCA`. */
  readonly title: string;
  /** What the x axis is. */
  readonly xLabel: string;
  /** What the y axis is. */
  readonly yLabel: string;
  /** Whether the axes have numbers. */
  readonly ticks: boolean;
}

/** Side of a facet, CSS pixels, and the gap between two as a part of it. */
const SIDE = 252;
const PADDING = 0.06;
/** Length along which each of `count` facets has its side. */
const across = (count: number): number => Math.round((SIDE * (count + PADDING)) / (1 - PADDING));

const ROWS = ["by domain", "by class"] as const;

interface Dot {
  x: number;
  y: number;
  run: string;
  row: string;
}

/** Both axes as long as the longer one needs, so that a length is the same along both. */
function around(runs: readonly EmbeddedRun[], axis: 0 | 1): [number, number] {
  const extents = [0, 1].map((coordinate) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { coordinates } of runs)
      for (let i = coordinate; i < coordinates.length; i += 2) {
        low = Math.min(low, coordinates[i]!);
        high = Math.max(high, coordinates[i]!);
      }
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const half = Math.max(extents[0]!.half, extents[1]!.half) || 1;
  return [extents[axis]!.middle - half, extents[axis]!.middle + half];
}

/** @throws ArcletError when a run has not two coordinates a point, or two runs share a name */
export function embeddingFigure(
  runs: readonly EmbeddedRun[],
  points: EmbeddingPoints,
  { title, xLabel, yLabel, ticks }: EmbeddingFigureOptions,
): string {
  checkRuns(runs, points);
  const rows = anyClass(points) ? ROWS : ROWS.slice(0, 1);
  return drawSvg(
    title,
    {
      marginLeft: 66,
      marginRight: 100,
      marginTop: 52,
      x: { label: xLabel, labelAnchor: "center", ticks: ticks ? 5 : [], domain: around(runs, 0), inset: 6 },
      y: { label: yLabel, ticks: ticks ? 5 : [], domain: around(runs, 1), inset: 6 },
      fx: { label: null, domain: runs.map(({ name }) => name), padding: PADDING },
      fy: { label: null, domain: [...rows], padding: PADDING },
      marks: [
        Plot.frame({ strokeOpacity: 0.3 }),
        ...domainMarks(runs, points),
        ...classMarks(runs, points),
        notesMark(runs),
      ],
    },
    legendOf(points),
    { width: 166 + across(runs.length), height: 106 + across(rows.length) },
  );
}

function checkRuns(runs: readonly EmbeddedRun[], { domainOf }: EmbeddingPoints): void {
  for (const { name, coordinates } of runs)
    if (coordinates.length !== 2 * domainOf.length)
      refuse(
        "figure",
        `coordinates of ${name}`,
        `two of each of ${domainOf.length} points`,
        coordinates.length,
      );
  if (new Set(runs.map(({ name }) => name)).size < runs.length)
    refuse(
      "figure",
      "runs",
      "runs of different names",
      runs.map(({ name }) => name),
    );
}

/** Whether the class of any point is known. */
const anyClass = ({ classOf }: EmbeddingPoints): boolean => classOf.some((classIndex) => classIndex >= 0);

/** Classes have the colours after those of the domains, so that neither is taken for the other. */
const classColour = ({ domains }: EmbeddingPoints, classIndex: number): number => domains.length + classIndex;

/** The points of every run that are kept, in a row of facets. `k` is their colour; null for none of its own. */
function dots(
  runs: readonly EmbeddedRun[],
  row: string,
  k: number | null,
  { domainOf }: EmbeddingPoints,
  keep: (point: number) => boolean,
): Plot.Markish {
  const data = runs.flatMap(({ name, coordinates }) =>
    Array.from(domainOf.keys())
      .filter(keep)
      .map((i): Dot => ({ x: coordinates[2 * i]!, y: coordinates[2 * i + 1]!, run: name, row })),
  );
  return Plot.dot(data, {
    x: "x",
    y: "y",
    fx: "run",
    fy: "row",
    r: 1.8,
    fill: k === null ? "currentColor" : seriesColour(k),
    fillOpacity: k === null ? 0.25 : 0.6,
  });
}

const domainMarks = (runs: readonly EmbeddedRun[], points: EmbeddingPoints): Plot.Markish[] =>
  points.domains.map((_, k) => dots(runs, ROWS[0], k, points, (i) => points.domainOf[i] === k));

/** None if no class is known. */
function classMarks(runs: readonly EmbeddedRun[], points: EmbeddingPoints): Plot.Markish[] {
  if (!anyClass(points)) return [];
  const { classes, classOf } = points;
  return [
    dots(runs, ROWS[1], null, points, (i) => classOf[i]! < 0),
    ...classes.map((_, classIndex) =>
      dots(runs, ROWS[1], classColour(points, classIndex), points, (i) => classOf[i] === classIndex),
    ),
  ];
}

/** Each run's note in the corner of its upper facet. */
function notesMark(runs: readonly EmbeddedRun[]): Plot.Markish {
  const notes = runs.flatMap(({ name, note }) =>
    note === undefined ? [] : [{ run: name, row: ROWS[0], note }],
  );
  return Plot.text(notes, {
    fx: "run",
    fy: "row",
    text: "note",
    frameAnchor: "top-left",
    dx: 6,
    dy: 6,
    fillOpacity: 0.75,
  });
}

function legendOf(points: EmbeddingPoints): Legend[] {
  const { domains, classes, classOf } = points;
  const ofDomains = domains.map((name, k) => ({ name, k, dot: true }));
  if (!anyClass(points)) return ofDomains;
  return [
    ...ofDomains,
    ...classes.map((name, classIndex) => ({ name, k: classColour(points, classIndex), dot: true })),
    ...(classOf.includes(-1) ? [{ name: "class not read", k: null, dot: true }] : []),
  ];
}
