/** All that a run works with, opened from its configuration: datasets, network, method, feed, selection. */
import type { Trainer } from "../adapt/method.ts";
import { methods } from "../adapt/registry.ts";
import { Closing } from "../foundation/closing.ts";
import type { Origin } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { changedPluginLines } from "../foundation/plugins.ts";
import type { Generator } from "../torch/random.ts";
import type { TrainConfig } from "./config.ts";
import { Feed } from "./feed.ts";
import { type LeakMark, leakText } from "./leak.ts";
import type { RunInputs } from "./run.ts";
import { openData, type RunData } from "./session/data.ts";
import { inputsOf } from "./session/inputs.ts";
import { type Priors, priorsOf, refuseIdlePriorFrom } from "./session/prior.ts";
import { openSelection, type Selection } from "./session/selection.ts";
import { openStart, type Start } from "./session/start.ts";
import { openTrainer } from "./session/trainer.ts";

export interface Session {
  config: TrainConfig;
  data: RunData;
  inputs: RunInputs;
  start: Start;
  priors: Priors;
  trainer: Trainer;
  feed: Feed;
  selection: Selection;
  /** All generators whose state is part of the run. */
  generators: Record<string, Generator>;
  /** The marks of its models. */
  marks: Marks;
  /** Notes for the user, one line each. */
  notes: readonly string[];
  dispose(): void;
}

interface Marks {
  /** Whether it starts from a model that the oracle chose. */
  oracle: boolean;
  /** What its datasets share and must not, or those of the model that it starts from; null for nothing. */
  leak: LeakMark | null;
}

/**
 * @param origin of each value; a value that was given must agree with the model of `from`
 * @param assumeStart whether the method starts from a model though none is given, for estimates
 * @throws ArcletError for datasets that don't fit the method, each other, or the starting model
 */
export async function openSession(
  config: TrainConfig,
  origin: Record<string, Origin>,
  { assumeStart = false } = {},
): Promise<Session> {
  const method = methods.find(config.method);
  if (method.needsTarget && config.target === null)
    refuse("train", "target", `given (${method.name} adapts to it)`, null);
  const closing = new Closing();
  try {
    const data = await openData(config, closing);
    refuseIdlePriorFrom(config);
    const start = openStart(config, origin, data, closing);
    const priors = await priorsOf(config, data, start);
    const trainer = openTrainer(config, method, { data, start, priors, assumeStart }, closing);
    const feed = feedOf(config, data, start, trainer);
    const selection = await openSelection(config, method, { data, priors }, closing);
    return {
      config,
      data,
      inputs: inputsOf(config, data, start),
      start,
      priors,
      trainer,
      feed,
      selection,
      generators: { training: start.generator, ...feed.generators },
      marks: {
        oracle: start.from?.info.oracle ?? false,
        leak: data.leak ?? start.from?.info.leak ?? null,
      },
      notes: notesOf(data, start, priors),
      dispose: () => closing.close(),
    };
  } catch (error) {
    closing.close();
    throw error;
  }
}

function feedOf(
  config: TrainConfig,
  { source, target, rows }: RunData,
  start: Start,
  trainer: Trainer,
): Feed {
  const { weak, strong, balance, parts, seed } = config;
  return new Feed(
    {
      source: { dataset: source, rows: rows.train },
      target: target === null ? null : { domain: target, rows: rows.target },
      preprocessing: start.blueprint.preprocessing,
      weak,
      strong,
      balance,
      parts,
      seed,
      device: start.compute.device,
    },
    trainer.phases,
  );
}

const notesOf = ({ leak }: RunData, { from }: Start, { estimate }: Priors): string[] => [
  ...changedPluginLines(from?.info.plugins ?? []).map((line) => `${from!.file}: ${line}`),
  ...(leak === null ? [] : [`warning: ${leakText(leak)}; the result is marked`]),
  ...(estimate === null ? [] : [estimate]),
];
