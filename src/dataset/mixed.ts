/** Several labelled datasets as one: their rows one after the other, in the first one's bands and classes. */
import { cat } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Dataset, LabelledDomain, Positions, Rows } from "./dataset.ts";
import { indices } from "./images.ts";
import type { DatasetInfo, Split } from "./info.ts";

export class MixedDataset implements LabelledDomain {
  readonly folder: string;
  readonly info: DatasetInfo;
  readonly ids: readonly string[];
  readonly groups: readonly string[];
  readonly splits: readonly Split[];
  private readonly datasets: readonly Dataset[];
  /** The first row of each. */
  private readonly starts: readonly number[];

  /** @param datasets with the same bands, classes, pixels, scale and size */
  constructor(datasets: readonly Dataset[]) {
    let count = 0;
    this.starts = datasets.map((dataset) => {
      const start = count;
      count += dataset.count;
      return start;
    });
    const first = datasets[0]!;
    this.datasets = datasets;
    this.folder = first.folder;
    this.info = { ...first.info, count, name: datasets.map(({ info }) => info.name).join(" + ") };
    this.ids = datasets.flatMap(({ ids }) => ids);
    this.groups = datasets.flatMap(({ groups }) => groups);
    this.splits = datasets.flatMap(({ splits }) => splits);
  }

  get count(): number {
    return this.info.count;
  }

  /** Which of the datasets a row is of. */
  sourceOf(row: number): number {
    return this.starts.findLastIndex((start) => row >= start);
  }

  rows(...splits: Split[]): Int32Array {
    return this.each((dataset) => dataset.rows(...splits));
  }

  labelledRows(...splits: Split[]): Int32Array {
    return this.each((dataset) => dataset.labelledRows(...splits));
  }

  positions(): Positions | undefined {
    const each = this.datasets.map((dataset) => dataset.positions());
    if (each.every((positions) => positions === undefined)) return undefined;
    const of = (name: "ra" | "dec") =>
      this.datasets.flatMap(
        ({ count }, k) => each[k]?.[name] ?? Array.from({ length: count }, (): number | null => null),
      );
    return { ra: of("ra"), dec: of("dec") };
  }

  labels(rows: Rows): Int32Array {
    return Int32Array.from(rows, (row) => {
      const k = this.sourceOf(row);
      return this.datasets[k]!.labels([row - this.starts[k]!])[0]!;
    });
  }

  images(rows: Rows): Tensor {
    const taken = this.datasets.map(() => ({ rows: [] as number[], positions: [] as number[] }));
    for (const [position, row] of Array.from(rows).entries()) {
      const k = this.sourceOf(row);
      taken[k]!.rows.push(row - this.starts[k]!);
      taken[k]!.positions.push(position);
    }
    const present = taken.flatMap((one, k) => (one.rows.length === 0 ? [] : [{ ...one, k }]));
    if (present.length === 1) return this.datasets[present[0]!.k]!.images(present[0]!.rows);
    return tidy(() => {
      const images = cat(present.map(({ rows: own, k }) => this.datasets[k]!.images(own))); // (B, C, H, W)
      const order = new Int32Array(rows.length);
      for (const [from, to] of present.flatMap(({ positions }) => positions).entries()) order[to] = from;
      return images.indexSelect(0, indices(order));
    });
  }

  imageHashes(): readonly string[] {
    return this.datasets.flatMap((dataset) => dataset.imageHashes());
  }

  close(): void {
    for (const dataset of this.datasets) dataset.close();
  }

  private each(rowsOf: (dataset: Dataset) => Int32Array): Int32Array {
    return Int32Array.from(
      this.datasets.flatMap((dataset, k) => Array.from(rowsOf(dataset), (row) => row + this.starts[k]!)),
    );
  }
}
