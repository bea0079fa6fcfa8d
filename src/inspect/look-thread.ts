/**
 * The program of the thread that looks closer: heat maps and features by a finder, wider cutouts of frames. What it computes
 * takes seconds, and grading must not wait for it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { ArcletError } from "../foundation/errors.ts";
import { machine, setThreads } from "../torch/machine.ts";
import { LookFinder } from "./look-finder.ts";
import type { LookAnswers, LookData, LookReady, LookTask } from "./look-tasks.ts";
import { openImages } from "./shown-images.ts";
import { WiderCutouts, widerSide } from "./wider.ts";

const data = workerData as LookData;
// One core is the server's.
setThreads(Math.max(1, machine().threads - 1));

try {
  const domain = await openImages(data.images);
  const finder = data.finder === null ? null : LookFinder.open(data.finder, domain);
  const wider = data.frames.length === 0 ? null : await WiderCutouts.open(domain, data);
  const answered = async (task: LookTask): Promise<LookAnswers[keyof LookAnswers]> => {
    if ("wider" in task) return wider!.of(task.wider);
    return "heat" in task ? finder!.heat(task.heat, task.by) : finder!.features(task.features);
  };
  parentPort!.on("message", async (task: LookTask) => {
    try {
      parentPort!.postMessage(await answered(task));
    } catch (error) {
      parentPort!.postMessage(failure(error));
    }
  });
  parentPort!.postMessage({
    finder: finder?.loaded ?? null,
    wider: wider === null ? null : { side: widerSide(domain) },
  } satisfies LookReady);
} catch (error) {
  parentPort!.postMessage(failure(error));
}

/** A fault of ours ends the thread, and says so where it was asked. */
function failure(error: unknown) {
  if (!(error instanceof ArcletError)) throw error;
  return { failed: error.data };
}
