/** From a configuration to all that a run works with: datasets, network, method, feed. */
import { batchNormsOf } from "../adapt/domains.ts";
import type { Trainer } from "../adapt/method.ts";
import { findMethod } from "../adapt/registry.ts";
import { DEFAULT_VALIDATOR, findValidator } from "../adapt/validators/registry.ts";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import { fileHash } from "../dataset/hash.ts";
import { openUnlabelled, type UnlabelledDataset } from "../dataset/unlabelled.ts";
import { fitPreprocessing } from "../dataset/views/preprocess.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import type { EncoderNetwork } from "../encoders/network.ts";
import { loadEncoderWeights, type WeightsReport } from "../encoders/weights.ts";
import type { Origin } from "../foundation/config.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { textKey } from "../foundation/random.ts";
import { evenlySpaced } from "../foundation/thinning.ts";
import { deviceNamed } from "../torch/machine.ts";
import { Generator } from "../torch/random.ts";
import { buildStart, freshBlueprint, refuseOtherStart, startBlueprint } from "./blueprint.ts";
import { ownSettings, type TrainConfig } from "./config.ts";
import { Feed } from "./feed.ts";
import { type LeakMark, leakOf, leakText } from "./leak.ts";
import { type Blueprint, checkModelFits, readModelInfo, readWeights } from "./model.ts";
import { ORACLE, Oracle, oracleSplits } from "./oracle.ts";
import { Compute } from "./precision.ts";
import { estimatePrior, priorText } from "./prevalence.ts";
import type { RunInputs } from "./run.ts";

export interface Session {
  config: TrainConfig;
  source: Dataset;
  target: UnlabelledDataset | null;
  inputs: RunInputs;
  blueprint: Blueprint;
  /** What was made of `--weights`. */
  weights: WeightsReport | null;
  network: EncoderNetwork;
  trainer: Trainer;
  feed: Feed;
  compute: Compute;
  /** All generators whose state is part of the run. */
  generators: Record<string, Generator>;
  /** The validator that chooses the epoch. */
  select: string;
  /** Where the oracle is asked for. */
  oracle: Oracle | null;
  /** Whether it starts from a model that an oracle chose. */
  fromOracle: boolean;
  /** What its datasets share and must not, or those of the model that it starts from; null where nothing is. */
  leak: LeakMark | null;
  /** The expected target prior, given or estimated; null for none. */
  targetPrior: readonly number[] | null;
  /** What is to be told of it, a line each. */
  said: readonly string[];
  /** Rows that validators look at. */
  validation: { source: Int32Array; target: Int32Array };
  /** Rows by use, for the record. */
  counts: Record<string, number>;
  /** The class marginal that validators expect of the target. */
  prior: readonly number[];
  dispose(): void;
}

/**
 * @param origin where each value came from; a value that was given must agree with the model of `from`
 * @param assumeStart that the method starts from a model, though none is given: to tell what it would do
 * @throws ArcletError for datasets that don't fit the method, each other, or the starting model
 */
