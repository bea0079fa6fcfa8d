/** The network that a run starts from: fresh, from a model, or with published weights in its encoder. */
import { batchNormsOf } from "../../adapt/domains.ts";
import { fitPreprocessing } from "../../dataset/views/preprocess.ts";
import type { Preprocessing } from "../../dataset/views/preprocessing/registry.ts";
import type { EncoderNetwork } from "../../encoders/network.ts";
import { loadEncoderWeights, type WeightsReport } from "../../encoders/weights.ts";
import type { Closing } from "../../foundation/closing.ts";
import type { Origin } from "../../foundation/config.ts";
import { refuse } from "../../foundation/errors.ts";
import { textKey } from "../../foundation/random.ts";
import { tensor } from "../../torch/create.ts";
import { deviceNamed } from "../../torch/machine.ts";
import { Generator } from "../../torch/random.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { buildStart, freshBlueprint, refuseOtherStart, startBlueprint } from "../blueprint.ts";
import type { TrainConfig } from "../config.ts";
import { type Blueprint, checkModelFits, type ModelInfo, readModelInfo, readWeights } from "../model.ts";
import { Compute } from "../precision.ts";
import { refuseUnlike } from "./alike.ts";
import type { RunData } from "./data.ts";
import { classOf, type Kinded, outputsOf } from "./kinds.ts";

export interface Start {
  network: EncoderNetwork;
  blueprint: Blueprint;
  /** The model of `--from`; null for fresh weights. */
  from: { file: string; info: ModelInfo } | null;
  /** The report on loading `--weights`. */
  weights: WeightsReport | null;
  /** Random numbers of the network and its method during training. */
  generator: Generator;
  /** Device and precision. */
  compute: Compute;
}

/**
 * @param origin of each value; a value that was given must agree with the model of `from`
 * @param requested the device: of several ranks, each has its own
 * @throws ArcletError for datasets that don't fit the model, and a device that doesn't exist
 */
export function openStart(
  config: TrainConfig,
  origin: Record<string, Origin>,
  data: RunData,
  closing: Closing,
  requested = config.device,
): Start {
  if (config.from !== null && config.weights !== null)
    refuse("train", "weights", "left out: --from gives all weights", config.weights);
  const from = config.from === null ? null : readModelInfo(config.from);
  const blueprint = blueprintOf(config, origin, data, from);
  const device = deviceNamed(requested);
  const generator = new Generator(textKey(config.seed, "training"), device);
  const network = closing.add(buildStart(blueprint, config.seed, device), (built) => built.dispose());
  network.setGenerator(generator);
  if (config.normMomentum !== null)
    for (const norm of batchNormsOf(network)) norm.momentum = config.normMomentum;
  if (from !== null) readWeights(from.file, network, forOutputs(from.info, blueprint));
  const weights = config.weights === null ? null : loadEncoderWeights(network.encoder, config.weights);
  return { network, blueprint, from, weights, generator, compute: new Compute(device) };
}

function blueprintOf(
  config: TrainConfig,
  origin: Record<string, Origin>,
  data: RunData,
  from: Start["from"],
): Blueprint {
  const { source, target, rows } = data;
  if (from === null && target !== null)
    refuseUnlike({ folder: config.source, info: source.info }, { folder: config.target!, info: target.info });
  const preprocessing = from?.info.preprocessing ?? preprocessingOf(config, source, rows.train);
  const blueprint = from === null ? freshBlueprint(config, source, preprocessing) : startBlueprint(from.info);
  if (from !== null) refuseOtherStart(config, origin, source, from);
  checkModelFits(blueprint, source.info);
  if (target !== null) checkModelFits(blueprint, target.info);
  if (blueprint.outputs !== undefined) return blueprint;
  const outputs = outputsOf(kinded(config, data));
  return outputs === null ? blueprint : { ...blueprint, outputs };
}

/** What a run's kinds are of. */
export const kinded = (config: TrainConfig, { source, rows, kinds, graded }: RunData): Kinded => ({
  classes: source.info.classes,
  source:
    kinds === null
      ? null
      : { labels: source.labels(rows.train), kinds: Array.from(rows.train, (row) => kinds[row]!) },
  graded: config.gradedKinds === null ? null : graded!.dataset,
});

/**
 * A starting model's classifier for a network whose classes have kinds: each output starts as its class with an equal share of
 * its probability, so that the classes' probabilities stay as they are.
 */
const forOutputs =
  (info: ModelInfo, { classes, outputs }: Blueprint) =>
  (tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> => {
    if (outputs === undefined || info.outputs !== undefined) return tensors;
    const of = classOf(outputs, classes);
    const index = tensor(BigInt64Array.from(of, BigInt));
    const shares = of.map((k) => Math.log(of.filter((other) => other === k).length));
    return new Map(tensors)
      .set("classifier.weight", tensors.get("classifier.weight")!.indexSelect(0, index))
      .set("classifier.bias", tensors.get("classifier.bias")!.indexSelect(0, index).sub(tensor(shares)));
  };

function preprocessingOf(config: TrainConfig, source: RunData["source"], rows: Int32Array): Preprocessing {
  const kind = config.preprocess ?? (source.info.pixels === "flux" ? "asinh" : "standardise");
  return fitPreprocessing(source, kind, rows, config.stretch);
}
