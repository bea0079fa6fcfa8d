/**
 * Batches of simulated objects in their order, drawn on all cores: a thread a core, each with one thread of libtorch. The
 * arrays of a batch are small, so that threads inside its operators wait for each other more than they work.
 */
import { Threads } from "../../foundation/threads.ts";
import type { Population } from "../../lensing/populations/population.ts";
import { machine } from "../../torch/machine.ts";
import type { SimulateConfig } from "./config.ts";
import { type DrawnRows, drawRows } from "./draw-rows.ts";

/** As it was built: a thread runs JavaScript. */
const PROGRAM = new URL("../../../dist/making/simulating/drawer-thread.js", import.meta.url);

/** What a drawing thread is started with. */
export interface DrawerData {
  population: Population;
  config: SimulateConfig;
}

export interface DrawersOptions {
  /** Objects drawn together. */
  batch: number;
  /** The first object; those before it are there already. */
  from: number;
  /** The one after the last; all by default. */
  to?: number;
}

/** All batches that are left, in order. @throws ArcletError as the drawing of an object does */
export async function* drawnBatches(
  population: Population,
  config: SimulateConfig,
  options: DrawersOptions,
): AsyncGenerator<DrawnRows> {
  const batches = [...indicesOf({ to: config.count, ...options })];
  const count = Math.min(machine().threads, batches.length);
  if (count < 2) {
    // A single thread is this one.
    for (const indices of batches) yield drawRows(population, indices, config);
    return;
  }
  const data: DrawerData = { population, config };
  const threads = new Threads<number[], DrawnRows>(PROGRAM, data, count);
  try {
    yield* threads.inOrder(batches);
  } finally {
    await threads.close();
  }
}

function* indicesOf({ batch, from, to }: Required<DrawersOptions>): Generator<number[]> {
  for (let first = from; first < to; first += batch)
    yield Array.from({ length: Math.min(batch, to - first) }, (_, k) => first + k);
}
