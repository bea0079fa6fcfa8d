/**
 * What a student says of rows of a dataset. Its layers are small, so that threads inside them wait for each other: each thread
 * here takes batches of its own, with one thread of libtorch, and the odds are the same for any number of threads.
 */
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { Threads } from "../../foundation/threads.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tensor } from "../../torch/create.ts";
import { machine, setThreads } from "../../torch/machine.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { spansOf } from "../../train/spans.ts";
import { pooled, type Student, type StudentConfig, studentData } from "./student.ts";

/** As it was built: a thread runs JavaScript. */
const PROGRAM = new URL("../../../dist/evaluate/cascade/student-thread.js", import.meta.url);
/** Images that the student sees together; more don't fit a processor's cache. */
const STUDENT_TOGETHER = 128;
/** Rows that are done before threads have started. */
const FEW = 4096;

/** Pooled images (B, C, h, w) as a message to a thread. */
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
    for await (const part of oddsInOrder(student, pooledBatches(student, domain, rows), threads)) {
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

function* pooledBatches({ config }: Student, domain: ImageDomain, rows: Rows): Generator<PooledImages> {
  for (const { from, to } of spansOf(rows.length, STUDENT_TOGETHER))
    yield tidy(() => {
      const images = pooledRows(domain, rows.slice(from, to), config);
      return { values: images.data() as Float32Array, shape: images.shape };
    });
}

/** Log odds of each batch, in their order. */
async function* oddsInOrder(
  student: Student,
  batches: Iterable<PooledImages>,
  count: number,
): AsyncGenerator<Float32Array> {
  if (count < 2) {
    for (const { values, shape } of batches) yield tidy(() => oddsOf(student, tensor(values, shape)));
    return;
  }
  const threads = new Threads<PooledImages, Float32Array>(PROGRAM, studentData(student), count);
  try {
    yield* threads.inOrder(batches, ({ values }) => [values.buffer as ArrayBuffer]);
  } finally {
    await threads.close();
  }
}
