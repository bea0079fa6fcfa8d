/** The objects of a search: which rows of the dataset are looked at, and what finders say of them. */
import { readCatalog } from "../catalog/read.ts";
import { type Dataset, type ImageDomain, openDataset } from "../dataset/dataset.ts";
import { fileHash } from "../dataset/hash.ts";
import { DECOY_LABELS, type DecoyLabel } from "../evaluate/designed-sample/decoys.ts";
import { refuse } from "../foundation/errors.ts";
import { Catalogue } from "./catalogue.ts";
import { idsOf } from "./ids.ts";
import type { Orientation } from "./look-contract.ts";
import { isBottomFirst, orientationsOf } from "./orientation.ts";
import { type Finder, readFinder } from "./score-table.ts";

export interface SampleFile {
  readonly path: string;
  readonly sha256: string;
  /** Rows of the dataset, in the order in which to show them. */
  readonly rows: Int32Array;
  /** What rows of the dataset are known to be that are shown as decoys. */
  readonly decoys: ReadonlyMap<number, DecoyLabel>;
}

export class Objects {
  readonly domain: ImageDomain;
  readonly catalogue: Catalogue;
  /** How a row's image lies on the sky; null if unknown. */
  readonly orientation: (row: number) => Orientation | null;
  /** Whether row 0 of an image is its bottom. */
  readonly bottomFirst: boolean;
  readonly sample: SampleFile | null;
  /** Tables of finders, by path. */
  readonly tables: readonly string[];
  #finders: readonly Finder[];
  #rows: Int32Array;
  #known: ReadonlySet<number>;

  /** Looked at are the sample's rows; without a sample, those that a table scores; without a table, all. */
  constructor(
    dataset: Dataset,
    catalogue: Catalogue,
    finders: readonly Finder[],
    sample: SampleFile | null,
    tables: readonly string[],
  ) {
    this.domain = dataset;
    this.catalogue = catalogue;
    this.orientation = orientationsOf(dataset);
    this.bottomFirst = isBottomFirst(dataset);
    this.sample = sample;
    this.tables = tables;
    this.#finders = finders;
    this.#rows = sample?.rows ?? scoredRows(dataset.ids.length, finders);
    this.#known = new Set(this.#rows);
  }

  /** Rows of the dataset that are looked at, in the sample's order, else in the dataset's. */
  get rows(): Int32Array {
    return this.#rows;
  }

  /** What rows are known to be that are shown as decoys. Nobody who grades may learn which they are. */
  get decoys(): ReadonlyMap<number, DecoyLabel> {
    return this.sample?.decoys ?? NO_DECOYS;
  }

  /** Whether decoys could be told by their scores: a finder has one of other objects and none of them. */
  get scoresTell(): boolean {
    const decoys = [...this.decoys.keys()];
    return this.#finders.some(({ scores }) => decoys.some((row) => Number.isNaN(scores[row]!)));
  }

  get finders(): readonly Finder[] {
    return this.#finders;
  }

  /** Whether a row of the dataset is looked at. */
  has(row: number): boolean {
    return this.#known.has(row);
  }

  /** Adds the scores of a finder. Without a sample, the rows that it scores are looked at as well. */
  add(finder: Finder): void {
    this.#finders = [...this.#finders, finder];
    if (this.sample !== null) return;
    this.#rows = scoredRows(this.domain.ids.length, this.#finders);
    this.#known = new Set(this.#rows);
  }
}

const NO_DECOYS: ReadonlyMap<number, DecoyLabel> = new Map();

function scoredRows(count: number, finders: readonly Finder[]): Int32Array {
  const all = Int32Array.from({ length: count }, (_, row) => row);
  return finders.length === 0 ? all : all.filter((row) => finders.some(({ ranks }) => ranks[row]! > 0));
}

/**
 * Opens the dataset and reads the tables. Labels of the dataset are not read.
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
    return await objectsOf(dataset, folder, scores, sample, columns);
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
  columns: readonly string[] | null,
): Promise<Objects> {
  const catalogue = new Catalogue(dataset, columns);
  const byId = new Map(dataset.ids.map((id, row) => [id, row]));
  const finders: Finder[] = [];
  for (const path of scores) finders.push(await readFinder(path, byId, folder));
  const names = finders.map(({ name }) => name);
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined)
    refuse("inspect", "scores", "tables whose file names differ, since they name the finders", twice);
  const drawn =
    sample === null
      ? null
      : { path: sample, sha256: fileHash(sample), ...(await sampleRows(sample, byId, folder)) };
  return new Objects(dataset, catalogue, finders, drawn, scores);
}

/** Rows in the order of the column `shown`, or in the table's. */
async function sampleRows(
  path: string,
  byId: ReadonlyMap<string, number>,
  folder: string,
): Promise<Pick<SampleFile, "rows" | "decoys">> {
  const { table } = await readCatalog(path, { texts: ["decoy"] });
  const rows = idsOf(table, byId, folder);
  const decoys = new Map<number, DecoyLabel>();
  if (table.has("decoy"))
    for (const [k, text] of table.column("decoy").entries()) {
      if (text === null || text === "") continue;
      const label = DECOY_LABELS.find((one) => one === text);
      if (label === undefined)
        refuse({ where: path, row: k + 1 }, "decoy", `empty or ${DECOY_LABELS.join(" or ")}`, text);
      else decoys.set(rows[k]!, label);
    }
  if (!table.has("shown")) return { rows, decoys };
  const shown = table.wholes("shown");
  const order = Int32Array.from(rows.keys()).sort((a, b) => shown[a]! - shown[b]!);
  return { rows: order.map((k) => rows[k]!), decoys };
}
