/**
 * The program of a thread that writes shards (shard-thread.ts). Its disk is busy while the next images are hashed: a finished
 * file is synced in the background, and is on the disk before the file after the next is begun.
 */
import { createHash, type Hash } from "node:crypto";
import { workerData } from "node:worker_threads";
import { answering } from "../foundation/threads.ts";
import { fileHash, imageHash } from "./hash.ts";
import { NpyWriter, npyHeader } from "./npy-writer.ts";
import type { ShardAnswer, ShardOrder, ShardThreadData } from "./shard-thread.ts";

const { slots, slotBytes, imageBytes, perShard, kind, shape } = workerData as ShardThreadData;
const memory = new Uint8Array(slots);

/** Bytes that are written before the disk is told to begin. */
const AT_ONCE = 2 ** 26;

let shard: NpyWriter | undefined;
/** Of the file being written, as if it became full; none of one that was begun by an earlier program. */
let hash: Hash | undefined;
let unsynced = 0;
let syncing: Promise<void> = Promise.resolve();
let failure: unknown;

function carryOut(order: ShardOrder): ShardAnswer | Promise<ShardAnswer> {
  if ("open" in order) {
    shard = new NpyWriter(order.open, kind, shape, order.kept);
    hash = order.kept > 0 ? undefined : createHash("sha256").update(npyHeader(kind, [perShard, ...shape]));
    return {};
  }
  if ("slot" in order) return { hashes: append(order.slot, order.count) };
  return "close" in order ? close() : syncing.then(() => ({}));
}

function append(slot: number, count: number): string[] {
  const from = slot * slotBytes;
  const images = memory.subarray(from, from + count * imageBytes);
  shard!.append(images, count);
  hash?.update(images);
  const hashes = Array.from({ length: count }, (_, k) =>
    imageHash(images.subarray(k * imageBytes, (k + 1) * imageBytes)),
  );
  unsynced += images.length;
  if (unsynced > AT_ONCE) begin(shard!);
  return hashes;
}

function begin(file: NpyWriter): void {
  unsynced = 0;
  syncing = syncing.then(() => file.synced());
  syncing.catch(() => {}); // thrown where it is awaited
}

async function close(): Promise<ShardAnswer> {
  const file = shard!;
  file.writeHeader();
  await syncing; // of the file before
  begin(file);
  syncing = syncing.finally(() => file.abandon());
  syncing.catch(() => {});
  const fileSha = file.length === perShard && hash !== undefined ? hash.digest("hex") : fileHash(file.path);
  shard = undefined;
  return { file: fileSha };
}

answering(async (order: ShardOrder): Promise<ShardAnswer> => {
  if (failure !== undefined) throw failure;
  try {
    return await carryOut(order);
  } catch (error) {
    failure = error;
    throw error;
  }
});
