/**
 * The images of a dataset folder, read from its shards when they are asked for. They aren't mapped: a page that is touched for
 * the first time takes longer than reading it does, and a file that is cut meanwhile would end the program.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../foundation/files.ts";
import { empty, tensor } from "../torch/create.ts";
import { readAhead, readInto } from "../torch/file-parts.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { DatasetInfo } from "./info.ts";
import { NpyReader } from "./npy.ts";

/** Batches that the disk is ahead of the one that is asked for, where rows follow one another. */
const AHEAD = 2;
/** Shards that stay open, since on a cluster's file system opening one takes as long as reading many images. */
const OPEN = 32;

/** Where images are stored, as one thread may tell another. */
export interface ImageStore {
  readonly folder: string;
  readonly info: Pick<DatasetInfo, "shards" | "shape" | "pixels">;
  /** The stored channels that images have, in their order; null for all, as stored. */
  readonly channels: readonly number[] | null;
}

/** Where each of some images lies: its shard, and its index there (B each). */
export interface Places {
  readonly shard: Int32Array;
  readonly index: Int32Array;
}

/** An open shard. */
interface Shard {
  readonly path: string;
  readonly file: number;
  /** Where its values begin. */
  readonly offset: number;
}

/** An image of a shard, and its place among those that were asked for. */
interface Wanted {
  index: number;
  place: number;
}

export class StoredImages {
  private readonly store: ImageStore;
  /** By index, the one that was read last at the end. */
  private readonly open = new Map<number, Shard>();

  constructor(store: ImageStore) {
    this.store = store;
  }

  /**
   * The images at some places, in their order → (B, C, H, W).
   *
   * @throws ArcletError naming a file that can't be read, or was cut
   */
  gather(places: Places): Tensor {
    const { channels } = this.store;
    if (channels === null) return this.whole(places);
    return tidy(() => this.whole(places).indexSelect(1, indices(channels)));
  }

  /** All stored channels. */
  private whole(places: Places): Tensor {
    const { shape, pixels } = this.store.info;
    const dtype = pixels === "display" ? "uint8" : "float32";
    return tidy(() => {
      const images = empty([places.index.length, ...shape], { dtype });
      for (const [shard, wanted] of byShard(places)) this.read(images, shard, wanted);
      return images;
    });
  }

  /** Closes its files. It can be used after this. */
  close(): void {
    for (const { file } of this.open.values()) closeSync(file);
    this.open.clear();
  }

  /** Reads images of a shard to their places. */
  private read(images: Tensor, index: number, wanted: readonly Wanted[]): void {
    const { info } = this.store;
    const { path, file, offset } = this.opened(index);
    const size = info.shape.reduce((product, side) => product * side, info.pixels === "display" ? 1 : 4);
    const partOf = (first: number, count: number) => ({
      ...{ path, file },
      from: offset + first * size,
      bytes: count * size,
    });
    for (const run of runsIn(wanted)) readInto(images, run.place * size, partOf(run.index, run.count));
    const next = aheadOf(wanted, info.shards[index]!.rows);
    if (next.count > 0) readAhead(partOf(next.index, next.count));
  }

  private opened(index: number): Shard {
    const shard = this.open.get(index) ?? this.openShard(index);
    this.open.delete(index);
    this.open.set(index, shard);
    const [oldest] = this.open;
    if (this.open.size > OPEN && oldest !== undefined) {
      closeSync(oldest[1].file);
      this.open.delete(oldest[0]);
    }
    return shard;
  }

  private openShard(index: number): Shard {
    const { folder, info } = this.store;
    const path = join(folder, info.shards[index]!.file);
    const opening = () => {
      const reader = new NpyReader(path);
      reader.close();
      return { path, offset: reader.header.offset, file: guarded(path, () => openSync(path, "r")) };
    };
    try {
      return opening();
    } catch (error) {
      // No descriptor is left: those of other shards can be had again.
      if (this.open.size === 0) throw error;
      this.close();
      return opening();
    }
  }
}

function byShard({ shard, index }: Places): Map<number, Wanted[]> {
  const by = new Map<number, Wanted[]>();
  shard.forEach((one, place) => {
    const image = { index: index[place]!, place };
    const wanted = by.get(one);
    if (wanted === undefined) by.set(one, [image]);
    else wanted.push(image);
  });
  return by;
}

/** Images that follow one another in their shard and in what was asked for. */
function* runsIn(wanted: readonly Wanted[]): Generator<Wanted & { count: number }> {
  for (let from = 0, to = 0; from < wanted.length; from = to) {
    const { index, place } = wanted[from]!;
    const follows = () => wanted[to]?.index === index + to - from && wanted[to]!.place === place + to - from;
    for (to = from + 1; follows(); ) to++;
    yield { index, place, count: to - from };
  }
}

/** The images after those at some indices, if these go up: most work goes through a dataset from its beginning to its end. */
function aheadOf(wanted: readonly Wanted[], rows: number): { index: number; count: number } {
  const next = wanted.at(-1)!.index + 1;
  const span = next - wanted[0]!.index;
  const none = next >= rows || span < wanted.length || span > AHEAD * wanted.length;
  return { index: next, count: none ? 0 : Math.min(AHEAD * span, rows - next) };
}

/** Whole numbers as an index tensor (N) int64. */
export const indices = (values: ArrayLike<number>): Tensor =>
  tensor(BigInt64Array.from(Array.from(values), BigInt));
