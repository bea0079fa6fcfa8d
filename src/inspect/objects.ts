/** The objects of a search: which rows of the dataset are looked at, and what finders say of them. */
import { type Dataset, type ImageDomain, openDataset } from "../dataset/dataset.ts";
import type { DecoyLabel } from "../evaluate/designed-sample/decoys.ts";
import { Closing } from "../foundation/closing.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { Catalogue } from "./catalogue.ts";
import type { CatalogueValue, Orientation } from "./look-contract.ts";
import { isBottomFirst, orientationsOf } from "./orientation.ts";
import { readShownSample, type SampleFile, sampleOf, withDecoyImages } from "./sample-rows.ts";
import { type Finder, readFinder } from "./score-table.ts";
import { type ImagesSource, type Looked, openDecoyImages } from "./shown-images.ts";

/** The rows that are looked at, with their images and scores. */
export class Objects {
  /** The dataset, without labels. */
  readonly domain: ImageDomain;
  /** Where images come from. */
  readonly source: ImagesSource;
  /** Images of decoys that are no rows. */
  readonly decoyImages: Looked["decoyImages"];
  readonly #catalogue: Catalogue;
  readonly #tableRow: Looked["tableRow"];
  /** How a row's image lies on the sky; null if unknown. */
  readonly orientation: (row: number) => Orientation | null;
  /** Whether row 0 of an image is its bottom. */
  readonly bottomFirst: boolean;
  /** The sample that is graded; null for none. */
  readonly sample: SampleFile | null;
  /** Tables of finders, by path. */
  readonly tables: readonly string[];
  #finders: readonly Finder[];
  #rows: Int32Array;
  #known: ReadonlySet<number>;
  readonly #byId: ReadonlyMap<string, number>;

  /** Looked at are the sample's rows; without a sample, those that a table scores; without a table, all. */
  constructor(
    dataset: Dataset,
    { domain, source, tableRow, decoyImages }: Looked,
    catalogue: Catalogue,
    finders: readonly Finder[],
    sample: SampleFile | null,
    tables: readonly string[],
  ) {
    this.domain = domain;
    this.source = source;
    this.decoyImages = decoyImages;
    this.#catalogue = catalogue;
    this.#tableRow = tableRow;
    const orientation = orientationsOf(dataset);
    this.orientation = (row) => {
      const own = tableRow(row);
      return own === null ? null : orientation(own);
    };
    this.bottomFirst = isBottomFirst(dataset);
    this.sample = sample;
    this.tables = tables;
    this.#byId = new Map(domain.ids.map((id, row) => [id, row]));
    this.#finders = finders;
    this.#rows = sample?.rows ?? scoredRows(domain.ids.length, finders);
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

  /** Whether decoys could be told by their ids: they are of another dataset. */
  get idsTell(): boolean {
    return this.decoyImages !== null;
  }

  /** Whether decoys could be told by their positions: one of them has none, and other objects do. */
  get positionsTell(): boolean {
    const positions = this.domain.positions();
    if (positions === undefined) return false;
    return [...this.decoys.keys()].some((row) => positions.ra[row] === null || positions.dec[row] === null);
  }

  /** Whether catalogue values are shown before an object is graded. */
  get catalogueAlways(): boolean {
    return this.#catalogue.always;
  }

  /** What the dataset's table says of an object; nothing of a decoy of another dataset. */
  catalogue(row: number): CatalogueValue[] {
    const own = this.#tableRow(row);
    return own === null ? [] : this.#catalogue.of(own);
  }

  /** Whether decoys could be told by their scores: a finder has one of other objects and none of them. */
  get scoresTell(): boolean {
    const decoys = [...this.decoys.keys()];
    return this.#finders.some(({ scores }) => decoys.some((row) => Number.isNaN(scores[row]!)));
  }

  /** The finders whose scores are shown. */
  get finders(): readonly Finder[] {
    return this.#finders;
  }

  /** Whether a row of the dataset is looked at. */
  has(row: number): boolean {
    return this.#known.has(row);
  }

  /** The row of an object that is looked at; undefined for any other id. */
  rowOf(id: string): number | undefined {
    const row = this.#byId.get(id);
    return row !== undefined && this.has(row) ? row : undefined;
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

/** What to look at. */
export interface LookedAt {
  readonly dataset: string;
  readonly scores: readonly string[];
  readonly sample?: string | null;
  /** Of the dataset's table, to show beside images, graded or not; null for all, once an object is graded. */
  readonly columns?: readonly string[] | null;
  /** The dataset of decoys that the first one doesn't have. */
  readonly decoyImages?: string | null;
}

/**
 * Opens the dataset and reads the tables. Labels of the dataset are not read.
 *
 * @throws ArcletError for a dataset that has changed since it was written, tables that are not of its rows, or decoys whose
 *   images are of another kind; Interrupted
 */
export async function openObjects(at: LookedAt): Promise<Objects> {
  const { sample = null, decoyImages = null } = at;
  if (sample === null && decoyImages !== null)
    throw new ArcletError({
      where: "inspect",
      code: "conflict",
      problem: "--decoy-images shows decoys of a sample, and there is none",
      fix: "give --sample, which arclet select drew with --decoys",
    });
  const closing = new Closing();
  try {
    const dataset = closing.add(await openDataset(at.dataset), (one) => one.close());
    await dataset.verify();
    return await objectsOf(dataset, at, closing);
  } catch (error) {
    closing.close();
    throw error;
  }
}

async function objectsOf(
  dataset: Dataset,
  { dataset: folder, scores, sample = null, columns = null, decoyImages = null }: LookedAt,
  closing: Closing,
): Promise<Objects> {
  const catalogue = new Catalogue(dataset, columns);
  const read = sample === null ? null : await readShownSample(sample);
  let looked: Looked = {
    ...{ domain: dataset, source: { dataset: dataset.folder, decoys: null }, decoyImages: null },
    tableRow: (row) => row,
  };
  let drawn: SampleFile | null = null;
  if (read !== null && decoyImages !== null) {
    const decoys = closing.add(await openDecoyImages(decoyImages, dataset), (one) => one.close());
    await decoys.verify();
    ({ looked, drawn } = withDecoyImages(read, { dataset, folder }, { decoys, folder: decoyImages }));
  } else if (read !== null) drawn = sampleOf(read, dataset, folder);
  const byId = new Map(looked.domain.ids.map((id, row) => [id, row]));
  const finders: Finder[] = [];
  for (const path of scores) finders.push(await readFinder(path, byId, folder));
  const names = finders.map(({ name }) => name);
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined)
    refuse("inspect", "scores", "tables whose file names differ, since they name the finders", twice);
  return new Objects(dataset, looked, catalogue, finders, drawn, scores);
}
