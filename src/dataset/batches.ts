/** Batches as methods see them. Only the source's have labels. */
import { refuse } from "../foundation/errors.ts";
import { keyOf } from "../foundation/random.ts";
import { tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { ImageDomain, LabelledDomain, Rows } from "./dataset.ts";
import { MixedDataset } from "./mixed.ts";
import { MixedSampler } from "./mixed-sampler.ts";
import { BalancedSampler, BatchSampler, type Drawer, type Sampler } from "./sampler.ts";

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
export function sourceBatch(dataset: LabelledDomain, rows: Rows): SourceBatch {
  const labels = BigInt64Array.from(dataset.labels(rows), BigInt);
  return { images: dataset.images(rows), labels: tensor(labels), rows: Int32Array.from(rows) };
}

export function targetBatch(domain: ImageDomain, rows: Rows): TargetBatch {
  return { images: domain.images(rows), rows: Int32Array.from(rows) };
}

/** How labelled rows are drawn. */
export interface Drawing {
  balance?: Balance;
  /** The part of each source of a mixed dataset, sum 1; null for every row equally often. */
  parts?: readonly number[] | null;
}

/** A sampler of labelled rows; balance counts within each source. @throws ArcletError when there are none */
export function sourceSampler(
  dataset: LabelledDomain,
  rows: Rows,
  batchSize: number,
  seed: number,
  { balance = "none", parts = null }: Drawing = {},
): Sampler {
  if (rows.length === 0) refuse(dataset.folder, "rows", "at least one labelled row to draw from", "none");
  const sampler = (own: Rows, size: number, key: number): Sampler & Drawer =>
    balance === "none"
      ? new BatchSampler(own, size, key)
      : new BalancedSampler(own, dataset.labels(own), size, key);
  if (parts === null || !(dataset instanceof MixedDataset)) return sampler(rows, batchSize, seed);
  const sources = parts.map((_, k) =>
    sampler(
      Int32Array.from(rows).filter((row) => dataset.sourceOf(row) === k),
      1,
      keyOf(seed, k),
    ),
  );
  return new MixedSampler(sources, parts, batchSize, rows.length);
}
