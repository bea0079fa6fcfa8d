/** An import before its images are read in earnest: which rows have one, what the dataset will be like, and how it is filled. */
import { basename, resolve } from "node:path";
import type { Value } from "../../catalog/table.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import type { DatasetSpec, DatasetWriter } from "../../dataset/writer.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { Progress } from "../../foundation/progress.ts";
import { refuseOtherSpelling } from "../survey-bands.ts";
import type { Candidates } from "./candidate.ts";
import { candidatesOf } from "./candidates.ts";
import { type ImportConfig, type ImportOptions, importConfig } from "./config.ts";
import { fillDataset } from "./filling.ts";
import { imageColumns, imageValues } from "./image-columns.ts";
import { furtherColumns, keptValues } from "./kept-columns.ts";
import { labelRule } from "./labels.ts";
import type { Opened } from "./opening.ts";
import { type Peek, peekAt, wantedOf } from "./peek.ts";

export interface Prepared {
  opened: Opened;
  /** Names of the classes, in order. */
  classes: string[];
  /** Rows whose image can be looked for, in the table's order. */
  candidates: Candidates;
  /** Rows that were set aside before any image was read. */
  before: readonly SetAside[];
  peek: Peek;
  /** The columns about images of this kind. */
  columns: ReturnType<typeof imageColumns>;
}

/** @throws ArcletError for bad options */
export function parsedImport(options: ImportOptions): ImportConfig {
  const config = checked("import", importConfig, options, { whole: "settings" });
  const { zeroPoint, bands } = config;
  if (zeroPoint !== null && zeroPoint.length !== 1 && zeroPoint.length !== bands.length)
    refuse("import", "zeroPoint", `one, or one per band (${bands.join(", ")})`, zeroPoint);
  refuseOtherSpelling("import", config.survey, bands);
  return config;
}

/** @throws ArcletError for a bad table, or when no row has an image that can be read */
export async function prepared(opened: Opened): Promise<Prepared> {
  const { source, table, config, fileOf } = opened;
  const { classes, labelOf } = labelRule(table, config);
  const { candidates, setAside: before } = candidatesOf(table, opened.locate, config, labelOf);
  if (fileOf !== null) for (const entry of before) Object.assign(entry, fileOf(entry.row));
  if (candidates.length === 0) throw nothingLeft(table.path, before);
  const peek = await peekAt(source, candidates, config, opened.sides, table.path);
  return {
    opened,
    classes,
    candidates,
    before,
    peek,
    columns: imageColumns(table, config, peek, source.onSky),
  };
}

/** What is known of the dataset before its images are read. */
export function specOf(
  { opened: { table, config }, peek: { frame }, classes, columns }: Prepared,
  provenance: Record<string, string | number>,
): DatasetSpec {
  return {
    name: config.name ?? basename(resolve(config.out)),
    survey: config.survey,
    bands: config.bands,
    pixelScale: frame.pixelScale,
    classes,
    pixels: frame.pixels,
    shape: [frame.channels, frame.height, frame.width],
    provenance: { command: "import", ...provenance, options: rulesOf(config) },
    columns: { ...furtherColumns(table, config), ...columns },
  };
}

/** How images are read into a dataset, or into a piece of one. */
export interface Filled {
  /** Rows of the candidates to read, by default all. */
  range?: { from: number; to: number };
  bar: ((total: number, already: number) => Progress) | undefined;
  /** As in `safePoint`, for a number of images of so many. */
  saved: (done: number, total: number) => string;
}

/** Reads the candidates' images into the dataset. @returns those that were set aside */
export function fillFrom(
  writer: DatasetWriter,
  { opened, candidates, before, peek, columns }: Prepared,
  { range, bar, saved }: Filled,
): Promise<SetAside[]> {
  const { source, table, config, fileOf } = opened;
  return fillDataset(writer, {
    source,
    candidates: range === undefined ? candidates : candidates.slice(range.from, range.to),
    all: candidates.length,
    before,
    config,
    frame: peek.frame,
    wanted: wantedOf(config),
    bytes: peek.bytes,
    fileOf,
    columnsOf: (candidate, cutout, result) =>
      Object.assign(
        imageValues(result, cutout, columns, config),
        withPosition(keptValues(table, candidate.row, config), cutout),
      ),
    bar,
    saved,
  });
}

/** Adds the file's sky position if the table gives none. */
function withPosition(
  values: Record<string, Value>,
  { ra, dec }: { ra?: number | undefined; dec?: number | undefined },
) {
  if (ra === undefined || dec === undefined || (values.ra ?? values.dec ?? null) !== null) return values;
  return Object.assign(values, { ra, dec });
}

/** The settings that make the dataset what it is. */
export function rulesOf({ images: _, table: __, out: ___, ...rules }: ImportConfig) {
  return rules;
}

export function nothingLeft(path: string, setAside: readonly SetAside[]): ArcletError {
  const first = setAside[0];
  const why = first === undefined ? "it has no rows" : `e.g. row ${first.row + 1}: ${first.reason}`;
  return new ArcletError({ where: path, code: "empty", problem: `no row can be imported; ${why}` });
}

/** An error about a row of a table that is of several files, about the row of its file. */
export function inItsFile(error: unknown, { table, fileOf }: Opened): unknown {
  if (!(error instanceof ArcletError) || error.where !== table.path || error.row === undefined) return error;
  const { file, fileRow } = fileOf?.(error.row - 1) ?? {};
  return fileRow === undefined ? error : error.with({ where: file!, row: fileRow + 1 });
}
