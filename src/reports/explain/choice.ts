/** Chooses the images to explain. */
import type { ImageDomain } from "../../dataset/dataset.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { refuse } from "../../foundation/errors.ts";

/**
 * Rows of ids in a dataset, in the order given.
 *
 * @throws ArcletError naming the first id that is missing or given twice
 */
export function rowsOfIds(domain: ImageDomain, folder: string, ids: readonly string[]): Int32Array {
  const rows = new Map(domain.ids.map((id, row) => [id, row]));
  const seen = new Set<string>();
  return Int32Array.from(ids, (id) => {
    if (seen.has(id)) refuse(folder, "ids", "all different", id);
    seen.add(id);
    return rows.get(id) ?? unknownId(folder, id, domain.ids);
  });
}

export function unknownId(where: string, id: string, known: readonly string[]): never {
  // Finding the nearest of very many names takes long.
  throw unknown(where, "id", id, known.slice(0, 5000), { must: `one of its ${known.length} ids` });
}

/** Indices into `rows`, in descending order of the scores, equal ones by id. */
export function ranked(domain: ImageDomain, rows: Int32Array, scores: ArrayLike<number>): number[] {
  const id = (index: number) => domain.ids[rows[index]!]!;
  return [...rows.keys()].sort((a, b) => scores[b]! - scores[a]! || (id(a) < id(b) ? -1 : 1));
}
