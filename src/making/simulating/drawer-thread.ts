/** The program of a drawing thread (drawers.ts): it draws the batches that it is sent, with one thread of libtorch. */
import { workerData } from "node:worker_threads";
import { answering } from "../../foundation/threads.ts";
import { setThreads } from "../../torch/machine.ts";
import { drawRows } from "./draw-rows.ts";
import type { DrawerData } from "./drawers.ts";

const { population, config } = workerData as DrawerData;
setThreads(1);

answering(
  (indices: readonly number[]) => drawRows(population, indices, config),
  ({ pixels }) => [pixels.buffer as ArrayBuffer],
);
