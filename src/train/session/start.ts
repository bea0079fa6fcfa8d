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
import { deviceNamed } from "../../torch/machine.ts";
import { Generator } from "../../torch/random.ts";
import { buildStart, freshBlueprint, refuseOtherStart, startBlueprint } from "../blueprint.ts";
import type { TrainConfig } from "../config.ts";
import { type Blueprint, checkModelFits, type ModelInfo, readModelInfo, readWeights } from "../model.ts";
import { Compute } from "../precision.ts";
import { refuseUnlike } from "./alike.ts";
import type { RunData } from "./data.ts";

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
 * @throws ArcletError for datasets that don't fit the model, and a device that doesn't exist
 */
export function openStart(
  config: TrainConfig,
  origin: Record<string, Origin>,
  data: RunData,
  closing: Closing,
): Start {
  if (config.from !== null && config.weights !== null)
    refuse("train", "weights", "left out: --from gives all weights", config.weights);
  const from = config.from === null ? null : readModelInfo(config.from);
  const blueprint = blueprintOf(config, origin, data, from);
  const device = deviceNamed(config.device);
  const generator = new Generator(textKey(config.seed, "training"), device);
  const network = closing.add(buildStart(blueprint, config.seed, device), (built) => built.dispose());
  network.setGenerator(generator);
  if (config.normMomentum !== null)
    for (const norm of batchNormsOf(network)) norm.momentum = config.normMomentum;
  if (from !== null) readWeights(from.file, network);
  const weights = config.weights === null ? null : loadEncoderWeights(network.encoder, config.weights);
  return { network, blueprint, from, weights, generator, compute: new Compute(device) };
}

function blueprintOf(
  config: TrainConfig,
  origin: Record<string, Origin>,
  { source, target, rows }: RunData,
  from: Start["from"],
): Blueprint {
  if (from === null && target !== null)
    refuseUnlike({ folder: config.source, info: source.info }, { folder: config.target!, info: target.info });
  const preprocessing = from?.info.preprocessing ?? preprocessingOf(config, source, rows.train);
  const blueprint = from === null ? freshBlueprint(config, source, preprocessing) : startBlueprint(from.info);
  if (from !== null) refuseOtherStart(config, origin, source, from);
  checkModelFits(blueprint, source.info);
  if (target !== null) checkModelFits(blueprint, target.info);
  return blueprint;
}

function preprocessingOf(config: TrainConfig, source: RunData["source"], rows: Int32Array): Preprocessing {
  const kind = config.preprocess ?? (source.info.pixels === "flux" ? "asinh" : "standardise");
  return fitPreprocessing(source, kind, rows, config.stretch);
}
