/**
 * The rows of datasets as numbered batches. A network's last digits depend on which images share a batch, so batches are the
 * units that a scoring is divided into: each dataset begins one, and all but its last are full.
 */
import { PREDICTED_TOGETHER } from "../../train/predict.ts";

/** A dataset's rows in some splits. */
export interface CountedDataset {
  readonly folder: string;
  readonly rows: number;
}

/** A run of a dataset's rows. */
export interface RowRun {
  readonly folder: string;
  readonly from: number;
  readonly to: number;
}

const batchesOf = ({ rows }: CountedDataset, together: number): number => Math.ceil(rows / together);

/** @param together rows of a batch */
export const batchCount = (datasets: readonly CountedDataset[], together = PREDICTED_TOGETHER): number =>
  datasets.reduce((sum, one) => sum + batchesOf(one, together), 0);

/**
 * The rows of the batches from `from` on, before `to`.
 *
 * @param most batches of a run, so that memory holds it
 * @param together rows of a batch
 */
export function runsOfBatches(
  datasets: readonly CountedDataset[],
  { from, to }: { from: number; to: number },
  most: number,
  together = PREDICTED_TOGETHER,
): RowRun[] {
  const runs: RowRun[] = [];
  let first = 0; // the dataset's first batch
  for (const dataset of datasets) {
    const end = Math.min(to, first + batchesOf(dataset, together));
    for (let at = Math.max(from, first); at < end; at += most) {
      const row = (batch: number) => Math.min(dataset.rows, (batch - first) * together);
      runs.push({ folder: dataset.folder, from: row(at), to: row(Math.min(end, at + most)) });
    }
    first += batchesOf(dataset, together);
  }
  return runs;
}
