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

/** An image of a shard, and its place among those that were asked for. */
interface Wanted {
  index: number;
  place: number;
}

export class StoredImages {
  private readonly store: ImageStore;
  /** Where the values of each shard begin that was read. */
  private readonly offsets = new Map<number, number>();

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

  /** Reads images of a shard to their places. */
  private read(images: Tensor, shard: number, wanted: readonly Wanted[]): void {
    const { folder, info } = this.store;
    const { file: name, rows } = info.shards[shard]!;
    const path = join(folder, name);
    const offset = this.offsetOf(shard, path);
    const size = info.shape.reduce((product, side) => product * side, info.pixels === "display" ? 1 : 4);
    const file = guarded(path, () => openSync(path, "r"));
    try {
      const partOf = (index: number, count: number) => ({
        ...{ path, file },
        from: offset + index * size,
        bytes: count * size,
      });
      for (const { index, place, count } of runsIn(wanted))
        readInto(images, place * size, partOf(index, count));
      const next = aheadOf(wanted, rows);
      if (next.count > 0) readAhead(partOf(next.index, next.count));
    } finally {
      closeSync(file);
    }
  }

  private offsetOf(shard: number, path: string): number {
    let offset = this.offsets.get(shard);
    if (offset === undefined) {
      const reader = new NpyReader(path);
      reader.close();
      offset = reader.header.offset;
      this.offsets.set(shard, offset);
    }
    return offset;
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
