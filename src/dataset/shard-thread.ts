/** Shards written on a thread of their own: images are hashed and written while the next ones are read. */
import { AnsweringThread } from "../foundation/threads.ts";
import type { ShardKind, ShardValues } from "./npy-writer.ts";

/** As it was built: a thread runs JavaScript. */
const PROGRAM = new URL("../../dist/dataset/shard-program.js", import.meta.url);

/** What the thread is started with. */
export interface ShardThreadData {
  /** Memory for images on their way to the thread. */
  slots: SharedArrayBuffer;
  slotBytes: number;
  imageBytes: number;
  /** Images of a full shard. */
  perShard: number;
  kind: ShardKind;
  /** Of one image. */
  shape: readonly number[];
}

/** What the thread is told, and carries out in order. */
export type ShardOrder =
  /** Begins a file, or continues one that holds as many images. */
  | { open: string; kept: number }
  /** Appends the images in a slot. */
  | { slot: number; count: number }
  /** Ends the file. */
  | { close: true }
  /** Waits until all files are on the disk. */
  | { sync: true };

/** Its answer to an order: the images' hashes, or the file's. */
export interface ShardAnswer {
  hashes?: string[];
  file?: string;
}

/** Images on their way at a time, as groups. */
export const SLOTS = 4;
/** Of a slot, if an image is not larger. */
const SLOT_BYTES = 2 ** 22;

export class ShardThread {
  /** Images of the largest group. */
  readonly capacity: number;
  private readonly data: ShardThreadData;
  private readonly thread: AnsweringThread<ShardOrder, ShardAnswer>;
  private next = 0;

  constructor(kind: ShardKind, shape: readonly number[], perShard: number) {
    const imageBytes = shape.reduce((product, side) => product * side, kind === "u1" ? 1 : 4);
    this.capacity = Math.max(1, Math.floor(SLOT_BYTES / imageBytes));
    const slotBytes = this.capacity * imageBytes;
    const slots = new SharedArrayBuffer(SLOTS * slotBytes);
    this.data = { slots, slotBytes, imageBytes, perShard, kind, shape };
    this.thread = new AnsweringThread(PROGRAM, this.data);
  }

  /**
   * Sends a group of images, `capacity` at most.
   *
   * @returns their hashes, once they are written; only `SLOTS` groups may be on their way
   */
  async append(images: readonly ShardValues[]): Promise<string[]> {
    const slot = this.next;
    this.next = (this.next + 1) % SLOTS;
    const { slots, slotBytes, imageBytes } = this.data;
    for (const [k, { buffer, byteOffset }] of images.entries())
      new Uint8Array(slots, slot * slotBytes + k * imageBytes, imageBytes).set(
        new Uint8Array(buffer, byteOffset, imageBytes),
      );
    return (await this.tell({ slot, count: images.length })).hashes!;
  }

  /** @throws ArcletError as writing the files does; after that all further orders are refused with the same error */
  tell(order: ShardOrder): Promise<ShardAnswer> {
    return this.thread.ask(order);
  }

  /** Ends the thread, whatever it is at. */
  stop(): Promise<void> {
    return this.thread.close();
  }
}
