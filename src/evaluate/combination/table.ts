/** The combined table, in any format of a catalogue: what `evaluate`, `threshold` and `export` take as they take scores. */
import type { CatalogColumn } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/table.ts";
import { type WriteOptions, writeCatalog } from "../../catalog/write.ts";
import { GRADED_COLUMN } from "../graded-scores.ts";
import type { Combined } from "./combine.ts";

/**
 * Writes `id, rank, score, p_<finder>…, graded`, if known `ra` and `dec`, and `leak` for data that leak, best first; rows of
 * equal score by id. `score` is the combined probability; `graded` marks the rows that it was fitted on, or that a finder of it learned from.
 *
 * @throws ArcletError when the file can't be written
 */
export async function writeCombined(
  path: string,
  combined: Combined,
  { top = null, ...options }: WriteOptions & { top?: number | null } = {},
): Promise<string[]> {
  const { joined, names, probabilities, finders, graded } = combined;
  const { ids, positions, leak, learned } = joined;
  const judgesNot = (id: string) => graded.has(id) || learned.some((ids) => ids.has(id));
  const order = orderOf(combined).slice(0, top ?? undefined);
  const probability = (name: string): CatalogColumn => ({ name, type: "number", ucd: "stat.probability" });
  const columns: CatalogColumn[] = [
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    { name: "rank", type: "whole", ucd: "meta.code" },
    probability("score"),
    ...names.map((name) => probability(`p_${name}`)),
    { name: GRADED_COLUMN, type: "yes/no", ucd: "meta.code" },
  ];
  if (positions !== null)
    columns.push(
      { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
      { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
    );
  if (leak) columns.push({ name: "leak", type: "yes/no", ucd: "meta.code.qual" });
  const rows = Array.from(order, (row, index): Value[] => [
    ids[row]!,
    index + 1,
    probabilities[row]!,
    ...finders.map((column) => given(column[row]!)),
    judgesNot(ids[row]!),
    ...(positions === null ? [] : [given(positions.ra[row]!), given(positions.dec[row]!)]),
    ...(leak ? [true] : []),
  ]);
  return writeCatalog(path, columns, rows, options);
}

/** The ids of the best rows. */
export const bestIds = (combined: Combined, count: number): string[] =>
  Array.from(orderOf(combined).subarray(0, count), (row) => combined.joined.ids[row]!);

/** Rows of the joined scores, best first. */
export const orderOf = ({ joined: { ids }, probabilities }: Combined): Int32Array =>
  Int32Array.from(ids, (_, row) => row).sort(
    (a, b) => probabilities[b]! - probabilities[a]! || (ids[a]! < ids[b]! ? -1 : 1),
  );

const given = (value: number): number | null => (Number.isNaN(value) ? null : value);
