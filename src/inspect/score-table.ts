/** A finder's scores of a dataset's rows, from its table. */
import { basename } from "node:path";
import { readCatalog } from "../catalog/read.ts";
import type { Value } from "../catalog/table.ts";
import { fileHash } from "../dataset/hash.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { idsOf, type RowsById } from "./ids.ts";

export interface Finder {
  /** The table's file name, without its extension. */
  readonly name: string;
  readonly sha256: string;
  /** Of every row of the dataset, NaN without one. */
  readonly scores: Float64Array;
  /** From 1; 0 without a score. */
  readonly ranks: Int32Array;
  /** NaN where a row has none; null if none has. */
  readonly calibrated: Float64Array | null;
}

/** @throws ArcletError naming the row for: an id that the dataset doesn't have or that comes twice, a score that is not finite */
export async function readFinder(path: string, rows: RowsById, dataset: string): Promise<Finder> {
  const { table } = await readCatalog(path);
  if (table.count === 0) throw new ArcletError({ where: path, code: "empty", problem: "has no row" });
  const ids = idsOf(table, rows, dataset);
  const given = table.column("score");
  const honest = table.has("calibrated") ? table.column("calibrated") : null;
  const scores = new Float64Array(rows.size).fill(Number.NaN);
  const calibrated = new Float64Array(rows.size).fill(Number.NaN);
  for (const [k, row] of ids.entries()) {
    scores[row] =
      finite(given[k]) ?? refuse({ where: path, row: k + 1 }, "score", "a finite number", given[k]);
    const probability = finite(honest?.[k]);
    if (probability !== null && (probability < 0 || probability > 1))
      refuse({ where: path, row: k + 1 }, "calibrated", "between 0 and 1", probability);
    calibrated[row] = probability ?? Number.NaN;
  }
  return {
    name: basename(path).replace(/(\.[a-z]+)(\.gz)?$/i, ""),
    sha256: fileHash(path),
    scores,
    ranks: ranksOf(scores),
    calibrated: calibrated.some((value) => !Number.isNaN(value)) ? calibrated : null,
  };
}

const finite = (value: Value | undefined): number | null => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
};

/** Ranks from the highest score, equal ones in the table's order. */
function ranksOf(scores: Float64Array): Int32Array {
  const scored = Int32Array.from(scores.keys()).filter((row) => !Number.isNaN(scores[row]!));
  const ranks = new Int32Array(scores.length);
  for (const [k, row] of scored.sort((a, b) => scores[b]! - scores[a]! || a - b).entries())
    ranks[row] = k + 1;
  return ranks;
}
