/** The native door, loaded on first use: `build/torch.node`, built by `npm run setup`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { foreignError, reasonOf } from "../foundation/errors/foreign.ts";
import { ArcletError } from "../foundation/errors.ts";
import { refuseTooFewAddresses } from "./address-room.ts";
import { chooseMatrixKernels } from "./blas-kernels.ts";

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

export interface MachineFacts {
  torch: string;
  build: string;
  threads: number;
  cuda: boolean;
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
  loaded = door;
  return loaded;
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
  refuseTooFewAddresses();
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
