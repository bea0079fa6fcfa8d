/** Hashes of many large files, on all cores: SHA-256 of one file is the work of one thread. */
import { setTimeout as after } from "node:timers/promises";
import { safePoint } from "../foundation/interrupt.ts";
import { coresHere, Threads } from "../foundation/threads.ts";

/** As it was built: a thread runs JavaScript. */
const PROGRAM = new URL("../../dist/dataset/hash-thread.js", import.meta.url);
/** Between two looks at how far the threads are, ms. */
const LOOK = 50;

/** What a hashing thread is started with. */
export interface HashThreadData {
  /** Bytes that all threads have read. */
  read: BigInt64Array;
}

/**
 * @param tick called with how many more bytes were read
 * @param stop ends the reading, which throws its reason
 * @returns SHA-256 of each file, in hex, in their order
 * @throws ArcletError naming a file that can't be read; Interrupted when the user stops it
 */
export async function fileHashes(
  paths: readonly string[],
  tick: (bytes: number) => void,
  stop?: AbortSignal,
): Promise<readonly string[]> {
  const data: HashThreadData = { read: new BigInt64Array(new SharedArrayBuffer(8)) };
  const count = Math.min(coresHere(), paths.length);
  const threads = new Threads<string, string>(PROGRAM, data, count);
  const hashes: string[] = [];
  const all = (async () => {
    for await (const hash of threads.inOrder(paths)) hashes.push(hash);
  })();
  let told = 0;
  try {
    while (hashes.length < paths.length) {
      await Promise.race([all, after(LOOK)]);
      stop?.throwIfAborted();
      const read = Number(Atomics.load(data.read, 0));
      tick(read - told);
      told = read;
      await safePoint("nothing was written");
    }
    return hashes;
  } finally {
    await threads.close();
  }
}
