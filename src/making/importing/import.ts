/** Importing images of any kind, and the table that describes them, into a dataset folder. */
import { basename, join, resolve } from "node:path";
import type { Value } from "../../catalog/table.ts";
import { fileHash, IMAGE_HASH } from "../../dataset/hash.ts";
import type { DatasetInfo, Split } from "../../dataset/info.ts";
import { SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import { assignSplits } from "../../dataset/splitting/split.ts";
import { type DatasetSpec, type DatasetWriter, type Settled, writeDataset } from "../../dataset/writer.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import type { Progress } from "../../foundation/progress.ts";
import { refuseOtherSpelling } from "../survey-bands.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";
import { type ImportConfig, type ImportOptions, importConfig } from "./config.ts";
import { type Hashed, uniteTwins } from "./duplicates.ts";
import { fillDataset } from "./filling.ts";
import { counted, countsIn } from "./finished.ts";
import { imageColumns, imageValues } from "./image-columns.ts";
import { furtherColumns, keptValues } from "./kept-columns.ts";
import { labelRule } from "./labels.ts";
import { type Opened, openInputs } from "./opening.ts";
import { type Peek, peekAt, wantedOf } from "./peek.ts";
import { FILLED_BY } from "./screening.ts";

export interface ImportReport {
  info: DatasetInfo;
  /** Imported rows of each split. */
  splits: Record<Split, number>;
  /** Imported rows of each class; the rest are unlabelled. */
  labels: Record<string, number>;
  /** Rows set aside, by the kind of reason. */
  setAside: Record<string, number>;
  /** Ids of identical images whose groups became one; empty after resuming an import killed just before its end. */
  united: string[][];
  /** Images that no row of the table describes. */
  unlisted: number;
  /** What was guessed or found out about the images, one line each. */
  notes: string[];
}

export interface ImportExtras {
  /** Starts a progress bar for a number of images to read, some of them read before the import was interrupted. */
  bar?: (total: number, already: number) => Progress;
  /** Further provenance, e.g. versions. */
  provenance?: Record<string, string | number>;
  /** Largest size of a shard file. */
  shardBytes?: number;
}

/**
 * Imports images, each read once and written as it comes; what a killed program has left in `<out>.partial` is resumed,
 * to the same bytes. Bad arrays of many images (missing, truncated, wrong dtype or shape) stop it; a bad row or image is
 * set aside, with a line in `set-aside.csv`. All columns of the table are kept; one whose name a dataset uses itself
 * becomes `csv_<name>`.
 *
 * @throws ArcletError for bad options or files, a group in two splits, more bad rows than `maxBad`, or when no row is
 *   left
 */
export async function importImages(options: ImportOptions, extras: ImportExtras = {}): Promise<ImportReport> {
  const opened = await openInputs(parse(options));
  try {
    return await importOpened(opened, extras);
  } catch (error) {
    throw inItsFile(error, opened);
  } finally {
    opened.source.close();
  }
}

/** An error about a row of a table that is of several files, about the row of its file. */
function inItsFile(error: unknown, { table, fileOf }: Opened): unknown {
  if (!(error instanceof ArcletError) || error.where !== table.path || error.row === undefined) return error;
  const { file, fileRow } = fileOf?.(error.row - 1) ?? {};
  return fileRow === undefined ? error : error.with({ where: file!, row: fileRow + 1 });
}

async function importOpened(opened: Opened, extras: ImportExtras): Promise<ImportReport> {
  const { source, table, config, fileOf } = opened;
  const labels = labelRule(table, config);
  const { candidates, setAside: before } = candidatesOf(table, opened.locate, config, labels.labelOf);
  if (fileOf !== null) for (const entry of before) Object.assign(entry, fileOf(entry.row));
  if (candidates.length === 0) throw nothingLeft(table.path, before);
  const peek = await peekAt(source, candidates, config, opened.sides, table.path);
  const columns = imageColumns(table, config, peek, source.onSky);
  let outcome: Outcome | undefined;
  const fill = async (writer: DatasetWriter): Promise<Settled> => {
    const flaws = await fillFrom(writer, { opened, candidates, before, peek, columns }, extras);
    outcome = settle(writer, candidates, [...before, ...flaws], config, table.path);
    const { setAside, finals, zeroPoint } = outcome;
    writeFileWhole(join(writer.folder, SET_ASIDE_FILE), setAsideCsv(table.path, setAside));
    return {
      change: (index) => finals[index]!,
      provenance: finalProvenance(opened, peek, setAside.length),
      ...(zeroPoint === null ? {} : { zeroPoint }),
    };
  };
  const spec = specOf(opened, peek, labels.classes, columns, extras);
  const info = await writeDataset(config.out, spec, fill, extras.shardBytes, identityOf(opened, extras));
  return {
    info,
    ...(await countsOf(outcome, labels.classes, config.out)),
    united: outcome?.united ?? [],
    unlisted: opened.unlisted(
      candidates.map(({ id }) => id),
      candidates.map(({ location }) => `${location.files[0]}/${location.index}`),
    ),
    notes: [...opened.notes, ...peek.notes, ...(outcome?.notes ?? [])],
  };
}

/** The columns about images of this kind. */
type ImageColumns = ReturnType<typeof imageColumns>;

/** What is known of the dataset before its images are read. */
function specOf(
  { table, config }: Opened,
  { frame }: Peek,
  classes: string[],
  columns: ImageColumns,
  extras: ImportExtras,
): DatasetSpec {
  return {
    name: config.name ?? basename(resolve(config.out)),
    survey: config.survey,
    bands: config.bands,
    pixelScale: frame.pixelScale,
    classes,
    pixels: frame.pixels,
    shape: [frame.channels, frame.height, frame.width],
    provenance: { command: "import", ...extras.provenance, options: rulesOf(config) },
    columns: { ...furtherColumns(table, config), ...columns },
  };
}

/** Reads the candidates' images into the dataset. @returns those that were set aside */
function fillFrom(
  writer: DatasetWriter,
  from: {
    opened: Opened;
    candidates: readonly Candidate[];
    before: readonly SetAside[];
    peek: Peek;
    columns: ImageColumns;
  },
  extras: ImportExtras,
): Promise<SetAside[]> {
  const { opened, candidates, before, peek, columns } = from;
  const { source, table, config, fileOf } = opened;
  return fillDataset(writer, {
    source,
    candidates,
    before,
    config,
    frame: peek.frame,
    wanted: wantedOf(config),
    bytes: peek.bytes,
    fileOf,
    columnsOf: (candidate, cutout, result) => ({
      ...imageValues(result, cutout, columns, config),
      ...withPosition(keptValues(table, candidate.row, config), cutout),
    }),
    bar: extras.bar,
    out: config.out,
  });
}

function parse(options: ImportOptions): ImportConfig {
  const config = checked("import", importConfig, options, { whole: "settings" });
  const { zeroPoint, bands } = config;
  if (zeroPoint !== null && zeroPoint.length !== 1 && zeroPoint.length !== bands.length)
    refuse("import", "zeroPoint", `one, or one per band (${bands.join(", ")})`, zeroPoint);
  refuseOtherSpelling("import", config.survey, bands);
  return config;
}

/** Adds the file's sky position if the table gives none. */
function withPosition(
  values: Record<string, Value>,
  { ra, dec }: { ra?: number | undefined; dec?: number | undefined },
) {
  if (ra === undefined || dec === undefined || (values.ra ?? values.dec ?? null) !== null) return values;
  return { ...values, ra, dec };
}

interface Outcome {
  kept: readonly Hashed[];
  setAside: SetAside[];
  united: string[][];
  /** By the image's index: its group and split, or null if it is taken out. */
  finals: ({ group: string; split: Split } | null)[];
  /** The zero point that all images have. */
  zeroPoint: number | null;
  notes: string[];
}

/** Once all images are written: deals with identical images, and gives each row its split. */
function settle(
  writer: DatasetWriter,
  candidates: readonly Candidate[],
  setAside: SetAside[],
  config: ImportConfig,
  path: string,
): Outcome {
  const hashed: Hashed[] = [];
  const zeroPoints = { low: Infinity, high: -Infinity, all: true };
  let [next, filled] = [0, 0];
  for (const row of writer.written()) {
    while (candidates[next]!.id !== row.id) next++;
    hashed.push({ ...candidates[next]!, hash: String(row[IMAGE_HASH]) });
    const zero = row.zero_point;
    if (typeof zero === "number") {
      zeroPoints.low = Math.min(zeroPoints.low, zero);
      zeroPoints.high = Math.max(zeroPoints.high, zero);
    } else zeroPoints.all = false;
    if (Number(row.filled_pixels ?? 0) > 0) filled++;
  }
  const twins = uniteTwins(hashed);
  setAside.push(...twins.setAside);
  setAside.sort((a, b) => a.row - b.row);
  const { kept } = twins;
  fillSplits(kept, config, path);
  if (kept.length === 0) throw nothingLeft(path, setAside);
  const byRow = new Map(kept.map((row) => [row.row, row]));
  const finals = hashed.map(({ row }) => {
    const final = byRow.get(row);
    return final === undefined ? null : { group: final.group, split: final.split! };
  });
  const differ = zeroPoints.high - zeroPoints.low > 1e-6;
  const notes: string[] = [];
  if (differ)
    notes.push(
      `zero points differ between images, ${zeroPoints.low} to ${zeroPoints.high}; --to-zero-point scales fluxes to one`,
    );
  if (filled > 0) notes.push(`${filled} images had missing pixels, filled with ${FILLED_BY}`);
  const zeroPoint = zeroPoints.all && !differ && hashed.length > 0 ? zeroPoints.low : null;
  return { kept, setAside, united: twins.united, finals, zeroPoint, notes };
}

/** Gives a split to each row that has none from the table. */
function fillSplits(rows: readonly Hashed[], config: ImportConfig, path: string): void {
  const given = rows.every((row) => row.split !== undefined);
  if (given && config.valFraction === 0) return;
  if (given && rows.some((row) => row.split === "val"))
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: "has val rows already, so valFraction must be 0",
    });
  const [train, val, test] = given ? [1 - config.valFraction, config.valFraction, 0] : config.fractions;
  const open = given ? rows.filter((row) => row.split === "train") : rows;
  const groups = open.map((row) => row.group);
  const labels = open.map((row) => row.label);
  const splits = assignSplits(groups, labels, { train, val, test }, config.seed);
  open.forEach((row, i) => {
    row.split = splits[i]!;
  });
}

