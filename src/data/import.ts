/** Arrays of cutouts and a table, made into a dataset folder. */

import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { safePoint } from "../foundation/interrupt.ts";
import type { Progress } from "../foundation/progress.ts";
import { type CutoutArray, closeArrays, openArrays } from "./arrays.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";
import { importTable } from "./catalog/named.ts";
import { type Hashed, uniteTwins } from "./duplicates.ts";
import { fileHash, imageHash } from "./hash.ts";
import { type ImportConfig, type ImportOptions, importConfig } from "./import-config.ts";
import { type DatasetInfo, SPLITS, type Split } from "./info.ts";
import { furtherColumns, keptValues } from "./kept-columns.ts";
import { labelRule } from "./labels.ts";
import type { ShardValues } from "./npy-writer.ts";
import { QUARANTINE_FILE, quarantineCsv, type SetAside } from "./quarantine.ts";
import { assignSplits } from "./split.ts";
import { type DatasetRow, writeDataset } from "./writer.ts";

export interface ImportReport {
  info: DatasetInfo;
  /** Rows of each split that came in. */
  splits: Record<Split, number>;
  /** Rows of each class that came in; the rest are unlabelled. */
  labels: Record<string, number>;
  /** Rows set aside, by the kind of reason. */
  setAside: Record<string, number>;
  /** Ids of identical images whose groups became one. */
  united: string[][];
  /** Images of the arrays that no row of the table speaks of. */
  unlisted: number;
}

export interface ImportExtras {
  /** Starts a progress bar for a number of images to read. */
  bar?: (total: number) => Progress;
  /** Told what was taken for what in the table, a line at a time. */
  say?: (line: string) => void;
  /** Further provenance, e.g. versions. */
  provenance?: Record<string, string | number>;
}

const EVERY = 256;

/**
 * Imports cutouts. Bad files (missing, truncated, wrong dtype or shape) stop it; bad rows (no such image, an id
 * that was there already, NaN or constant pixels, too small) are set aside into `quarantine.csv`. All columns of
 * the table are kept; one whose name a dataset uses itself is kept as `csv_<name>`.
 *
 * @throws ArcletError for bad options or files, a divided group, or when no row is left
 */
export async function importArrays(options: ImportOptions, extras: ImportExtras = {}): Promise<ImportReport> {
  const config = parse(options);
  const arrays = openArrays(config.arrays, config.bands.length, config.layout);
  let bar: Progress | undefined;
  try {
    const size = cropOf(arrays, config);
    const table = await importTable(config.table, config.idColumn, rolesOf(config), extras.say);
    const labels = labelRule(table, config);
    const { candidates, setAside } = candidatesOf(table, arrays, config, labels.labelOf);
    bar = extras.bar?.(2 * candidates.length);
    const hashed = await readAll(candidates, size, setAside, bar);
    const twins = uniteTwins(hashed);
    setAside.push(...twins.setAside);
    setAside.sort((a, b) => a.row - b.row);
    const kept = twins.kept;
    divide(kept, config);
    if (kept.length === 0) throw nothingLeft(config.table, setAside);
    const spec = {
      name: config.name ?? basename(resolve(config.out)),
      survey: config.survey,
      bands: config.bands,
      pixelScale: config.pixelScale,
      classes: labels.classes,
      pixels: kept[0]!.array.pixels,
      shape: [config.bands.length, ...size] as DatasetInfo["shape"],
      provenance: provenanceOf(config, setAside.length, extras),
      columns: furtherColumns(table, config),
    };
    const rowOf = ({ row, id, group, split, label }: Hashed): DatasetRow => ({
      ...keptValues(table, row, config),
      id,
      group,
      split: split!,
      label,
    });
    const info = await writeDataset(config.out, spec, async (writer) => {
      for (const [i, row] of kept.entries()) {
        if (i % EVERY === 0) await safePoint("nothing was written");
        writer.append(row.array.image(row.index, ...size), [rowOf(row)]);
        bar?.tick();
      }
      writeFileWhole(join(writer.folder, QUARANTINE_FILE), quarantineCsv(config.table, setAside));
    });
    return {
      info,
      ...countsOf(kept, labels.classes, setAside),
      united: twins.united,
      unlisted: unlisted(arrays, candidates),
    };
  } finally {
    bar?.done();
    closeArrays(arrays);
  }
}

function parse(options: ImportOptions): ImportConfig {
  const parsed = importConfig.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ArcletError(`import: ${issue.path.map(String).join(".")}: ${issue.message}`);
}

/** Columns that are read as text whatever they look like. */
function rolesOf(config: ImportConfig): string[] {
  const { idColumn, arrayColumn, rowColumn, groupColumn, splitColumn, labelColumn } = config;
  const roles = [idColumn, arrayColumn, rowColumn, groupColumn, splitColumn, labelColumn];
  return roles.filter((name) => name !== null);
}