export async function openSession(
  config: TrainConfig,
  origin: Record<string, Origin>,
  { assumeStart = false } = {},
): Promise<Session> {
  const method = findMethod(config.method);
  if (method.needsTarget && config.target === null)
    refuse("train", "target", `given (${method.name} adapts to it)`, null);
  const closing: (() => void)[] = [];
  const dispose = () => {
    for (const close of closing.splice(0).reverse()) close();
  };
  try {
    const source = await openDataset(config.source);
    closing.push(() => source.close());
    const target = config.target === null ? null : await openUnlabelled(config.target);
    if (target !== null) {
      closing.push(() => target.close());
    }
    const folders = [config.source, ...(config.target === null ? [] : [config.target])];
    const leak = await leakOf(folders, config.allowLeak);
    const rows = rowsOf(config, source, target);
    if (config.priorFrom !== null && (config.from === null || config.prior !== null))
      refuse("train", "priorFrom", "given with --from, and without --prior", config.priorFrom);
    if (config.from !== null && config.weights !== null)
      refuse("train", "weights", "left out where --from gives all weights", config.weights);
    const start = config.from === null ? null : readModelInfo(config.from);
    const preprocessing = start?.info.preprocessing ?? preprocessingOf(config, source, rows.train);
    const blueprint =
      start === null ? freshBlueprint(config, source, preprocessing) : startBlueprint(start.info);
    if (start !== null) refuseOtherStart(config, origin, source, start);
    checkModelFits(blueprint, source.info);
    if (target !== null) checkModelFits(blueprint, target.info);

    const device = deviceNamed(config.device);
    const generator = new Generator(textKey(config.seed, "training"), device);
    const network = buildStart(blueprint, config.seed, device);
    closing.push(() => network.dispose());
    network.setGenerator(generator);
    if (config.normMomentum !== null)
      for (const norm of batchNormsOf(network)) norm.momentum = config.normMomentum;
    if (start !== null) readWeights(start.file, network);
    const weights = config.weights === null ? null : loadEncoderWeights(network.encoder, config.weights);

    const compute = new Compute(device);
    const counted = classParts(source, rows.train);
    const estimated =
      config.priorFrom === null
        ? null
        : estimatePrior(config.priorFrom, network, preprocessing, {
            source,
            val: rows.val,
            target: target ?? refuse("train", "target", "given with --prior-from", null),
            rows: rows.target,
          });
    const given = config.prior === null ? null : checkedPrior(config.prior, source.info.classes);
    const prior = estimated?.prior ?? given;
    const trainer = method.build(ownSettings(config, method.name), {
      network,
      classes: source.info.classes.length,
      features: network.classifier.state().get("weight")!.shape[1]!,
      generator,
      seed: textKey(config.seed, "method"),
      source: config,
      pretrained: start !== null || assumeStart,
      sourcePrior: config.balance === "classes" ? counted.map(() => 1 / counted.length) : counted,
      targetPrior: prior,
      device,
      compute: compute.run,
    });
    closing.push(() => trainer.dispose());
    if (trainer.phases.length === 0)
      throw new ArcletError({
        where: "train",
        code: "conflict",
        problem: `${method.name} has nothing to do after --from`,
      });
    const targetRows = target === null ? null : { domain: target, rows: rows.target };
    const { weak, strong, balance, seed } = config;
    const feed = new Feed(
      {
        source: { dataset: source, rows: rows.train },
        target: targetRows,
        preprocessing,
        weak,
        strong,
        balance,
        seed,
        device,
      },
      trainer.phases,
    );
    const select = config.select ?? (method.needsTarget ? DEFAULT_VALIDATOR : "source-auroc");
    const byOracle = select === ORACLE;
    if ((byOracle || findValidator(select).needsTarget) && target === null)
      refuse("train", "select", "source-auroc where there is no target", select);
    const opened = oracleSplits(config);
    const oracle =
      opened.length > 0 && config.target !== null
        ? await Oracle.open(config.target, opened, source.info.classes)
        : null;
    closing.push(() => oracle?.close());
    return {
      config,
      source,
      target,
      inputs: inputsOf(config, source, target, start?.file),
      blueprint,
      weights,
      network,
      trainer,
      feed,
      compute,
      generators: { training: generator, ...feed.generators },
      select,
      oracle,
      fromOracle: start?.info.oracle ?? false,
      leak: leak ?? start?.info.leak ?? null,
      targetPrior: prior,
      said: [
        ...(leak === null ? [] : [`warning: ${leakText(leak)}; the result is marked`]),
        ...(estimated === null ? [] : [priorText(config.priorFrom!, source.info.classes, estimated)]),
      ],
      validation: {
        source: evenlySpaced(rows.val, config.validateOn),
        target: evenlySpaced(rows.target, config.validateOn),
      },
      counts: {
        "source train": rows.train.length,
        "source val": rows.val.length,
        target: rows.target.length,
      },
      prior: prior ?? counted,
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

function rowsOf(config: TrainConfig, source: Dataset, target: UnlabelledDataset | null) {
  const { classes } = source.info;
  if (classes.length < 2)
    refuse(config.source, "classes", "two or more (is this a labelled source?)", classes.length);
  const train = source.labelledRows("train");
  const val = source.labelledRows("val");
  if (val.length === 0) refuse(config.source, "split val", "of at least one labelled row", "none");
  const present = new Set(source.labels(train));
  const absent = classes.find((_, k) => !present.has(k));
  if (absent !== undefined)
    refuse(config.source, "split train", "one that holds every class", `no row of ${absent}`);
  const targetRows = target?.rows(...config.targetSplits) ?? new Int32Array();
  if (target !== null && targetRows.length === 0)
    refuse(config.target!, "targetSplits", "splits that hold rows", config.targetSplits);
  return { train, val, target: targetRows };
}

function preprocessingOf(config: TrainConfig, source: Dataset, rows: Int32Array): Preprocessing {
  const kind = config.preprocess ?? (source.info.pixels === "flux" ? "asinh" : "standardise");
  return fitPreprocessing(source, kind, rows, config.stretch);
}

function classParts(source: Dataset, rows: Int32Array): number[] {
  const parts = source.info.classes.map(() => 0);
  for (const label of source.labels(rows)) parts[label]! += 1 / rows.length;
  return parts;
}

function checkedPrior(prior: readonly number[], classes: readonly string[]): readonly number[] {
  const sum = prior.reduce((a, b) => a + b, 0);
  if (prior.length !== classes.length || Math.abs(sum - 1) > 1e-6)
    refuse("train", "prior", `${classes.length} parts (${classes.join(", ")}) with sum 1`, prior);
  return prior;
}

function inputsOf(
  config: TrainConfig,
  source: Dataset,
  target: UnlabelledDataset | null,
  from: string | undefined,
): RunInputs {
  const of = (path: string, { info }: Pick<Dataset | UnlabelledDataset, "info">) => ({
    path,
    name: info.name,
    contentHash: info.contentHash,
  });
  return {
    source: of(config.source, source),
    target: target === null ? null : of(config.target!, target),
    from: from === undefined ? null : { path: config.from!, name: "model", contentHash: fileHash(from) },
    weights:
      config.weights === null
        ? null
        : { path: config.weights, name: "weights", contentHash: fileHash(config.weights) },
  };
}
