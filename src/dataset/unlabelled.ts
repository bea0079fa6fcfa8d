/** The target domain as training sees it: images without labels, and without the rows that people graded. */
import { refuse } from "../foundation/errors.ts";
import type { Tensor } from "../torch/tensor.ts";
import {
  type Dataset,
  type ImageDomain,
  type ImageInfo,
  type OnDisk,
  openDataset,
  type Positions,
  type Rows,
  type TakeBands,
} from "./dataset.ts";
import type { Split } from "./info.ts";
import { UNLABELLED_COLUMNS } from "./stored-columns.ts";

/**
 * A dataset whose labels can't be reached, neither by the type nor in the object (nor any column but sky positions,
 * since a column may hold a grade).
 */
export class UnlabelledDataset implements ImageDomain {
  readonly #dataset: Dataset;
  readonly #without: ReadonlySet<number>;
  /** What its images are like. */
  readonly info: ImageInfo;

  /** @param without rows that can't be reached: graded ones, and those of their groups */
  constructor(dataset: Dataset, without: Iterable<number> = []) {
    this.#dataset = dataset;
    this.#without = new Set(without);
    const { classes: _, ...info } = dataset.info;
    this.info = info;
  }

  /** The dataset's folder. */
  get folder(): string {
    return this.#dataset.folder;
  }
  /** Number of rows. */
  get count(): number {
    return this.#dataset.count;
  }
  /** Every row's id (N). */
  get ids(): readonly string[] {
    return this.#dataset.ids;
  }
  /** Every row's group (N). */
  get groups(): readonly string[] {
    return this.#dataset.groups;
  }
  /** Every row's split (N). */
  get splits(): readonly Split[] {
    return this.#dataset.splits;
  }
  rows(...splits: Split[]): Int32Array {
    return this.#dataset.rows(...splits).filter((row) => !this.#without.has(row));
  }
  images(rows: Rows): Tensor {
    const graded = Array.from(rows).find((row) => this.#without.has(row));
    if (graded !== undefined)
      refuse({ where: this.folder, row: graded + 1 }, "row", "one of the unlabelled target", "a graded one");
    return this.#dataset.images(rows);
  }
  get onDisk(): OnDisk | undefined {
    return this.#without.size === 0 ? this.#dataset.onDisk : undefined;
  }
  imageHashes(): readonly string[] {
    return this.#dataset.imageHashes();
  }
  /** As `Dataset.verify`. */
  verify(hash?: Promise<string>): Promise<void> {
    return this.#dataset.verify(hash);
  }
  positions(): Positions | undefined {
    return this.#dataset.positions();
  }
  close(): void {
    this.#dataset.close();
  }
}

/**
 * Opens a dataset folder as a target.
 *
 * @param without rows that can't be reached: graded ones, and those of their groups
 * @throws ArcletError as `openDataset` does
 */
export async function openUnlabelled(
  folder: string,
  take?: TakeBands,
  without: Iterable<number> = [],
): Promise<UnlabelledDataset> {
  // Labels are read to be checked, as those of any dataset are.
  return new UnlabelledDataset(await openDataset(folder, take, [...UNLABELLED_COLUMNS, "label"]), without);
}
