/** The program of a thread that asks a student (student-odds.ts), with one thread of libtorch. */
import { workerData } from "node:worker_threads";
import { StoredImages } from "../../dataset/images.ts";
import { answering } from "../../foundation/threads.ts";
import { tensor } from "../../torch/create.ts";
import { setThreads } from "../../torch/machine.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { pooled, studentFrom } from "./student.ts";
import { oddsOf, type StudentQuestion, type StudentThreadData } from "./student-odds.ts";

const { student: data, store } = workerData as StudentThreadData;
setThreads(1);
const student = studentFrom(data);
const stored = store === null ? null : new StoredImages(store);

/** Pooled images, in the current scope. */
const imagesOf = (question: StudentQuestion): Tensor =>
  "values" in question
    ? tensor(question.values, question.shape)
    : pooled(stored!.gather(question), student.config, () => store!.folder);

answering(
  (question: StudentQuestion) => tidy(() => oddsOf(student, imagesOf(question))),
  (odds) => [odds.buffer as ArrayBuffer],
);
