/** The target's graded rows as training sees them: their images and labels, and no other row. */
import { refuse } from "../../foundation/errors.ts";
import { tensor } from "../../torch/create.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { type Dataset, type ImageInfo, openDataset, type Rows, type TakeBands } from "../dataset.ts";
import { BalancedSampler, BatchSampler, type Sampler } from "../sampler.ts";
import type { GradedRows } from "./graded-rows.ts";

/** How graded rows are drawn: each class equally often, or every row. */
export const GRADED_BALANCES = ["classes", "none"] as const;
export type GradedBalance = (typeof GRADED_BALANCES)[number];

/** A dataset of which the graded rows alone can be reached, numbered from 0 in the table's order. */
export class GradedDataset {
  readonly #dataset: Dataset;
  readonly #rows: Int32Array;
  /** What its images are like. */
  readonly info: ImageInfo;
  /** Number of graded rows. */
  readonly count: number;
  /** The index of each row's most probable class. */
  readonly classes: Int32Array;
  /** How many of them are lenses, by their most probable class. */
  readonly lenses: number;
  /** What each row is if it is no lens, as graders name it; null if none does. */
  readonly kinds: readonly (string | null)[];
  private readonly sure: Float64Array;
  private readonly lens: 0 | 1;

  /** @param lens the index of the class of lenses among the two that the labels are of */
  constructor(
    dataset: Dataset,
    { rows, lens: sure, kinds }: Pick<GradedRows, "rows" | "lens" | "kinds">,
    lens: 0 | 1,
  ) {
    this.#dataset = dataset;
    this.#rows = rows;
    const { classes: _, ...info } = dataset.info;
    this.info = info;
    this.count = rows.length;
    this.lenses = sure.filter((p) => p >= 0.5).length;
    this.sure = sure;
    this.kinds = kinds;
    this.lens = lens;
    this.classes = Int32Array.from(sure, (p) => (p >= 0.5 ? lens : 1 - lens));
  }

  /** The numbers of all graded rows. */
  get all(): Int32Array {
    return Int32Array.from({ length: this.count }, (_, i) => i);
  }

  /** Some of the graded rows, numbered from 0 again. They are closed with the whole. */
  part(picked: Int32Array): GradedDataset {
    const rows = picked.map((i) => this.rowOf(i));
    const kinds = Array.from(picked, (i) => this.kinds[i]!);
    return new GradedDataset(this.#dataset, { rows, lens: this.lensesOf(picked), kinds }, this.lens);
  }

  /** (B, C, H, W) in the dataset's own type. @param picked numbers of graded rows */
  images(picked: Rows): Tensor {
    return this.#dataset.images(Int32Array.from(picked, (i) => this.rowOf(i)));
  }

  /** (B, 2) float32, the probability of each class. */
  labels(picked: Rows): Tensor {
    const of = (p: number) => (this.lens === 1 ? [1 - p, p] : [p, 1 - p]);
    return tensor([...this.lensesOf(picked)].flatMap(of), [picked.length, 2]);
  }

  /** Batches of numbers of graded rows. */
  sampler(batchSize: number, seed: number, balance: GradedBalance): Sampler {
    return balance === "classes"
      ? new BalancedSampler(this.all, this.classes, batchSize, seed)
      : new BatchSampler(this.all, batchSize, seed);
  }

  /** Closes its files; images can't be read afterwards. */
  close(): void {
    this.#dataset.close();
  }

  private lensesOf(picked: Rows): Float64Array {
    return Float64Array.from(picked, (i) => this.sure[i]!);
  }

  private rowOf(i: number): number {
    return this.#rows[i] ?? refuse("graded rows", "row", `from 0 to ${this.count - 1}`, i);
  }
}

/** Opens a dataset's graded rows. @throws ArcletError as `openDataset` does */
export async function openGraded(
  folder: string,
  graded: GradedRows,
  lens: 0 | 1,
  take?: TakeBands,
): Promise<GradedDataset> {
  return new GradedDataset(await openDataset(folder, take), graded, lens);
}
