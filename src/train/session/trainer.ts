/** The method's trainer for the session's network. */
import type { AnyTrainer, Method } from "../../adapt/method.ts";
import type { Closing } from "../../foundation/closing.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { textKey } from "../../foundation/random.ts";
import { ownSettings, type TrainConfig } from "../config.ts";
import type { RunData } from "./data.ts";
import type { Priors } from "./prior.ts";
import type { Start } from "./start.ts";

/**
 * @param assumeStart whether the method starts from a model though none is given
 * @throws ArcletError for a method that has nothing left to train after a start by --from
 */
export function openTrainer(
  config: TrainConfig,
  method: Method,
  { data, start, priors, assumeStart }: { data: RunData; start: Start; priors: Priors; assumeStart: boolean },
  closing: Closing,
): AnyTrainer {
  const { network, generator, compute } = start;
  const { classes } = data.source.info;
  const built = method.build(ownSettings(config, method.name), {
    network,
    classes: classes.length,
    features: network.classifier.state().get("weight")!.shape[1]!,
    generator,
    seed: textKey(config.seed, "method"),
    source: config,
    pretrained: start.from !== null || assumeStart,
    sourcePrior: config.balance === "classes" ? classes.map(() => 1 / classes.length) : priors.source,
    targetPrior: priors.target,
    gradedBatch: data.graded === null ? 0 : config.gradedBatch,
    get blocks() {
      return network.encoder.blockNames().map((names) => names.map((name) => `encoder.${name}`));
    },
    device: compute.device,
    compute: compute.run,
  });
  const trainer = closing.add(built, (opened) => opened.dispose());
  if (trainer.phases.length === 0)
    throw new ArcletError({
      where: "train",
      code: "conflict",
      problem: `${method.name} has nothing left to train after --from`,
    });
  return trainer;
}
