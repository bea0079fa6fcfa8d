/** The native door, loaded on first use: `build/torch.node`, built by `npm run setup`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { foreignError, reasonOf } from "../foundation/errors/foreign.ts";
import { ArcletError } from "../foundation/errors.ts";
import { isLimited } from "../foundation/memory-room.ts";
import { chooseMatrixKernels } from "./blas-kernels.ts";
import { refuseWithoutRoom } from "./load-room.ts";

/** A tensor or generator for the door: any object with a handle. */
export interface Handle {
  readonly handle: number;
}

/** An operator of libtorch's dispatcher. */
export interface NativeOperator {
  /** Arguments in the schema's order; `undefined` takes the schema's default. */
  call(...args: unknown[]): unknown;
  schema: string;
  arguments: string[];
  /** Whether it returns exactly one tensor; `call` then returns a bare handle. */
  tensor: boolean;
}

/** What libtorch offers on this machine. */
export interface MachineFacts {
  /** libtorch's version. */
  torch: string;
  /** How libtorch was built, as it says itself. */
  build: string;
  /** Threads of one operator. */
  threads: number;
  /** Whether it finds a GPU. */
  cuda: boolean;
  /** Whether it has oneDNN. */
  onednn: boolean;
}

interface Native {
  operator(name: string, overload: string): NativeOperator;
  operators(prefix: string): string[];
  fromBytes(
    data: ArrayBufferView | ArrayBuffer,
    dtype: string,
    shape: readonly number[],
    device: string,
  ): number;
  toBytes(tensor: Handle): ArrayBuffer;
  shape(tensor: Handle): number[];
  strides(tensor: Handle): number[];
  dtype(tensor: Handle): string;
  device(tensor: Handle): string;
  /** Counts a tensor's memory, as reported to V8, from now on: no scope frees it. */
  leaveToCollector(handle: number): void;
  dispose(handle: number): void;
  disposeAll(handles: number[]): void;
  readInto(tensor: Handle, at: number, file: number, from: number, bytes: number): number;
  readAhead(file: number, from: number, bytes: number): void;
  live(): number;
  liveBytes(): number;
  generator(seed: number, device: string): number;
  disposeGenerator(handle: number): void;
  generatorState(handle: number): number;
  setGeneratorState(handle: number, state: Handle): void;
  requiresGrad(tensor: Handle, flag?: boolean): boolean;
  grad(tensor: Handle): number | null;
  setGrad(tensor: Handle, gradient: Handle | null): void;
  clearGrads(tensors: readonly Handle[]): void;
  backward(
    outputs: readonly Handle[],
    gradients: readonly Handle[] | null,
    retain: boolean,
    create: boolean,
  ): void;
  gradients(
    outputs: readonly Handle[],
    inputs: readonly Handle[],
    gradients: readonly Handle[] | null,
    retain: boolean,
    create: boolean,
  ): (number | null)[];
  setGradMode(on: boolean): boolean;
  enterAutocast(dtype: string, device: string): boolean;
  leaveAutocast(): void;
  machine(): MachineFacts;
  setThreads(threads: number): void;
  setDeterministic(on: boolean): void;
  /** All else about ranks is there only if this is not empty. */
  rankBackends(): string[];
  joinRanks(host: string, port: number, rank: number, size: number, patience: number, silence: number): void;
  connectRanks(backend: string, address: string, networkInterface: string): Promise<void>;
  setRankText(name: string, text: string): void;
  rankText(name: string): string | null;
  countRank(name: string, by: number): number;
  addUp(tensor: Handle, how: "sum" | "max"): number;
  spread(tensor: Handle, from: number): number;
  /** Blocks until a collective is done. */
  awaitCollective(number: number): void;
  whenCollected(number: number): Promise<void>;
  /** Every rank's tensor, by rank; blocks. */
  collect(tensor: Handle): number[];
  sumOverRanks(tensor: Handle): number;
  divideParameters(tensors: readonly Handle[]): void;
  lostRank(): { rank: number; reason: string } | null;
  collectiveFailed(): boolean;
  tellRanks(reason: string): void;
  stopWatching(): void;
  leaveRanks(): void;
}

/** Path of the built door; the same from `src/torch` and from `dist/torch`. */
export const doorPath = join(dirname(fileURLToPath(import.meta.url)), "../../build/torch.node");

let loaded: Native | null = null;

/**
 * The door. libtorch takes most of a second to load, so it is loaded by the first call that needs it.
 *
 * @throws ArcletError when the door is not built or does not load, or ARCLET_THREADS is not a number of threads
 */
export function native(): Native {
  if (loaded !== null) return loaded;
  const door = load();
  setFirstThreads(door);
  if (isLimited()) takeBuffers(door);
  loaded = door;
  return loaded;
}

/** Side of a product that is large enough for all threads. */
const PRODUCT = 256;

/**
 * Has OpenBLAS take its buffers now, by a product. It does so at the first one otherwise, and asks for ever where a command has
 * taken all addresses by then.
 */
function takeBuffers(door: Native): void {
  const side = [PRODUCT, PRODUCT];
  const handle = door.fromBytes(new Float32Array(PRODUCT ** 2), "float32", side, "cpu");
  const product = door.operator("aten::mm", "").call({ handle }, { handle }) as number;
  door.disposeAll([handle, product]);
}

function load(): Native {
  if (!existsSync(doorPath)) {
    throw new ArcletError({
      where: "torch",
      code: "machine",
      problem: `${doorPath} is not built`,
      fix: "run: npm run setup",
    });
  }
  refuseWithoutRoom();
  waitShortly();
  chooseMatrixKernels();
  try {
    return createRequire(import.meta.url)(doorPath) as Native;
  } catch (error) {
    throw new ArcletError(
      {
        where: "torch",
        code: "machine",
        problem: `${doorPath} does not load (${reasonOf(error)})`,
        fix: "run: npm run setup",
      },
      { cause: error },
    );
  }
}

/**
 * How long OpenMP's threads spin before they sleep, in rounds of a loop. libgomp's own 300,000 make threads that wait for
 * a core's turn burn the other cores: beside other work everything is many times slower. Not to spin at all costs a quiet
 * machine half, since parallel regions are short. libgomp reads it when libtorch is loaded; bench/threads has the figures.
 */
const SPIN_COUNT = "3000";

function waitShortly(): void {
  const { OMP_WAIT_POLICY, GOMP_SPINCOUNT } = process.env;
  if (OMP_WAIT_POLICY === undefined && GOMP_SPINCOUNT === undefined) process.env.GOMP_SPINCOUNT = SPIN_COUNT;
}

/** Without this, Debian's libtorch uses one thread. */
function setFirstThreads(door: Native): void {
  const requested = process.env.ARCLET_THREADS;
  try {
    door.setThreads(requested === undefined ? availableParallelism() : Number(requested));
  } catch (error) {
    throw foreignError("ARCLET_THREADS", error, "argument", (reason) => `${reason}, got ${requested}`);
  }
}
