/** After an epoch: every validator that can be computed, from held-out source rows and unlabelled target rows. */
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
  /** By validator's name, and the oracle's where it was asked for. */
  scores: Record<string, number>;
  /** What the network says of the target; null without one. */
  outlook: Outlook | null;
}

/**
 * Scores by validator's name. The predictions are the ones the finished model would give: in float32, eval mode.
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
    const usable = validators.filter(({ needsTarget }) => target !== null || !needsTarget);
    const scores = Object.fromEntries(usable.map((one) => [one.name, one.score(input)]));
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
      (_, k) => predicted.filter((one) => one === k).length / images,
    ),
    spread: p.var(0, 0).sqrt().numbers(),
  };
}
