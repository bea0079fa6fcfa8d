/** After an epoch: every validator that can be computed, from held-out source rows and unlabelled target rows. */
import { type ValidatorInput, validators } from "../adapt/index.ts";
import { ArcletError } from "../foundation/errors.ts";
import type { Network } from "../nn/index.ts";
import { type Tensor, tensor, tidy } from "../torch/index.ts";
import { predictTensors } from "./predict.ts";
import type { Session } from "./session.ts";

/**
 * Scores by validator's name. The predictions are the ones the finished model would give: in float32, eval mode.
 *
 * @throws ArcletError when a score is not finite (the network's weights are NaN)
 */
export function validate(session: Session, network: Network): Record<string, number> {
  const { source, target, validation, prior, blueprint } = session;
  const { preprocessing } = blueprint;
  return tidy(() => {
    const onSource = predictTensors(network, preprocessing, source, validation.source);
    const onTarget = target && predictTensors(network, preprocessing, target, validation.target);
    const labels = tensor(BigInt64Array.from(source.labels(validation.source), BigInt)); // (N)
    const none: Tensor = tensor([]);
    const input: ValidatorInput = {
      sourceLogits: onSource.logits,
      sourceFeatures: onSource.features,
      sourceLabels: labels,
      targetLogits: onTarget?.logits ?? none,
      targetFeatures: onTarget?.features ?? none,
      prior,
    };
    const usable = validators.filter(({ needsTarget }) => target !== null || !needsTarget);
    const scores = Object.fromEntries(usable.map((one) => [one.name, one.score(input)]));
    for (const [name, score] of Object.entries(scores))
      if (!Number.isFinite(score))
        throw new ArcletError(
          `train: validator ${name} is ${score}: the network's predictions are not finite`,
        );
    return scores;
  });
}
