/** Validation after an epoch: every validator that applies, on held-out source rows and unlabelled target rows. */
import { validators } from "../adapt/validators/registry.ts";
import type { ValidatorInput } from "../adapt/validators/validator.ts";
import type { Network } from "../nn/network.ts";
import { tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { ORACLE } from "./oracle.ts";
import { predictTensors } from "./predict.ts";
import type { Session } from "./session.ts";
import type { Outlook } from "./watch.ts";

export interface Validation {
  /** By validator, and the oracle's if it reads labels. */
  scores: Record<string, number>;
  /** Summary of the predictions on the target; null without one. */
  outlook: Outlook | null;
}

/**
 * Scores a network by all validators. Its predictions are those of the finished model: in float32, in eval mode.
 */
export function validate(session: Session, network: Network): Validation {
  const { data, selection } = session;
  const { source, target } = data;
  const { preprocessing } = session.start.blueprint;
  return tidy(() => {
    const onSource = predictTensors(network, preprocessing, source, selection.rows.source);
    const onTarget = target && predictTensors(network, preprocessing, target, selection.rows.target);
    const labels = tensor(BigInt64Array.from(source.labels(selection.rows.source), BigInt)); // (N)
    const none: Tensor = tensor([]);
    const input: ValidatorInput = {
      sourceLogits: onSource.logits,
      sourceFeatures: onSource.features,
      sourceLabels: labels,
      targetLogits: onTarget?.logits ?? none,
      targetFeatures: onTarget?.features ?? none,
      prior: selection.prior,
    };
    const usable = validators.list.filter(({ needsTarget }) => target !== null || !needsTarget);
    const scores = Object.fromEntries(usable.map((validator) => [validator.name, validator.score(input)]));
    if (selection.oracle !== null) scores[ORACLE] = selection.oracle.score(network, preprocessing);
    return { scores, outlook: onTarget && outlookOn(onTarget.logits) };
  });
}

/** logits (M, K) */
function outlookOn(logits: Tensor): Outlook {
  const [images, classes] = logits.shape as [number, number];
  const p = logits.softmax(1);
  const predicted = p.argmax(1).numbers();
  return {
    images,
    predicted: Array.from(
      { length: classes },
      (_, k) => predicted.filter((classIndex) => classIndex === k).length / images,
    ),
    spread: p.var(0, 0).sqrt().numbers(),
  };
}
