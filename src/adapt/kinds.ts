/**
 * Labels that name kinds: a class such as *not a lens* may be of spirals, rings and mergers, and each kind has an output of
 * its own. The probability of a class is the sum of its outputs', and a label without a kind says the class alone.
 *
 * A row admits an output unless it is of another kind of the row's class. The loss of soft class labels y is
 * L = −E[Σ_k y_k log Σ_{o of k, admitted} p_o], p the softmax over all outputs: the cross-entropy over outputs where the kind
 * is known, over classes where it is not.
 */
import { type GroupedLinear, overClasses } from "../nn/grouped-linear.ts";
import type { Network } from "../nn/network.ts";
import { oneHot } from "../torch/create.ts";
import { logsumexp } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import { lossCls } from "./class-loss.ts";
import { lossGraded } from "./graded.ts";
import type { GradedBatch, LabelledBatch } from "./method.ts";

/** Added to outputs that a row doesn't admit: their share of the sum is 0. */
const NEVER = -1e9;

/**
 * Cross-entropy where a label may name a kind: the probability of all outputs that a label admits counts as one.
 *
 * @param outputs z (B, O), @param labels y (B, K), rows with sum 1
 * @param admitted (B, O) 1 for outputs that the row admits, else 0
 * @param classOf the class index of each output (O), @param smoothing share of each label spread over all classes
 */
export function lossKinds(
  outputs: Tensor,
  labels: Tensor,
  admitted: Tensor,
  classOf: readonly number[],
  smoothing = 0,
): Tensor {
  const z = outputs.to("float32");
  const y = smoothing === 0 ? labels : labels.mul(1 - smoothing).add(smoothing / labels.shape[1]!);
  const ofRow = overClasses(z.add(admitted.rsub(1).mul(NEVER)), classOf); // (B, K)
  return ofRow
    .sub(logsumexp(z, 1, true))
    .mul(y)
    .sum(1)
    .mean()
    .mul(-1);
}

/** L_cls of labels (B), of kinds if the batch names them. outputs (B, O) */
export function lossLabels(
  network: Network,
  outputs: Tensor,
  { labels, admitted }: Pick<LabelledBatch, "labels" | "admitted">,
  smoothing: number,
): Tensor {
  if (admitted === undefined) return lossCls(network.classLogits(outputs), labels, smoothing);
  const classOf = classOfOutputs(network);
  const sure = oneHot(labels, Math.max(...classOf) + 1).to("float32"); // (B, K)
  return lossKinds(outputs, sure, admitted, classOf, smoothing);
}

/** L_g of graded labels (G, K), of kinds if the batch names them. outputs (G, O) */
export function lossGrades(
  network: Network,
  outputs: Tensor,
  { labels, admitted }: Pick<GradedBatch, "labels" | "admitted">,
  smoothing: number,
): Tensor {
  if (admitted === undefined) return lossGraded(network.classLogits(outputs), labels, smoothing);
  return lossKinds(outputs, labels, admitted, classOfOutputs(network), smoothing);
}

/** A batch names kinds only if the network has outputs for them. */
const classOfOutputs = (network: Network): readonly number[] => (network.classifier as GroupedLinear).classOf;
