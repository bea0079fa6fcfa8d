/** WebAssembly on all cores: a worker each, since a page from a folder may not share memory between threads. */
import { type Engine, joined, type Outputs, type Shape, stacked } from "./engine.ts";
import { wasmRuntime } from "./runtime.ts";
import type { Answered, Asked } from "./worker.ts";
import FinderWorker from "./worker.ts?worker&inline";

/** More workers than this hold more memory than they save time. */
const MOST_WORKERS = 8;
/** Images that a worker takes at a time. */
const EACH = 16;

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
      const each = Math.ceil(images.length / count);
      const parts = workers
        .map((worker, k) => ({ worker, some: images.slice(k * each, (k + 1) * each) }))
        .filter(({ some }) => some.length > 0);
      const made = parts.map(({ worker, some }) => worker.ask({ kind: "score", data: stacked(some, shape) }));
      return joined((await Promise.all(made)) as Outputs[]);
    },
    close,
  };
}
