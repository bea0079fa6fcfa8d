/** Writing an `.npy` file whose length is not known in advance. */
import { closeSync, fsync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { fileError, guarded } from "../foundation/files.ts";

/** What a dataset's shards hold: `|u1` for display images, `<f4` for flux. */
export type ShardKind = "u1" | "f4";
export type ShardValues = Uint8Array | Float32Array;

/** Bytes before the numbers. A multiple of 64, so that the numbers are aligned in a memory map. */
export const HEADER_BYTES = 128;

/** The bytes before the numbers of an array of this shape. */
export function npyHeader(kind: ShardKind, shape: readonly number[]): Buffer {
  const descr = kind === "u1" ? "|u1" : "<f4";
  const sides = `${shape.join(", ")}${shape.length === 1 ? "," : ""}`;
  const header = Buffer.alloc(HEADER_BYTES, 0x20);
  header.write("\x93NUMPY\x01\x00", 0, "latin1");
  header.writeUInt16LE(HEADER_BYTES - 10, 8);
  header.write(`{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`, 10, "latin1");
  header[HEADER_BYTES - 1] = 0x0a;
  return header;
}

/** Appends items to an array of shape (N, ...item); N is written into the header by `close`. */
export class NpyWriter {
  /** The file. */
  readonly path: string;
  private readonly kind: ShardKind;
  private readonly item: readonly number[];
  private readonly file: number;
  private end: number;
  private items: number;

  /** @param kept how many items of an existing file to keep; 0 starts a new file */
  constructor(path: string, kind: ShardKind, item: readonly number[], kept = 0) {
    this.path = path;
    this.kind = kind;
    this.item = item;
    this.items = kept;
    const bytes = item.reduce((product, length) => product * length, kind === "u1" ? 1 : 4);
    this.end = HEADER_BYTES + kept * bytes;
    if (kept === 0) guarded(path, () => rmSync(path, { force: true }));
    this.file = guarded(path, () => openSync(path, kept === 0 ? "wx" : "r+"));
    if (kept > 0) guarded(path, () => ftruncateSync(this.file, this.end));
  }

  /** Items written so far. */
  get length(): number {
    return this.items;
  }

  /** Appends `count` items, which follow one another in `values`. */
  append(values: ShardValues, count: number): void {
    this.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.end);
    this.end += values.byteLength;
    this.items += count;
  }

  /** Writes the header, waits until everything is on disk, and closes the file. */
  close(): void {
    this.writeHeader();
    guarded(this.path, () => fsyncSync(this.file));
    this.abandon();
  }

  /** Writes the header, with which the file is whole, though not yet surely on the disk. */
  writeHeader(): void {
    this.write(npyHeader(this.kind, [this.items, ...this.item]), 0);
  }

  /** Waits in the background until what was written is on disk. */
  synced(): Promise<void> {
    return new Promise((resolve, reject) =>
      fsync(this.file, (error) => (error === null ? resolve() : reject(fileError(this.path, error)))),
    );
  }

  /** Closes the file as it is. */
  abandon(): void {
    closeSync(this.file);
  }

  private write(bytes: Uint8Array, position: number): void {
    let done = 0;
    while (done < bytes.length) {
      const offset = position + done;
      done += guarded(this.path, () => writeSync(this.file, bytes, done, bytes.length - done, offset));
    }
  }
}

/** Waits until a file is on the disk. */
export function syncFile(path: string): void {
  guarded(path, () => {
    const file = openSync(path, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}
