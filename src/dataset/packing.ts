/**
 * Images taken out of shards that are written: what stays moves up, into files beside the old ones. The old ones are
 * replaced when all else is decided, so that a program that is killed on the way can begin this part anew.
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
  /** Images that a full shard holds. */
  readonly perShard: number;
  readonly spec: Pick<DatasetInfo, "pixels" | "shape">;
}

export interface Packed {
  shards: Shards;
  /** The name by which a shard's file lies in the folder until `movePacked`. */
  lying: (file: string) => string;
  /** Where the `n`-th image that stays is. */
  placeOf: (n: number) => { shard: number; row: number };
}

const packedName = (file: string): string => `packed-${file}`;

/**
 * @param stays whether the image of a place stays
 * @returns the shards without those that don't; the same where all stay
 */
export function packShards(
  folder: string,
  { shards, perShard, spec }: WrittenShards,
  stays: (place: number) => boolean,
): Packed {
  for (const file of readdirSync(folder)) if (/^packed-/.test(file)) rmSync(join(folder, file));
  const placeOf = (n: number) => ({ shard: Math.floor(n / perShard), row: n % perShard });
  const count = shards.reduce((sum, { rows }) => sum + rows, 0);
  let first = 0;
  while (first < count && stays(first)) first++;
  if (first === count) return { shards: [...shards], lying: (file) => file, placeOf };
  const whole = Math.floor(first / perShard); // shards before the first image that goes
  const made: Shards = shards.slice(0, whole);
  let writer: NpyWriter | undefined;
  const close = () => {
    if (writer === undefined) return;
    writer.close();
    made.push({ file: shardName(made.length), rows: writer.length });
    writer = undefined;
  };
  const kind = spec.pixels === "display" ? "u1" : "f4";
  for (let k = whole; k < shards.length; k++) {
    const reader = new NpyReader(join(folder, shards[k]!.file));
    try {
      for (let i = 0; i < shards[k]!.rows; i++) {
        if (!stays(k * perShard + i)) continue;
        writer ??= new NpyWriter(join(folder, packedName(shardName(made.length))), kind, spec.shape);
        writer.append(reader.read(i) as ShardValues, 1);
        if (writer.length === perShard) close();
      }
    } finally {
      reader.close();
    }
  }
  close();
  const moved = new Set(made.slice(whole).map(({ file }) => file));
  return { shards: made, lying: (file) => (moved.has(file) ? packedName(file) : file), placeOf };
}

/** Puts the packed shards in the place of the old ones; does nothing where there are none, or some were moved before. */
export function movePacked(folder: string, shards: number): void {
  guarded(folder, () => {
    for (let k = 0; k < shards; k++) {
      const [packed, file] = [join(folder, packedName(shardName(k))), join(folder, shardName(k))];
      if (existsSync(packed)) renameSync(packed, file);
    }
    for (let k = shards; existsSync(join(folder, shardName(k))); k++) rmSync(join(folder, shardName(k)));
  });
}
