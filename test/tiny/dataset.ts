/** Small datasets and arrays, and `.npy` files written by hand. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { DatasetRow, DatasetSpec } from "../../src/dataset/writer.ts";

/** A folder that is removed after the file's tests. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "arclet-data-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const SPEC: DatasetSpec = {
  name: "toy",
  survey: null,
  bands: ["g", "r"],
  pixelScale: 0.2,
  classes: ["ring", "blob"],
  pixels: "flux",
  shape: [2, 3, 3],
  provenance: { command: "test" },
};

/** Image `i` holds 100 i + 0 … 17. */
export const fluxImage = (i: number): Float32Array =>
  Float32Array.from({ length: 18 }, (_, p) => 100 * i + p);

export const row = (i: number, more: Partial<DatasetRow> = {}): DatasetRow => ({
  id: `toy-${i}`,
  group: `place-${i}`,
  split: (["train", "train", "val", "test"] as const)[i % 4]!,
  label: i % 2 === 0 ? "ring" : "blob",
  ...more,
});

/** An `.npy` file written by hand, byte by byte, independent of the writer under test. */
export function writeNpy(
  path: string,
  descr: string,
  shape: number[],
  bytes: Uint8Array,
  { fortran = false, version = 1 } = {},
): void {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.join(", ")},), }`;
  const start = version === 1 ? 10 : 12;
  const padded = `${text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1)}\n`;
  const head = Buffer.alloc(start);
  head.write("\x93NUMPY", 0, "latin1");
  head[6] = version;
  if (version === 1) head.writeUInt16LE(padded.length, 8);
  else head.writeUInt32LE(padded.length, 8);
  writeFileSync(path, Buffer.concat([head, Buffer.from(padded, "latin1"), bytes]));
}

export const bytesOf = (values: {
  buffer: ArrayBufferLike;
  byteOffset: number;
  byteLength: number;
}): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
