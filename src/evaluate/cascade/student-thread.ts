/** The program of a thread that asks a student (student-odds.ts): with one thread of libtorch, of pooled images that it is sent. */
import { workerData } from "node:worker_threads";
import { answering } from "../../foundation/threads.ts";
import { tensor } from "../../torch/create.ts";
import { setThreads } from "../../torch/machine.ts";
import { tidy } from "../../torch/scope.ts";
import { studentFrom } from "./student.ts";
import { oddsOf, type PooledImages } from "./student-odds.ts";

setThreads(1);
const student = studentFrom(workerData);

answering(
  ({ values, shape }: PooledImages) => tidy(() => oddsOf(student, tensor(values, shape))),
  (odds) => [odds.buffer as ArrayBuffer],
);
