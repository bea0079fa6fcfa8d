/** The objects of a search: which rows of the dataset are looked at, and what finders say of them. */
import { readCatalog } from "../catalog/read.ts";
import { type Dataset, type ImageDomain, openDataset } from "../dataset/dataset.ts";
import { fileHash } from "../dataset/hash.ts";
import { refuse } from "../foundation/errors.ts";
import { Catalogue } from "./catalogue.ts";
import { idsOf } from "./ids.ts";
import type { Orientation } from "./look-contract.ts";
import { isBottomFirst, orientationsOf } from "./orientation.ts";
import { type Finder, readFinder } from "./score-table.ts";

export interface Objects {
  readonly domain: ImageDomain;
  /** Rows of the dataset that are looked at, in the sample's order, else in the dataset's. */
  readonly rows: Int32Array;
  /** Whether a row of the dataset is one of them. */
  readonly has: (row: number) => boolean;
  readonly finders: readonly Finder[];
  readonly sample: { readonly path: string; readonly sha256: string } | null;
  /** How a row's image lies on the sky; null if unknown. */
  readonly orientation: (row: number) => Orientation | null;
  /** Whether row 0 of an image is its bottom. */
  readonly bottomFirst: boolean;
  readonly catalogue: Catalogue;
}

/**
 * Opens the dataset and reads the tables. Looked at are the sample's rows; without a sample, those that a table scores;
 * without a table, all. Labels of the dataset are not read.
 *
 * @param columns of the dataset's table to show beside images, graded or not; null for all, once an object is graded
 * @throws ArcletError for a dataset that has changed since it was written, or tables that are not of its rows; Interrupted
 */
export async function openObjects(
  folder: string,
  scores: readonly string[],
  sample: string | null,
  columns: readonly string[] | null = null,
): Promise<Objects> {
  const dataset = await openDataset(folder);
  try {
    await dataset.verify();
    const catalogue = new Catalogue(dataset, columns);
    return { ...(await objectsOf(dataset, folder, scores, sample)), catalogue };
  } catch (error) {
    dataset.close();
    throw error;
  }
}

async function objectsOf(
  dataset: Dataset,
  folder: string,
  scores: readonly string[],
  sample: string | null,
): Promise<Omit<Objects, "catalogue">> {
  const byId = new Map(dataset.ids.map((id, row) => [id, row]));
  const finders: Finder[] = [];
  for (const path of scores) finders.push(await readFinder(path, byId, folder));
  const names = finders.map(({ name }) => name);
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined)
    refuse("inspect", "scores", "tables whose file names differ, since they name the finders", twice);
  const drawn = sample === null ? null : await sampleRows(sample, byId, folder);
  const all = Int32Array.from(dataset.ids.keys());
  const scored = (row: number) => finders.some(({ ranks }) => ranks[row]! > 0);
  const rows = drawn ?? (finders.length === 0 ? all : all.filter(scored));
  const known = new Set(rows);
  return {
    domain: dataset,
    rows,
    has: (row) => known.has(row),
    finders,
    sample: sample === null ? null : { path: sample, sha256: fileHash(sample) },
    orientation: orientationsOf(dataset),
    bottomFirst: isBottomFirst(dataset),
  };
}

/** Rows in the order of the column `shown`, or in the table's. */
async function sampleRows(
  path: string,
  byId: ReadonlyMap<string, number>,
  folder: string,
): Promise<Int32Array> {
  const { table } = await readCatalog(path);
  const rows = idsOf(table, byId, folder);
  if (!table.has("shown")) return rows;
  const shown = table.wholes("shown");
  return Int32Array.from(rows.keys())
    .sort((a, b) => shown[a]! - shown[b]!)
    .map((k) => rows[k]!);
}
