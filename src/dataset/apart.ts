/** The images of a dataset's writer that are on their way to the thread that writes them, with what becomes their rows. */
import type { ShardKind, ShardValues } from "./npy-writer.ts";
import { type ShardAnswer, ShardThread, SLOTS } from "./shard-thread.ts";

interface Underway<R> {
  hashes: Promise<string[]>;
  rows: readonly R[];
  /** Index of the first in its file. */
  first: number;
  shard: number;
}

/** An image that is written. */
export interface Landed<R> {
  row: R;
  hash: string;
  /** Index of its file, and its index there. */
  shard: number;
  index: number;
}

export class Apart<R> {
  private readonly thread: ShardThread;
  private readonly perShard: number;
  private readonly pathOf: (shard: number) => string;
  private readonly landed: (images: readonly Landed<R>[]) => void;
  private readonly underway: Underway<R>[] = [];
  private readonly files = new Map<number, Promise<ShardAnswer>>();
  private shard: number;
  /** Images of the file that is being written. */
  private inShard: number;

  /**
   * @param start what is there: full files, and images of the next one
   * @param pathOf the path of a file, by its index
   * @param landed told of images that are written, in their order
   */
  constructor(
    about: { kind: ShardKind; shape: readonly number[]; perShard: number },
    start: { shards: number; images: number },
    pathOf: (shard: number) => string,
    landed: (images: readonly Landed<R>[]) => void,
  ) {
    this.perShard = about.perShard;
    this.thread = new ShardThread(about.kind, about.shape, about.perShard);
    [this.shard, this.inShard] = [start.shards, start.images];
    this.pathOf = pathOf;
    this.landed = landed;
    if (this.inShard > 0) this.thread.tell({ open: pathOf(this.shard), kept: this.inShard });
  }

  /** Images of the file that is being written, and those before it. */
  get length(): number {
    return this.shard * this.perShard + this.inShard;
  }

  /** Sends images with their rows; waits as long as too many are on their way. */
  async append(images: readonly ShardValues[], rows: readonly R[]): Promise<void> {
    for (let from = 0; from < images.length; ) {
      while (this.underway.length >= SLOTS) await this.landOldest();
      if (this.inShard === 0) this.thread.tell({ open: this.pathOf(this.shard), kept: 0 });
      const to = Math.min(images.length, from + this.thread.capacity, from + this.perShard - this.inShard);
      const hashes = this.thread.append(images.slice(from, to));
      hashes.catch(() => {}); // thrown where it is awaited
      this.underway.push({ hashes, rows: rows.slice(from, to), first: this.inShard, shard: this.shard });
      this.inShard += to - from;
      if (this.inShard === this.perShard) this.endFile();
      from = to;
    }
  }

  private endFile(): void {
    this.files.set(this.shard++, this.thread.tell({ close: true }));
    this.inShard = 0;
  }

  private async landOldest(): Promise<void> {
    const { hashes, rows, first, shard } = this.underway.shift()!;
    const known = await hashes;
    this.landed(rows.map((row, k) => ({ row, hash: known[k]!, shard, index: first + k })));
  }

  /** Waits until all images that were sent are written. @throws ArcletError as writing a file does */
  async land(): Promise<void> {
    while (this.underway.length > 0) await this.landOldest();
  }

  /** Ends the last file and waits until all are on the disk. @returns the hashes of those it wrote, by index */
  async end(): Promise<Map<number, string>> {
    await this.land();
    if (this.inShard > 0) this.endFile();
    const hashes = new Map<number, string>();
    for (const [shard, answer] of this.files) hashes.set(shard, (await answer).file!);
    await this.thread.tell({ sync: true });
    await this.thread.stop();
    return hashes;
  }

  /** Writes what is on its way, if it can be, and ends the thread. */
  async abandon(): Promise<void> {
    await this.land().catch(() => {}); // another error, or this one, is on its way to the user
    await this.thread.stop();
  }
}