/** Height and width of the dataset's images. */
function cropOf(arrays: Map<string, CutoutArray>, config: ImportConfig): [number, number] {
  if (config.size !== null) return [config.size, config.size];
  const [first, ...others] = [...arrays.values()];
  for (const other of others)
    if (other.height !== first!.height || other.width !== first!.width)
      throw new ArcletError(
        `${other.path}: has images of ${other.height} × ${other.width} pixels, ${first!.name} of ` +
          `${first!.height} × ${first!.width}; give a size to crop to`,
      );
  return [first!.height, first!.width];
}

/** Reads every image once: those that can't be used are set aside, the others get their hash. */
async function readAll(
  candidates: readonly Candidate[],
  size: [number, number],
  setAside: SetAside[],
  bar: Progress | undefined,
): Promise<Hashed[]> {
  const good: Hashed[] = [];
  for (const [i, candidate] of candidates.entries()) {
    if (i % EVERY === 0) await safePoint("nothing was written");
    const { array, index, row, id } = candidate;
    const fits = array.height >= size[0] && array.width >= size[1];
    const image = fits ? array.image(index, ...size) : undefined;
    const flaw =
      image === undefined ? ["too small", `${array.height} × ${array.width} pixels`] : flawOf(image, size);
    if (flaw === undefined) good.push({ ...candidate, hash: imageHash(image!) });
    else
      setAside.push({
        row,
        id,
        kind: flaw[0]!,
        reason: `${flaw[0]}: ${array.name} image ${index}, ${flaw[1]}`,
      });
    bar?.tick();
  }
  return good;
}

/** Why an image can't be used, if it can't: kind and detail. */
function flawOf(image: ShardValues, [height, width]: [number, number]): [string, string] | undefined {
  let bad = 0;
  for (const x of image) if (!Number.isFinite(x)) bad++;
  if (bad > 0) return ["not finite", `${bad} of ${image.length} pixels are NaN or infinite`];
  const plane = height * width;
  for (let start = 0; start < image.length; start += plane)
    for (let i = start + 1; i < start + plane; i++) if (image[i] !== image[start]) return undefined;
  return ["constant image", `all pixels of each band are the same (${image[0]})`];
}

/** Gives each row its split, where the table gave none. */
function divide(rows: Hashed[], config: ImportConfig): void {
  const given = rows.every((row) => row.split !== undefined);
  if (given && config.valFraction === 0) return;
  if (given && rows.some((row) => row.split === "val"))
    throw new ArcletError(`${config.table}: has val rows of its own, valFraction must be 0`);
  const [train, val, test] = given ? [1 - config.valFraction, config.valFraction, 0] : config.fractions;
  const open = given ? rows.filter((row) => row.split === "train") : rows;
  const groups = open.map((row) => row.group);
  const labels = open.map((row) => row.label);
  const splits = assignSplits(groups, labels, { train, val, test }, config.seed);
  open.forEach((row, i) => {
    row.split = splits[i]!;
  });
}

function provenanceOf(
  config: ImportConfig,
  setAside: number,
  extras: ImportExtras,
): DatasetInfo["provenance"] {
  const { arrays, table, out: _, ...rules } = config;
  const sources = [...arrays, table].map((path) => ({
    file: basename(path),
    bytes: statSync(path).size,
    sha256: fileHash(path),
  }));
  return { command: "import", ...extras.provenance, options: rules, sources, setAside };
}

function nothingLeft(path: string, setAside: readonly SetAside[]): ArcletError {
  const first = setAside[0];
  const why = first === undefined ? "it has no rows" : `e.g. row ${first.row + 1}: ${first.reason}`;
  return new ArcletError(`${path}: no row can be imported; ${why}`);
}

function countsOf(rows: readonly Hashed[], classes: readonly string[], setAside: readonly SetAside[]) {
  const count = (values: readonly (string | null | undefined)[], name: string) =>
    values.filter((value) => value === name).length;
  const inSplit = rows.map((row) => row.split);
  const ofClass = rows.map((row) => row.label);
  const kinds = setAside.map(({ kind }) => kind);
  const splits = Object.fromEntries(SPLITS.map((split) => [split, count(inSplit, split)]));
  return {
    splits: splits as Record<Split, number>,
    labels: Object.fromEntries(classes.map((name) => [name, count(ofClass, name)])),
    setAside: Object.fromEntries([...new Set(kinds)].map((kind) => [kind, count(kinds, kind)])),
  };
}

/** Images of the arrays that the table does not speak of. */
function unlisted(arrays: Map<string, CutoutArray>, candidates: readonly Candidate[]): number {
  const listed = new Set(candidates.map(({ array, index }) => `${array.name}/${index}`));
  return [...arrays.values()].reduce((sum, array) => sum + array.length, 0) - listed.size;
}
