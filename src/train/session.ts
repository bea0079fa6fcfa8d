/** All that a run works with, opened from its configuration: datasets, network, method, feed, selection. */
import type { AnyTrainer } from "../adapt/method.ts";
import { methods } from "../adapt/registry.ts";
import type { GradedRecord } from "../dataset/graded/record.ts";
import { Closing } from "../foundation/closing.ts";
import type { Origin } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { changedPluginLines } from "../foundation/plugins.ts";
import type { Generator } from "../torch/random.ts";
import type { TrainConfig } from "./config.ts";
import { Feed } from "./feed.ts";
import { type LeakMark, leakText } from "./leak.ts";
import { ALONE, type Ranks } from "./ranks/ranks.ts";
import type { RunInputs } from "./run.ts";
import { openData, type RunData } from "./session/data.ts";
import { gradedLines, refuseIdleGrades } from "./session/graded.ts";
import { inputsOf } from "./session/inputs.ts";
import { kindsLines, refuseIdleKinds } from "./session/kinds.ts";
import { type Priors, priorsOf, refuseIdlePriorFrom } from "./session/prior.ts";
import { openSelection, type Selection } from "./session/selection.ts";
import { kinded, openStart, type Start } from "./session/start.ts";
import { openTrainer } from "./session/trainer.ts";
import { imagesPerEpoch } from "./steps.ts";

export interface Session {
  config: TrainConfig;
  /** The processes that train it together. */
  ranks: Ranks;
  data: RunData;
  inputs: RunInputs;
  start: Start;
  priors: Priors;
  trainer: AnyTrainer;
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
  /** The graded rows that it learns from, and those of the model that it starts from. */
  graded: readonly GradedRecord[];
}

export interface SessionOptions {
  /** Whether the method starts from a model though none is given, for estimates. */
  assumeStart?: boolean;
  ranks?: Ranks;
  /** Of several ranks each has its own. */
  device?: string;
}

/**
 * @param origin of each value; a value that was given must agree with the model of `from`
 * @throws ArcletError for datasets that don't fit the method, each other, or the starting model
 */
export async function openSession(
  config: TrainConfig,
  origin: Record<string, Origin>,
  { assumeStart = false, ranks = ALONE, device = config.device }: SessionOptions = {},
): Promise<Session> {
  const method = methods.find(config.method);
  if (method.needsTarget && config.target === null)
    refuse("train", "target", `given (${method.name} adapts to it)`, null);
  refuseIdleGrades(config, method);
  refuseIdleKinds(config, method);
  const closing = new Closing();
  try {
    const data = await openData(config, closing);
    refuseIdlePriorFrom(config);
    const start = openStart(config, origin, data, closing, device);
    const priors = await priorsOf(config, data, start);
    const trainer = openTrainer(config, method, { data, start, priors, assumeStart }, closing);
    const feed = feedOf(config, data, start, trainer);
    const lengths = trainer.phases.map((phase, k) =>
      phase.selectable ? imagesPerEpoch(config, phase, feed.onePass(k)) : 0,
    );
    const epochImages = Math.max(...lengths);
    const selection = await openSelection(config, method, { data, priors, epochImages }, closing);
    return {
      config,
      ranks,
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
        graded: [
          ...(start.from?.info.graded ?? []),
          ...(data.graded === null ? [] : [data.graded.rows.record]),
        ],
      },
      notes: notesOf(config, data, start, [priors.note, selection.note]),
      dispose: () => closing.close(),
    };
  } catch (error) {
    closing.close();
    throw error;
  }
}

function feedOf(config: TrainConfig, data: RunData, start: Start, trainer: AnyTrainer): Feed {
  const { source, target, graded, rows, kinds } = data;
  const { weak, strong, balance, parts, seed } = config;
  const { outputs = null } = start.blueprint;
  return new Feed(
    {
      source: { dataset: source, rows: rows.train },
      target: target === null ? null : { domain: target, rows: rows.target },
      graded: graded === null ? null : { dataset: graded.dataset, balance: config.gradedBalance },
      outputs,
      kinds: { source: kinds, graded: config.gradedKinds !== null },
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

const notesOf = (
  config: TrainConfig,
  data: RunData,
  { from, blueprint }: Start,
  decided: readonly (string | null)[],
): string[] => [
  ...changedPluginLines(from?.info.plugins ?? []).map((line) => `${from!.file}: ${line}`),
  ...(data.leak === null ? [] : [`warning: ${leakText(data.leak)}; the result is marked`]),
  ...(data.graded === null ? [] : gradedLines(config, data.graded, config.target!)),
  ...kindsLines(blueprint.outputs ?? null, kinded(config, data)),
  ...decided.filter((note) => note !== null),
];
