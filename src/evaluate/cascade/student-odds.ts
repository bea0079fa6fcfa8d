/** What a student says of rows of a dataset. */
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { spansOf } from "../../train/spans.ts";
import { pooled, type Student, type StudentConfig } from "./student.ts";

/** Images that the student sees together; more don't fit a processor's cache. */
const STUDENT_TOGETHER = 128;

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

/**
 * @param student in eval mode
 * @param tick called after each batch with the log odds of its images
 * @returns log odds (N)
 * @throws ArcletError naming a row that is not finite; Interrupted when the user stops it
 */
export async function studentOdds(
  student: Student,
  domain: ImageDomain,
  rows: Rows,
  tick: (odds: Float32Array) => void,
): Promise<Float32Array> {
  const odds = new Float32Array(rows.length);
  for (const { from, to } of spansOf(rows.length, STUDENT_TOGETHER)) {
    const part = tidy(() =>
      noGrad(
        () =>
          student.forward(pooledRows(domain, rows.slice(from, to), student.config)).data() as Float32Array,
      ),
    );
    odds.set(part, from);
    tick(part);
    await safePoint("nothing was written");
  }
  return odds;
}
