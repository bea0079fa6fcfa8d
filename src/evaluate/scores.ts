/** Score tables: what `score` writes and `evaluate` reads, in any format of a catalogue. */
import type { CatalogColumn } from "../catalog/catalog.ts";
import type { Value } from "../catalog/table.ts";
import { type WriteOptions, writeCatalog } from "../catalog/write.ts";
import { GRADED_COLUMN } from "./graded-scores.ts";

export interface ScoredImages {
  ids: readonly string[];
  classes: readonly string[];
  /** N × K, row-major. */
  probabilities: Float32Array;
  /** Index of the positive class. */
  positive: number;
  /** Degrees, null if unknown; left out if none is known. */
  positions?: { ra: readonly (number | null)[]; dec: readonly (number | null)[] };
  /** Its calibrated probability (N), NaN where a row has none; null for no such column. */
  calibrated?: Float64Array | null;
  /** How it was calibrated, and to which prior: the column's description in VOTable. */
  calibratedBy?: string;
  /** A model behind them was trained on data that leak: every row is marked. */
  leak?: boolean;
  /** 1 for a row whose grade a model learned from, or that is of the group of one (N); null for no such column. */
  graded?: Uint8Array | null;
  /** 1 for a row that a cascade rejected (N); null for no such column. */
  rejected?: Uint8Array | null;
}

/** Rows from the highest score to the lowest, those of equal score by id: the same order on every machine. */
export function ranking({ ids, classes, probabilities, positive }: ScoredImages): Int32Array {
  const score = (row: number) => probabilities[row * classes.length + positive]!;
  const order = Int32Array.from(ids, (_, row) => row);
  return order.sort((a, b) => score(b) - score(a) || (ids[a]! < ids[b]! ? -1 : 1));
}

/**
 * Writes `id, rank, score, p_<class>…`, if known `calibrated`, `ra` and `dec`, `leak` for data that leak, `graded` for
 * finders that learned from grades, and `rejected` for cascades, best first, as CSV, TSV, Parquet, VOTable, FITS or DS9 regions, by its extension.
 *
 * @param options `top`: only so many of the best; null for all
 * @returns notes for the reader, one sentence each
 * @throws ArcletError when the file can't be written, or no position is known for regions
 */
export async function writeScores(
  path: string,
  images: ScoredImages,
  { top = null, ...options }: WriteOptions & { top?: number | null } = {},
): Promise<string[]> {
  const [idColumn, ...columns] = scoreColumns(kindOf(images));
  const rows = Array.from(ranking(images).slice(0, top ?? undefined), (row, index) => {
    const [id, ...values] = scoreValues(images, row);
    return [id!, index + 1, ...values];
  });
  return writeCatalog(path, [idColumn!, RANK, ...columns], rows, options);
}

/** The columns that a score table has. */
export interface ScoreTableKind {
  classes: readonly string[];
  calibrated: boolean;
  calibratedBy: string;
  positions: boolean;
  leak: boolean;
  graded: boolean;
  rejected: boolean;
}

const kindOf = (images: ScoredImages): ScoreTableKind => ({
  classes: images.classes,
  calibrated: images.calibrated != null,
  calibratedBy: images.calibratedBy ?? "",
  positions: images.positions !== undefined,
  leak: images.leak ?? false,
  graded: images.graded != null,
  rejected: images.rejected != null,
});

/** The second column, once the order is known. */
export const RANK: CatalogColumn = { name: "rank", type: "whole", ucd: "meta.code" };

/** All columns but the rank. */
export function scoreColumns(kind: ScoreTableKind): CatalogColumn[] {
  const { classes, calibrated, calibratedBy, positions, leak, graded, rejected } = kind;
  const probability = (name: string): CatalogColumn => ({ name, type: "number", ucd: "stat.probability" });
  const mark = (name: string): CatalogColumn => ({ name, type: "yes/no", ucd: "meta.code.qual" });
  const described = calibratedBy === "" ? {} : { description: calibratedBy };
  return [
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    probability("score"),
    ...classes.map((name) => probability(`p_${name}`)),
    ...(calibrated ? [{ ...probability("calibrated"), ...described }] : []),
    ...(positions ? POSITIONS : []),
    ...(leak ? [mark("leak")] : []),
    ...(graded ? [mark(GRADED_COLUMN)] : []),
    ...(rejected ? [mark("rejected")] : []),
  ];
}

const POSITIONS: readonly CatalogColumn[] = [
  { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
  { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
];

/** An image's values of these columns. */
export function scoreValues(images: ScoredImages, row: number): Value[] {
  const { ids, classes, probabilities, positive, calibrated, positions, leak, graded, rejected } = images;
  const K = classes.length;
  const p = Array.from(probabilities.subarray(row * K, (row + 1) * K), number);
  return [
    ids[row]!,
    p[positive]!,
    ...p,
    ...(calibrated ? [number(calibrated[row]!)] : []),
    ...(positions ? [positions.ra[row]!, positions.dec[row]!] : []),
    ...(leak ? [true] : []),
    ...(graded ? [graded[row] === 1] : []),
    ...(rejected ? [rejected[row] === 1] : []),
  ];
}

/** Nine digits distinguish every float32 from its neighbours; null for NaN. */
const number = (value: number): number | null => (Number.isNaN(value) ? null : Number(value.toPrecision(9)));
