/** Several finders as one: the mean of their probabilities, or a stacker that has learned how much to trust each. */
import { cat, tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import { heldOutLogits } from "../logistic.ts";

/** A network's logits of N images, row-major (N, K). */
export interface Logits {
  readonly values: ArrayLike<number>;
  readonly classes: number;
}

/** The probability of a class, by softmax in double precision (N). */
export const probabilityOf = (logits: Logits, classIndex: number): Float64Array =>
  logOddsOf(logits, classIndex).map(sigmoid);

/** ln(p / (1 − p)) of a class against all others: its logit less the log-sum-exp of theirs (N). */
export function logOddsOf({ values, classes }: Logits, classIndex: number): Float64Array {
  return Float64Array.from({ length: values.length / classes }, (_, i) => {
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) if (k !== classIndex) most = Math.max(most, values[i * classes + k]!);
    let sum = 0;
    for (let k = 0; k < classes; k++) if (k !== classIndex) sum += Math.exp(values[i * classes + k]! - most);
    return values[i * classes + classIndex]! - most - Math.log(sum);
  });
}

/** The mean of the members' probabilities, row by row. @param members one or more, of the same rows (M of N) */
export const meanOf = (members: readonly Float64Array[]): Float64Array =>
  members[0]!.map((_, i) => members.reduce((sum, scores) => sum + scores[i]!, 0) / members.length);

/**
 * Stacking (Wolpert 1992, Neural Networks 5, 241): a ridge logistic regression on the members' log-odds, fitted on source
 * rows that no member was trained on. It sees no target label.
 *
 * @param fit the members' log-odds of the fitted rows (M of V)
 * @param labels 1 for a positive (V)
 * @param test the members' log-odds of the rows to score (M of N)
 * @returns probabilities as on the source (N)
 */
export function stack(
  fit: readonly Float64Array[],
  labels: Uint8Array,
  test: readonly Float64Array[],
): Float64Array {
  const columns = (members: readonly Float64Array[]) =>
    Float64Array.from({ length: members[0]!.length * members.length }, (_, i) => {
      const [row, member] = [Math.floor(i / members.length), i % members.length];
      return members[member]![row]!;
    });
  const rows = test[0]!.length;
  return tidy(() => {
    const design = cat(
      [tensor(columns(fit), [labels.length, fit.length]), tensor(columns(test), [rows, test.length])],
      0,
    ); // (V + N, M)
    const truth = new Uint8Array(labels.length + rows);
    truth.set(labels);
    const held = new Uint8Array(truth.length).fill(1, labels.length);
    // The target may be far from the source: if clipped, the clearest candidates would tie.
    return heldOutLogits(design, truth, held, RIDGE, Number.POSITIVE_INFINITY).map(sigmoid);
  });
}

const RIDGE = 1;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
