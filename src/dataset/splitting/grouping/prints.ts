/** Fingerprints of whole datasets: every image is read once, a few at a time. */
import { join } from "node:path";
import { safePoint } from "../../../foundation/interrupt.ts";
import { imageHash } from "../../hash.ts";
import type { DatasetInfo } from "../../info.ts";
import { NpyReader, sizeOf } from "../../npy.ts";
import type { ShardValues } from "../../npy-writer.ts";
import { Fingerprinter, Fingerprints, LEAST_SIZE } from "./fingerprint.ts";

/** Where a dataset's images are. */
export interface StoredImages {
  folder: string;
  info: Pick<DatasetInfo, "shape" | "pixelScale" | "shards">;
  /** The shard of each row's image, and its index there. */
  shard: readonly number[];
  index: readonly number[];
}

const AT_ONCE = 64;

/**
 * The side of the square of sky that all images cover, arcsec; null if some dataset's images have too few pixels in it
 * to be told apart (under 16).
 */
export function commonField(infos: readonly Pick<DatasetInfo, "shape" | "pixelScale">[]): number | null {
  const field = Math.min(...infos.map(({ shape, pixelScale }) => pixelScale * Math.min(shape[1], shape[2])));
  return infos.every(({ pixelScale }) => field / pixelScale >= LEAST_SIZE) ? field : null;
}

/**
 * Fingerprints of a dataset's images, in its table's order.
 *
 * @param field side of the square to compare, arcsec; null for the hashes alone, without fingerprints
 * @param onHash called with the hash of each row's image
 */
export async function fingerprintsOf(
  { folder, info, shard, index }: StoredImages,
  field: number | null,
  tick: (images: number) => void = () => {},
  onHash?: (row: number, hash: string) => void,
): Promise<Fingerprints> {
  const prints = new Fingerprints(field === null ? 0 : shard.length);
  const printer = field === null ? null : new Fingerprinter(info.shape, field / info.pixelScale);
  const rowsAt = info.shards.map(({ rows }) => new Int32Array(rows).fill(-1));
  shard.forEach((k, row) => {
    rowsAt[k]![index[row]!] = row;
  });
  const size = sizeOf(info.shape);
  for (const [k, { file }] of info.shards.entries()) {
    const reader = new NpyReader(join(folder, file));
    try {
      for (let start = 0; start < reader.length; start += AT_ONCE) {
        await safePoint("nothing was written");
        const count = Math.min(AT_ONCE, reader.length - start);
        const images = reader.read(start, count) as ShardValues;
        for (let i = 0; i < count; i++) {
          const row = rowsAt[k]![start + i]!;
          if (row < 0) continue;
          const image = images.subarray(i * size, (i + 1) * size);
          if (printer !== null) prints.set(row, printer.take(image));
          onHash?.(row, imageHash(image));
        }
        tick(count);
      }
    } finally {
      reader.close();
    }
  }
  return prints;
}