/** The settings that make the dataset what it is. */
function rulesOf({ images: _, table: __, out: ___, ...rules }: ImportConfig) {
  return rules;
}

/** What the pixels and rows depend on. A limit that was exceeded may be raised, and the import goes on. */
function identityOf({ config, identity }: Opened, extras: ImportExtras) {
  const tableHash = config.table === null ? null : fileHash(config.table).slice(0, 16);
  const { maxBad: _, ...rules } = rulesOf(config);
  return { ...rules, table: tableHash, images: identity, arclet: extras.provenance?.arclet };
}

/** Provenance that is known once everything is read. */
function finalProvenance(
  { config, sources, notes }: Opened,
  peek: Peek,
  setAside: number,
): DatasetInfo["provenance"] {
  const lines = [...notes, ...peek.notes];
  if (config.maxNan > 0) lines.push(`missing pixels are filled with ${FILLED_BY}`);
  return { options: rulesOf(config), sources: sources(), found: lines, setAside };
}

function nothingLeft(path: string, setAside: readonly SetAside[]): ArcletError {
  const first = setAside[0];
  const why = first === undefined ? "it has no rows" : `e.g. row ${first.row + 1}: ${first.reason}`;
  return new ArcletError({ where: path, code: "empty", problem: `no row can be imported; ${why}` });
}

/** Without an outcome, an earlier program was killed after the last decision: counts come from the folder. */
function countsOf(outcome: Outcome | undefined, classes: readonly string[], folder: string) {
  if (outcome === undefined) return countsIn(folder);
  const rows = outcome.kept.map(({ split, label }) => ({ split: split!, label }));
  return counted(
    rows,
    classes,
    outcome.setAside.map(({ kind }) => kind),
  );
}
