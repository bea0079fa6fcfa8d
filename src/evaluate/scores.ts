/** Score tables: what `score` writes and `evaluate` reads, in any format of a catalogue. */
import type { CatalogColumn } from "../catalog/catalog.ts";
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
}

/** Rows from the highest score to the lowest, those of equal score by id: the same order on every machine. */
export function ranking({ ids, classes, probabilities, positive }: ScoredImages): Int32Array {
  const score = (row: number) => probabilities[row * classes.length + positive]!;
  const order = Int32Array.from(ids, (_, row) => row);
  return order.sort((a, b) => score(b) - score(a) || (ids[a]! < ids[b]! ? -1 : 1));
}

/**
 * Writes `id, rank, score, p_<class>…`, if known `calibrated`, `ra` and `dec`, `leak` for data that leak, and `graded` for
 * finders that learned from grades, best first, as CSV, TSV, Parquet, VOTable, FITS or DS9 regions, by its extension.
 *
 * @returns notes for the reader, one sentence each
 * @throws ArcletError when the file can't be written, or no position is known for regions
 */
export async function writeScores(
  path: string,
  images: ScoredImages,
  options: WriteOptions = {},
): Promise<string[]> {
  const { ids, classes, probabilities, positive, calibrated = null, positions, leak = false } = images;
  const { graded = null } = images;
  const { calibratedBy = "" } = images;
  const K = classes.length;
  const probability = (name: string): CatalogColumn => ({ name, type: "number", ucd: "stat.probability" });
  const columns: CatalogColumn[] = [
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    { name: "rank", type: "whole", ucd: "meta.code" },
    probability("score"),
    ...classes.map((name) => probability(`p_${name}`)),
    ...(calibrated
      ? [{ ...probability("calibrated"), ...(calibratedBy === "" ? {} : { description: calibratedBy }) }]
      : []),
  ];
  if (positions !== undefined)
    columns.push(
      { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
      { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
    );
  if (leak) columns.push({ name: "leak", type: "yes/no", ucd: "meta.code.qual" });
  if (graded !== null) columns.push({ name: GRADED_COLUMN, type: "yes/no", ucd: "meta.code.qual" });
  const rows = Array.from(ranking(images), (row, index) => {
    const p = Array.from(probabilities.subarray(row * K, (row + 1) * K), number);
    const honest = calibrated ? [Number.isNaN(calibrated[row]!) ? null : number(calibrated[row]!)] : [];
    const where = positions === undefined ? [] : [positions.ra[row]!, positions.dec[row]!];
    return [
      ids[row]!,
      index + 1,
      p[positive]!,
      ...p,
      ...honest,
      ...where,
      ...(leak ? [true] : []),
      ...(graded ? [graded[row] === 1] : []),
    ];
  });
  return writeCatalog(path, columns, rows, options);
}

/** Nine digits distinguish every float32 from its neighbours. */
const number = (value: number): number => Number(value.toPrecision(9));
