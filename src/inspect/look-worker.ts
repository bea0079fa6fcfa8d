/** The thread that looks closer, as the server asks it: one task at a time, those of people before those of its own. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { ArcletError } from "../foundation/errors.ts";
import type { Heat } from "./look-keys.ts";
import type { Failed, LookAnswers, LookData, LookReady, LookTask } from "./look-tasks.ts";

/** Where set-up compiles it, from `src/inspect` and from `dist/inspect` alike: a thread runs JavaScript alone. */
const PROGRAM = fileURLToPath(new URL("../../dist/inspect/look-thread.js", import.meta.url));

/** Tasks of people that may wait. */
const MOST_WAITING = 32;

interface Waiting {
  task: LookTask;
  resolve(answer: LookAnswers[keyof LookAnswers]): void;
  reject(error: unknown): void;
}

export class LookWorker {
  readonly finder: Exclude<LookReady, Failed>["finder"];
  readonly wider: Exclude<LookReady, Failed>["wider"];
  readonly #worker: Worker;
  /** People's, then its own. */
  readonly #waiting: [people: Waiting[], own: Waiting[]] = [[], []];
  #current: Waiting | null = null;
  #ended: unknown = null;

  private constructor(worker: Worker, ready: Exclude<LookReady, Failed>) {
    this.#worker = worker;
    this.finder = ready.finder;
    this.wider = ready.wider;
    worker.on("message", (answer: LookAnswers[keyof LookAnswers] | Failed) => {
      const { resolve, reject } = this.#current!;
      this.#current = null;
      if ("failed" in answer) reject(new ArcletError(answer.failed));
      else resolve(answer);
      this.next();
    });
    worker.on("error", (error) => this.end(error));
  }

  /** @throws ArcletError for a finder that can't be loaded or doesn't fit the dataset, and for frames that can't be used */
  static async start(workerData: LookData): Promise<LookWorker> {
    const worker = new Worker(PROGRAM, { workerData });
    const ready = await new Promise<LookReady>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    // Not all listeners: some are Node's own.
    worker.removeAllListeners("error");
    if (!("failed" in ready)) return new LookWorker(worker, ready);
    await worker.terminate();
    throw new ArcletError(ready.failed);
  }

  /** (H, W) */
  heat(row: number, by: Heat): Promise<LookAnswers["heat"]> {
    return this.ask({ heat: row, by }, 0);
  }

  wideImage(row: number): Promise<LookAnswers["wider"]> {
    return this.ask({ wider: row }, 0);
  }

  /** @param waits for all that people ask for */
  features(rows: readonly number[], waits: boolean): Promise<LookAnswers["features"]> {
    return this.ask({ features: rows }, waits ? 1 : 0);
  }

  /** Ends the thread, whatever it is at. */
  async close(): Promise<void> {
    this.end(new ArcletError({ where: "inspect", code: "conflict", problem: "is closing" }));
    await this.#worker.terminate();
  }

  private ask<A extends LookAnswers[keyof LookAnswers]>(task: LookTask, queue: 0 | 1): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      const waiting = this.#waiting[queue];
      if (queue === 0 && waiting.length >= MOST_WAITING)
        // Whoever asked for it has gone on since.
        waiting.shift()!.reject(new ArcletError({ where: "inspect", code: "conflict", problem: BUSY }));
      waiting.push({ task, resolve: resolve as Waiting["resolve"], reject });
      this.next();
    });
  }

  private next(): void {
    if (this.#current !== null || this.#ended !== null) return;
    const [people, own] = this.#waiting;
    this.#current = people.shift() ?? own.shift() ?? null;
    if (this.#current !== null) this.#worker.postMessage(this.#current.task);
  }

  private end(reason: unknown): void {
    this.#ended ??= reason;
    const left = [this.#current, ...this.#waiting.flatMap((queue) => queue.splice(0))];
    this.#current = null;
    for (const one of left) one?.reject(this.#ended);
  }
}

const BUSY = "too many people ask at once: ask again";
