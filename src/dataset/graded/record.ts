/** What a model keeps of the graded rows that it was trained on, so that nothing is judged by them later. */

import { join } from "node:path";
import { z } from "zod";
import { imageHash } from "../hash.ts";
import { NpyReader } from "../npy.ts";
import type { ShardValues } from "../npy-writer.ts";
import { Fingerprinter, Fingerprints, LENGTH, SCALE } from "../splitting/grouping/fingerprint.ts";
import type { DatasetRows } from "../splitting/leaks/rows.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const degrees = z.number().nullable();

export const gradedRecord = z.strictObject({
  format: z.literal(1),
  /** The table of grades, its SHA-256, and how it was read. */
  table: z.strictObject({ path: z.string(), sha256: hash, grading: z.string() }),
  /** The dataset whose rows they are. */
  target: z.strictObject({ name: z.string(), contentHash: z.string() }),
  /** Side of the square of sky that fingerprints are of, arcsec; null for images that have none. */
  field: z.number().positive().nullable(),
  rows: z.array(
    z.strictObject({
      id: z.string(),
      group: z.string(),
      /** The label: how surely it is a lens, from 0 to 1. */
      lens: z.number().min(0).max(1),
      /** ICRS. */
      ra: degrees,
      dec: degrees,
      /** Hash of the image's bytes. */
      image: z.string(),
      /** The fingerprint's vector in base64; null for an image with nothing to recognise it by. */
      print: z.string().nullable(),
    }),
  ),
  /** Ids of the target's other rows of their groups: also those at their sky positions, or with nearly their pixels. */
  left: z.array(z.string()),
});

/** Which graded rows a run or model saw, as it keeps them: `graded.json`. */
export type GradedRecord = z.output<typeof gradedRecord>;

/** What an image is recognised by, as a record keeps it. */
export type Recognised = Pick<GradedRecord["rows"][number], "image" | "print">;

/**
 * Hashes and fingerprints of some of a dataset's images.
 *
 * @param field side of the square of sky, arcsec; null for no fingerprints
 */
export function recognised(dataset: DatasetRows, rows: Int32Array, field: number | null): Recognised[] {
  const { folder, info, shard, index } = dataset;
  const printer = field === null ? null : new Fingerprinter(info.shape, field / info.pixelScale);
  const all = new Array<Recognised>(rows.length);
  info.shards.forEach(({ file }, k) => {
    const here = [...rows.keys()].filter((i) => shard[rows[i]!] === k);
    if (here.length === 0) return;
    const reader = new NpyReader(join(folder, file));
    try {
      for (const i of here) {
        const image = reader.read(index[rows[i]!]!) as ShardValues;
        all[i] = { image: imageHash(image), print: printer && encoded(printer.take(image)) };
      }
    } finally {
      reader.close();
    }
  });
  return all;
}

function encoded(vector: Float64Array | null): string | null {
  if (vector === null) return null;
  const prints = new Fingerprints(1);
  prints.set(0, vector);
  return Buffer.from(prints.vectors.buffer).toString("base64");
}

/** A fingerprint's vector from base64; null for none. */
export function decoded(print: string | null): Float64Array | null {
  if (print === null) return null;
  const bytes = Buffer.from(print, "base64");
  return bytes.length === LENGTH ? Float64Array.from(bytes, (byte) => ((byte << 24) >> 24) / SCALE) : null;
}
