/** The images of a dataset folder, mapped into memory: a page is read from disk when it is touched. */
import { join } from "node:path";
import { refuse } from "../foundation/errors.ts";
import { cat, tensor } from "../torch/create.ts";
import { mapFile, readAhead } from "../torch/mapped.ts";
import { keep, tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { DatasetInfo } from "./info.ts";
import { NpyReader } from "./npy.ts";

/**
 * A page that was touched counts as this process's memory until its map is dropped, though it stays in the system's cache. So
 * the maps are dropped, and made again when they are needed, after this many bytes.
 */
const KEPT_MAPPED = 2 ** 27;
/** Batches that the disk is ahead of the one that is asked for, where rows follow one another. */
const AHEAD = 2;

export class MappedImages {
  private readonly folder: string;
  private readonly info: DatasetInfo;
  private readonly shardOf: readonly number[];
  private readonly indexOf: readonly number[];
  private readonly maps = new Map<number, Tensor>();
  /** Bytes copied since the maps were last dropped. */
  private copied = 0;

  /**
   * @param shardOf the shard of each table row
   * @param indexOf the image's index in that shard
   */
  constructor(folder: string, info: DatasetInfo, shardOf: readonly number[], indexOf: readonly number[]) {
    this.folder = folder;
    this.info = info;
    this.shardOf = shardOf;
    this.indexOf = indexOf;
  }

  /** Copies of the images of the given table rows, in their order → (B, C, H, W). */
  gather(rows: readonly number[] | Int32Array): Tensor {
    const order = Array.from(rows);
    this.copied += order.length * this.imageBytes();
    if (this.copied > KEPT_MAPPED) this.close();
    const byShard = new Map<number, number[]>();
    order.forEach((row, i) => {
      const shard = this.shardOf[row];
      if (shard === undefined) refuse(this.folder, "row", `0 to ${this.shardOf.length - 1}`, row);
      const wanted = byShard.get(shard);
      if (wanted === undefined) byShard.set(shard, [i]);
      else wanted.push(i);
    });
    return tidy(() => {
      const parts = [...byShard].map(([shard, wanted]) => {
        const own = wanted.map((i) => this.indexOf[order[i]!]!);
        const map = this.map(shard);
        beginToRead(map, own);
        return map.indexSelect(0, indices(own));
      });
      if (parts.length === 0) return this.map(0).indexSelect(0, indices([]));
      if (parts.length === 1) return parts[0]!;
      const back = new Array<number>(order.length);
      [...byShard.values()].flat().forEach((i, gathered) => {
        back[i] = gathered;
      });
      return cat(parts).indexSelect(0, indices(back));
    });
  }

  close(): void {
    for (const map of this.maps.values()) map.dispose();
    this.maps.clear();
    this.copied = 0;
  }

  private imageBytes(): number {
    const { shape, pixels } = this.info;
    return shape.reduce((product, side) => product * side, pixels === "display" ? 1 : 4);
  }

  /** A whole shard (N, C, H, W). */
  private map(shard: number): Tensor {
    let map = this.maps.get(shard);
    if (map === undefined) {
      const { file, rows } = this.info.shards[shard]!;
      const path = join(this.folder, file);
      const reader = new NpyReader(path);
      reader.close();
      const dtype = this.info.pixels === "display" ? "uint8" : "float32";
      map = keep(mapFile(path, dtype, [rows, ...this.info.shape], reader.header.offset));
      this.maps.set(shard, map);
    }
    return map;
  }
}

/** The images after those at some indices, if these go up: most work goes through a dataset from its beginning to its end. */
function beginToRead(map: Tensor, own: readonly number[]): void {
  const [first, last] = [own[0]!, own.at(-1)!];
  const next = last + 1;
  const span = next - first;
  if (next >= map.shape[0]! || span < own.length || span > AHEAD * own.length) return;
  tidy(() => readAhead(map.narrow(0, next, Math.min(AHEAD * span, map.shape[0]! - next))));
}

/** Whole numbers as an index tensor (N) int64. */
export const indices = (values: ArrayLike<number>): Tensor =>
  tensor(BigInt64Array.from(Array.from(values), BigInt));
