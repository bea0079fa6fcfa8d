/**
 * Taking images out of shards that are written: those that stay move up, into files beside the old ones. The old ones
 * are replaced once everything else is decided, so that a program that is killed on the way can start this part again.
 */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../foundation/files.ts";
import type { DatasetInfo } from "./info.ts";
import { shardName } from "./info.ts";
import { NpyReader } from "./npy.ts";
import { NpyWriter, type ShardValues } from "./npy-writer.ts";

type Shards = DatasetInfo["shards"];

/** Shards as a writer leaves them. */
interface WrittenShards {
  readonly shards: Shards;
  /** Images of a full shard. */
  readonly perShard: number;
  readonly spec: Pick<DatasetInfo, "pixels" | "shape">;
}

export interface Packed {
  shards: Shards;
  /** The name that a shard's file has in the folder until `movePacked`. */
  present: (file: string) => string;
  /** Where the `n`-th of the images that stay is. */
  locate: (n: number) => { shard: number; row: number };
}

const packedName = (file: string): string => `packed-${file}`;

/**
 * @param stays whether an image stays, by its index over all shards
 * @returns the shards without the images that don't stay; the same shards if all do
 */
export function packShards(
  folder: string,
  { shards, perShard, spec }: WrittenShards,
  stays: (index: number) => boolean,
): Packed {
  for (const file of readdirSync(folder)) if (/^packed-/.test(file)) rmSync(join(folder, file));
  const locate = (n: number) => ({ shard: Math.floor(n / perShard), row: n % perShard });
  const count = shards.reduce((sum, { rows }) => sum + rows, 0);
  let first = 0;
  while (first < count && stays(first)) first++;
  if (first === count) return { shards: [...shards], present: (file) => file, locate };
  const whole = Math.floor(first / perShard); // shards before the first image that goes
  const packed: Shards = shards.slice(0, whole);
  let writer: NpyWriter | undefined;
  const close = () => {
    if (writer === undefined) return;
    writer.close();
    packed.push({ file: shardName(packed.length), rows: writer.length });
    writer = undefined;
  };
  const kind = spec.pixels === "display" ? "u1" : "f4";
  for (let k = whole; k < shards.length; k++) {
    const reader = new NpyReader(join(folder, shards[k]!.file));
    try {
      for (let i = 0; i < shards[k]!.rows; i++) {
        if (!stays(k * perShard + i)) continue;
        writer ??= new NpyWriter(join(folder, packedName(shardName(packed.length))), kind, spec.shape);
        writer.append(reader.read(i) as ShardValues, 1);
        if (writer.length === perShard) close();
      }
    } finally {
      reader.close();
    }
  }
  close();
  const moved = new Set(packed.slice(whole).map(({ file }) => file));
  return { shards: packed, present: (file) => (moved.has(file) ? packedName(file) : file), locate };
}

/** Replaces the old shards by the packed ones. Harmless if there are none, or if some were moved before. */
export function movePacked(folder: string, shards: number): void {
  guarded(folder, () => {
    for (let k = 0; k < shards; k++) {
      const [packed, file] = [join(folder, packedName(shardName(k))), join(folder, shardName(k))];
      if (existsSync(packed)) renameSync(packed, file);
    }
    for (let k = shards; existsSync(join(folder, shardName(k))); k++) rmSync(join(folder, shardName(k)));
  });
}
