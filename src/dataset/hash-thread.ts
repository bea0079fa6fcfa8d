/** The program of a thread that hashes files (file-hashes.ts). */
import { workerData } from "node:worker_threads";
import { answering } from "../foundation/threads.ts";
import type { HashThreadData } from "./file-hashes.ts";
import { fileHash } from "./hash.ts";

const { read } = workerData as HashThreadData;

answering((path: string) => fileHash(path, (bytes) => Atomics.add(read, 0, BigInt(bytes))));
