/**
 * Batches of simulated objects in their order, drawn on all cores: a thread a core, each with one thread of libtorch. The
 * arrays of a batch are small, so that threads inside its operators wait for each other more than they work.
 */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { ArcletError, type ErrorData } from "../../foundation/errors.ts";
import type { Population } from "../../lensing/populations/population.ts";
import { machine } from "../../torch/machine.ts";
import type { SimulateConfig } from "./config.ts";
import { type DrawnRows, drawRows } from "./draw-rows.ts";

/** What a drawing thread is started with. */
export interface DrawerData {
  population: Population;
  config: SimulateConfig;
}

/** Its answer for a batch. */
export type DrawerAnswer = DrawnRows | { failed: ErrorData };

export interface DrawersOptions {
  /** Objects drawn together. */
  batch: number;
  /** The first object; those before it are there already. */
  from: number;
  /** The one after the last; all by default. */
  to?: number;
}

/** Batches that each thread is ahead of the one that is written. */
const AHEAD = 2;

export class Drawers {
  private readonly threads: Drawer[];
  private readonly population: Population;
  private readonly config: SimulateConfig;
  private readonly options: DrawersOptions;

  constructor(population: Population, config: SimulateConfig, options: DrawersOptions) {
    this.population = population;
    this.config = config;
    this.options = options;
    const { from, to = config.count, batch } = options;
    const batches = Math.ceil((to - from) / batch);
    const threads = Math.min(machine().threads, batches);
    // A single thread is this one.
    const data: DrawerData = { population, config };
    this.threads = threads < 2 ? [] : Array.from({ length: threads }, () => new Drawer(data));
  }

  /** All batches that are left, in order. @throws ArcletError as the drawing of an object does */
  async *batches(): AsyncGenerator<DrawnRows> {
    const { threads, population, config } = this;
    if (threads.length === 0) {
      for (const indices of this.indices()) yield drawRows(population, indices, config);
      return;
    }
    const pending: Promise<DrawnRows>[] = [];
    let turn = 0;
    for (const indices of this.indices()) {
      const answer = threads[turn++ % threads.length]!.draw(indices);
      answer.catch(() => {}); // thrown where it is awaited
      pending.push(answer);
      if (pending.length >= threads.length * AHEAD) yield await pending.shift()!;
    }
    for (const answer of pending) yield await answer;
  }

  private *indices(): Generator<number[]> {
    const { batch, from, to = this.config.count } = this.options;
    for (let first = from; first < to; first += batch)
      yield Array.from({ length: Math.min(batch, to - first) }, (_, k) => first + k);
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

interface Waiting {
  resolve(rows: DrawnRows): void;
  reject(error: unknown): void;
}

/** A thread that draws batches, one after the other. */
class Drawer {
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];

  constructor(workerData: DrawerData) {
    const file = new URL(`./drawer-thread${extname(import.meta.url)}`, import.meta.url);
    this.worker = new Worker(file, { workerData });
    this.worker.on("message", (answer: DrawerAnswer) => {
      const { resolve, reject } = this.waiting.shift()!;
      if ("failed" in answer) reject(new ArcletError(answer.failed));
      else resolve(answer);
    });
    this.worker.on("error", (error) => {
      for (const { reject } of this.waiting.splice(0)) reject(error);
    });
  }

  draw(indices: readonly number[]): Promise<DrawnRows> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(indices);
    });
  }

  close(): Promise<unknown> {
    return this.worker.terminate();
  }
}
