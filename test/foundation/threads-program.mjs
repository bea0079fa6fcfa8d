/** The program of the threads in threads.test.ts. */
import { workerData } from "node:worker_threads";
import { ArcletError } from "../../dist/foundation/errors.js";
import { answering } from "../../dist/foundation/threads.js";

answering(
  async ({ wait = 0, value, fails, ends }) => {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (fails) throw new ArcletError({ where: "here", row: 7, code: "broken", problem: "is no good" });
    if (ends) throw new TypeError("a bug");
    return { value: workerData.factor * value, memory: new Uint8Array(4) };
  },
  ({ memory }) => [memory.buffer],
);
