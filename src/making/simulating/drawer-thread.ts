/** The program of a drawing thread (drawers.ts): it draws the batches that it is sent, with one thread of libtorch. */
import { parentPort, workerData } from "node:worker_threads";
import { ArcletError } from "../../foundation/errors.ts";
import { setThreads } from "../../torch/machine.ts";
import { drawRows } from "./draw-rows.ts";
import type { DrawerAnswer, DrawerData } from "./drawers.ts";

const { population, config } = workerData as DrawerData;
setThreads(1);

parentPort!.on("message", (indices: number[]) => {
  const [answer, moved] = answerTo(indices);
  parentPort!.postMessage(answer, moved);
});

function answerTo(indices: readonly number[]): [DrawerAnswer, ArrayBuffer[]] {
  try {
    const drawn = drawRows(population, indices, config);
    return [drawn, [drawn.pixels.buffer as ArrayBuffer]];
  } catch (error) {
    if (!(error instanceof ArcletError)) throw error;
    return [{ failed: error.data }, []];
  }
}
