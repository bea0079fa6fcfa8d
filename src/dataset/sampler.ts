/** Which rows make which batch: a function of the global step alone, so that a resumed run continues exactly. */
import { refuse } from "../foundation/errors.ts";
import { keyOf, permutation } from "../foundation/random.ts";

/** Endless full batches from a set of rows. */
export interface Sampler {
  readonly batchSize: number;
  /** Batches until every row has come once, rounded up. */
  readonly batchesPerEpoch: number;
  /** The rows of a step's batch (batchSize). Steps count from 0 and may come in any order. */
  at(step: number): Int32Array;
}

/** Rows one by one. */
export interface Drawer {
  /** The `n`-th row that is ever drawn. */
  draw(n: number): number;
}

/**
 * Each row once per epoch, in an order set by seed and epoch. A batch that reaches the end of an epoch is filled from
 * the next one.
 */
export class BatchSampler implements Sampler, Drawer {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  private readonly pool: Int32Array;
  private readonly seed: number;
  private epoch = -1;
  private order: Int32Array = new Int32Array();

  constructor(rows: readonly number[] | Int32Array, batchSize: number, seed: number) {
    checkSampler(rows.length, batchSize);
    this.pool = Int32Array.from(rows);
    this.batchSize = batchSize;
    this.seed = seed;
    this.batchesPerEpoch = Math.ceil(rows.length / batchSize);
  }

  at(step: number): Int32Array {
    return Int32Array.from({ length: this.batchSize }, (_, i) => this.draw(step * this.batchSize + i));
  }

  draw(n: number): number {
    const epoch = Math.floor(n / this.pool.length);
    if (epoch !== this.epoch) {
      this.order = permutation(this.pool.length, keyOf(this.seed, epoch));
      this.epoch = epoch;
    }
    return this.pool[this.order[n % this.pool.length]!]!;
  }
}

/** Every class equally often: each draw takes the next class of a shuffled round, and that class's next shuffled row. */
export class BalancedSampler implements Sampler, Drawer {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  private readonly classes: BatchSampler[];
  private readonly seed: number;

  /** @param labels the class of each row, in the order of `rows` */
  constructor(rows: readonly number[] | Int32Array, labels: Int32Array, batchSize: number, seed: number) {
    checkSampler(rows.length, batchSize);
    if (labels.length !== rows.length) refuse("sampler", "labels", `${rows.length} numbers`, labels.length);
    const present = [...new Set(labels)].sort((a, b) => a - b);
    this.classes = present.map(
      (label) =>
        new BatchSampler(
          Array.from(rows).filter((_, i) => labels[i] === label),
          1,
          keyOf(seed, label),
        ),
    );
    this.batchSize = batchSize;
    this.seed = seed;
    this.batchesPerEpoch = Math.ceil(rows.length / batchSize);
  }

  at(step: number): Int32Array {
    return Int32Array.from({ length: this.batchSize }, (_, i) => this.draw(step * this.batchSize + i));
  }

  draw(n: number): number {
    const k = this.classes.length;
    // Rounds of K draws hold each class once, in an order of their own.
    const round = Math.floor(n / k);
    const label = permutation(k, keyOf(this.seed, round))[n % k]!;
    return this.classes[label]!.draw(round);
  }
}

function checkSampler(rows: number, batchSize: number): void {
  if (rows === 0) refuse("sampler", "rows", "at least one", "none");
  if (!Number.isInteger(batchSize) || batchSize < 1) refuse("sampler", "batch size", "at least 1", batchSize);
}
