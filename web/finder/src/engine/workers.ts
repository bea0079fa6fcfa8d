/** WebAssembly on all cores: a worker each, since a page from a folder may not share memory between threads. */
import { type Engine, joined, type Outputs, type Shape, stacked } from "./engine.ts";
import { wasmRuntime } from "./runtime.ts";
import type { Answered, Asked } from "./worker.ts";
import FinderWorker from "./worker.ts?worker&inline";

/** More workers than this hold more memory than they save time. */
const MOST_WORKERS = 8;
/** Images of a batch for each worker. */
const EACH = 16;
/** Images that a worker takes at a time: more take no less time each, only more memory, and leave others idle at the end. */
const MOST_AT_A_TIME = 4;

type Unnumbered<T> = T extends unknown ? Omit<T, "id"> : never;

/** One worker, asked and answered by number. */
function talking() {
  const worker = new FinderWorker();
  const waiting = new Map<number, { resolve: (outputs?: Outputs) => void; reject: (why: Error) => void }>();
  let next = 0;
  worker.onmessage = ({ data }: MessageEvent<Answered>) => {
    const { resolve, reject } = waiting.get(data.id)!;
    waiting.delete(data.id);
    if (data.problem === undefined) resolve(data.outputs);
    else reject(new Error(data.problem));
  };
  worker.onerror = ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  return {
    ask: (asked: Unnumbered<Asked>) =>
      new Promise<Outputs | undefined>((resolve, reject) => {
        waiting.set(next, { resolve, reject });
        worker.postMessage({ ...asked, id: next++ });
      }),
    end: () => worker.terminate(),
  };
}

/** Images in pieces that workers take in turn: of about one size, and as many as give each worker the same number. */
function piecesOf(images: readonly Float32Array[], workers: number): readonly Float32Array[][] {
  const rounds = Math.ceil(images.length / (workers * MOST_AT_A_TIME));
  const pieces = Math.min(images.length, rounds * workers);
  const from = (k: number) => Math.round((k * images.length) / pieces);
  return Array.from({ length: pieces }, (_, k) => images.slice(from(k), from(k + 1)));
}

/** @throws Error if ONNX Runtime refuses the file */
export async function wasmEngine(model: Uint8Array, shape: Shape): Promise<Engine> {
  const runtime = await wasmRuntime();
  const count = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency));
  const workers = Array.from({ length: count }, talking);
  const close = () => {
    for (const { end } of workers) end();
  };
  try {
    await Promise.all(workers.map(({ ask }) => ask({ kind: "open", runtime, model, shape })));
  } catch (error) {
    close();
    throw error;
  }
  return {
    name: "WebAssembly",
    batch: EACH * count,
    run: async (images) => {
      const parts = piecesOf(images, count);
      const made: Outputs[] = [];
      let next = 0;
      const work = async ({ ask }: (typeof workers)[number]) => {
        while (next < parts.length) {
          const at = next++;
          made[at] = (await ask({ kind: "score", data: stacked(parts[at]!, shape) }))!;
        }
      };
      await Promise.all(workers.map(work));
      return joined(made);
    },
    close,
  };
}
