/** The target domain as training sees it: images without labels. */
import type { Tensor } from "../torch/tensor.ts";
import {
  type Dataset,
  type ImageDomain,
  type ImageInfo,
  openDataset,
  type Positions,
  type Rows,
  type TakeBands,
} from "./dataset.ts";
import type { Split } from "./info.ts";

/**
 * A dataset whose labels can't be reached, neither by the type nor in the object (nor any column but sky positions,
 * since a column may hold a grade).
 */
export class UnlabelledDataset implements ImageDomain {
  readonly #dataset: Dataset;
  readonly info: ImageInfo;

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    const { classes: _, ...info } = dataset.info;
    this.info = info;
  }

  get folder(): string {
    return this.#dataset.folder;
  }
  get count(): number {
    return this.#dataset.count;
  }
  get ids(): readonly string[] {
    return this.#dataset.ids;
  }
  get groups(): readonly string[] {
    return this.#dataset.groups;
  }
  get splits(): readonly Split[] {
    return this.#dataset.splits;
  }
  rows(...splits: Split[]): Int32Array {
    return this.#dataset.rows(...splits);
  }
  images(rows: Rows): Tensor {
    return this.#dataset.images(rows);
  }
  imageHashes(): readonly string[] {
    return this.#dataset.imageHashes();
  }
  /** As `Dataset.verify`. */
  verify(): Promise<void> {
    return this.#dataset.verify();
  }
  positions(): Positions | undefined {
    return this.#dataset.positions();
  }
  close(): void {
    this.#dataset.close();
  }
}

/** Opens a dataset folder as a target. @throws ArcletError as `openDataset` does */
export async function openUnlabelled(folder: string, take?: TakeBands): Promise<UnlabelledDataset> {
  return new UnlabelledDataset(await openDataset(folder, take));
}
