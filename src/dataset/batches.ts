/** Batches as methods see them. Only the source's have labels. */
import { refuse } from "../foundation/errors.ts";
import { tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Dataset, ImageDomain, Rows } from "./dataset.ts";
import { BalancedSampler, BatchSampler, type Sampler } from "./sampler.ts";

export interface TargetBatch {
  /** (B, C, H, W) in the dataset's own type */
  images: Tensor;
  /** (B) rows of the dataset's table */
  rows: Int32Array;
}

export interface SourceBatch extends TargetBatch {
  /** (B) int64, class indices */
  labels: Tensor;
}

/** How source batches are drawn: every row, or every class, equally often. */
export type Balance = "none" | "classes";

/** A batch of labelled rows. @throws ArcletError when a row has no label */
export function sourceBatch(dataset: Dataset, rows: Rows): SourceBatch {
  const labels = BigInt64Array.from(dataset.labels(rows), BigInt);
  return { images: dataset.images(rows), labels: tensor(labels), rows: Int32Array.from(rows) };
}

export function targetBatch(domain: ImageDomain, rows: Rows): TargetBatch {
  return { images: domain.images(rows), rows: Int32Array.from(rows) };
}

/** A sampler of labelled rows. @throws ArcletError when there are none */
export function sourceSampler(
  dataset: Dataset,
  rows: Rows,
  batchSize: number,
  seed: number,
  balance: Balance = "none",
): Sampler {
  if (rows.length === 0) refuse(dataset.folder, "rows", "at least one labelled row to draw from", "none");
  if (balance === "none") return new BatchSampler(rows, batchSize, seed);
  return new BalancedSampler(rows, dataset.labels(rows), batchSize, seed);
}
