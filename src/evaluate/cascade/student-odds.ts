/**
 * What a student says of rows of a dataset. Its layers are small, so that threads inside them wait for each other: each thread
 * here takes batches of its own, which it reads and pools if they are as they are stored, with one thread of libtorch. The odds
 * are the same for any number of threads.
 */
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import type { ImageStore, Places } from "../../dataset/images.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { Threads } from "../../foundation/threads.ts";
import { noGrad } from "../../torch/autograd.ts";
import { machine, setThreads } from "../../torch/machine.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { spansOf } from "../../train/spans.ts";
import { pooled, type Student, type StudentConfig, type StudentData, studentData } from "./student.ts";

/** As it was built: a thread runs JavaScript. */
const PROGRAM = new URL("../../../dist/evaluate/cascade/student-thread.js", import.meta.url);
/** Images that the student sees together; more don't fit a processor's cache. */
const STUDENT_TOGETHER = 128;
/** Rows that are done before threads have started. */
const FEW = 4096;

/** What a thread is started with. */
export interface StudentThreadData {
  readonly student: StudentData;
  /** Where it reads images; null if it is sent them. */
  readonly store: ImageStore | null;
}

/** What a thread is asked: of images that it reads, or of pooled ones (B, C, h, w). */
export type StudentQuestion = Places | PooledImages;

export interface PooledImages {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Images of rows as a student takes them, in the current scope. @throws ArcletError naming a row that is not finite */
export const pooledRows = (
  domain: ImageDomain,
  rows: Rows,
  squares: Pick<StudentConfig, "pool" | "seen">,
): Tensor =>
  pooled(domain.images(rows), squares, (index) => {
    const row = rows[index]!;
    return { where: domain.folder, row: row + 1, id: domain.ids[row] };
  });

/** @param images (B, C, h, w), pooled @returns log odds (B) */
export const oddsOf = (student: Student, images: Tensor): Float32Array =>
  tidy(() => noGrad(() => student.forward(images).data() as Float32Array));

/**
 * @param student in eval mode
 * @param tick called after each batch with the log odds of its images
 * @param threads that share the batches; by default one a core, and this one alone for few rows
 * @returns log odds (N)
 * @throws ArcletError naming a row that is not finite; Interrupted when the user stops it
 */
export async function studentOdds(
  student: Student,
  domain: ImageDomain,
  rows: Rows,
  tick: (odds: Float32Array) => void,
  threads = rows.length <= FEW ? 1 : machine().threads,
): Promise<Float32Array> {
  const odds = new Float32Array(rows.length);
  let done = 0;
  const before = machine().threads;
  setThreads(1);
  try {
    const batches = spansOf(rows.length, STUDENT_TOGETHER).map(({ from, to }) => rows.slice(from, to));
    for await (const part of oddsInOrder(student, domain, batches, threads)) {
      odds.set(part, done);
      done += part.length;
      tick(part);
      await safePoint("nothing was written");
    }
  } finally {
    setThreads(before);
  }
  return odds;
}

/** Log odds of each batch, in their order. */
async function* oddsInOrder(
  student: Student,
  domain: ImageDomain,
  batches: readonly Rows[],
  count: number,
): AsyncGenerator<Float32Array> {
  const pool = (batch: Rows) => pooledRows(domain, batch, student.config);
  if (count < 2) {
    for (const batch of batches) yield tidy(() => oddsOf(student, pool(batch)));
    return;
  }
  const { onDisk } = domain;
  const data: StudentThreadData = { student: studentData(student), store: onDisk?.store ?? null };
  const threads = new Threads<StudentQuestion, Float32Array>(PROGRAM, data, count);
  function* questions(): Generator<StudentQuestion> {
    for (const batch of batches)
      yield onDisk === undefined ? tidy(() => messageOf(pool(batch))) : onDisk.places(batch);
  }
  let answered = 0;
  try {
    const moved = (question: StudentQuestion) =>
      "values" in question ? [question.values.buffer as ArrayBuffer] : [];
    for await (const odds of threads.inOrder(questions(), moved)) {
      answered++;
      yield odds;
    }
  } catch (error) {
    // A thread doesn't know the row's id.
    if (answered < batches.length) tidy(() => void pool(batches[answered]!));
    throw error;
  } finally {
    await threads.close();
  }
}

const messageOf = (images: Tensor): PooledImages => ({
  values: images.data() as Float32Array,
  shape: images.shape,
});
