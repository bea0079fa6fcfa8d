/** A run from its configuration to its models: a new one, or one that was interrupted. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { methods } from "../adapt/registry.ts";
import type { WeightsReport } from "../encoders/weights.ts";
import type { Origin } from "../foundation/config.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { takeLock } from "../foundation/lock.ts";
import { tidy } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { bfloat16Cost } from "./bfloat16-cost.ts";
import { checkpointsOf } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import { withEarlierDefaults } from "./earlier-defaults.ts";
import { writeGraded } from "./graded-file.ts";
import { shortText } from "./length.ts";
import { runLoop, type TrainResult } from "./loop.ts";
import { disposeAll } from "./model.ts";
import { pluginsOfRun } from "./plugins.ts";
import { fasterPrecision, type Precision, timingText } from "./precision.ts";
import { ALONE, type Ranks } from "./ranks/ranks.ts";
import {
  clearPartial,
  isBarelyBegun,
  lockOf,
  type RunConfig,
  readRunConfig,
  refuseOtherInputs,
  refuseOtherPlugins,
  refuseOtherRun,
  refuseTaken,
  writeRunConfig,
} from "./run.ts";
import { openSession, type Session } from "./session.ts";
import { stepsPerEpochOf } from "./steps.ts";

/** What `train` may be told beside its settings. */
export interface TrainOptions {
  /** Command, versions and the like, for `config.json` and the models. */
  provenance?: Record<string, string>;
  /** Called with each decision, one line each. */
  say?: (line: string) => void;
  /** The processes that train it together, and this one's device. */
  ranks?: Ranks;
  /** Where it computes, if that is decided already: `cpu`, `cuda:1`; left out: as `config.device` says. */
  device?: string;
}

type Settled = Required<TrainOptions>;

/**
 * Trains, or with `resume` resumes a run that was interrupted. The run's folder holds `config.json`,
 * `log.jsonl`, `checkpoints/`, and once training has ended `model.safetensors` (the chosen epoch) and
 * `model-last.safetensors`.
 *
 * @param config values of `trainSchema`
 * @param origin of each value, by dotted key
 * @throws ArcletError for datasets that don't fit, a folder that is not empty, a run resumed with other settings, a
 *   number that is not finite, a full disk; Interrupted after the user's Ctrl-C, with the run saved
 */
export async function train(
  config: TrainConfig,
  origin: Record<string, Origin> = {},
  { provenance = {}, say = () => {}, ranks = ALONE, device = config.device }: TrainOptions = {},
): Promise<TrainResult> {
  // A child whose parent was killed stops here, rather than lock the folder before the parent's successor.
  await safePoint(`${config.out} is as it was`);
  let unlock = () => {};
  try {
    const before = await ranks.share(() => {
      const earlier = config.resume && !isBarelyBegun(config.out) ? readRunConfig(config.out) : undefined;
      if (earlier === undefined) refuseTaken(config.out);
      unlock = lockFolder(config.out);
      for (const folder of [config.out, checkpointsOf(config.out)]) clearPartial(folder);
      return earlier;
    });
    const kept = before === undefined ? config : withEarlierDefaults(config, before.values, origin);
    const told = ranks.leads ? say : () => {};
    return await trainLocked(kept, origin, before, { provenance, say: told, ranks, device });
  } finally {
    unlock();
  }
}

/** Two processes in one run's folder would mix their steps. */
function lockFolder(folder: string): () => void {
  const path = lockOf(folder);
  return guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return takeLock(path, folder);
  });
}

async function trainLocked(
  config: TrainConfig,
  origin: Record<string, Origin>,
  before: RunConfig | undefined,
  { provenance, say, ranks, device }: Settled,
): Promise<TrainResult> {
  if (before !== undefined) refuseOtherPlugins(config.out, before);
  const session = await openSession(config, origin, { ranks, device });
  try {
    await refuseOtherData(session);
    if (before !== undefined) {
      refuseOtherRun(config.out, before, config, origin, session.inputs);
      refuseOtherDevice(config.out, before, session.start.compute.device);
    }
    const own = before ?? (await describe(session, origin, provenance, say));
    // What was timed may differ between ranks.
    const run = await ranks.share(() => own);
    if (ranks.leads) {
      if (before === undefined) writeRunConfig(config.out, run);
      // Also of a run that was killed before it had written it.
      if (session.data.graded !== null) writeGraded(config.out, session.data.graded.rows);
    }
    session.start.compute.precision = run.resolved.precision;
    return await runLoop(session, run, say);
  } finally {
    session.dispose();
  }
}

/** Ranks on several hosts may find other files under one name. */
async function refuseOtherData({ inputs, ranks }: Session): Promise<void> {
  const first = await ranks.share(() => inputs);
  refuseOtherInputs(`rank ${ranks.rank}`, first, inputs, "rank 0 has");
}

/** The same seed draws other views on another device. */
function refuseOtherDevice(folder: string, { resolved }: RunConfig, device: string): void {
  const kind = (name: string) => name.split(":")[0];
  if (kind(resolved.device) !== kind(device))
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `must be resumed on ${resolved.device}, got ${device}`,
    });
}

/** The `config.json` of a new run. */
async function describe(
  session: Session,
  origin: Record<string, Origin>,
  provenance: Record<string, string>,
  say: (line: string) => void,
): Promise<RunConfig> {
  const { config, data, trainer, inputs, selection, feed } = session;
  const { network, weights, compute } = session.start;
  if (config.device === "auto" && compute.device !== "cpu") say(`device: ${compute.device}`);
  for (const line of session.notes) say(line);
  if (weights !== null) for (const line of weightsLines(config.weights!, weights)) say(line);
  const phases = trainer.phases.map((phase, k) => ({
    name: phase.name,
    epochs: phase.epochs,
    stepsPerEpoch: stepsPerEpochOf(config, phase, feed.onePass(k)),
  }));
  const first = { ...phases[0]!, batch: trainer.phases[0]!.batch };
  const short = shortText({ phase: first, begun: config.from !== null || config.weights !== null });
  if (short !== null && config.preset === "survey") say(short);
  const precision =
    config.precision === "auto" ? await chosenPrecision(session, phases, say) : config.precision;
  const parameters = network.parameters().reduce((sum, { size }) => sum + size, 0);
  const rows = {
    "source train": data.rows.train.length,
    "source val": data.rows.val.length,
    target: data.rows.target.length,
    ...(data.graded !== null && { graded: data.graded.dataset.count }),
    ...(data.graded?.held && { "graded, held": data.graded.held.count }),
  };
  return {
    format: 1,
    values: JSON.parse(JSON.stringify(config)),
    origin,
    inputs,
    resolved: {
      device: compute.device,
      precision,
      select: selection.by,
      phases,
      parameters,
      rows,
      numbers: methods.find(config.method).numbers,
    },
    ...pluginsOfRun(config.method, session.start.blueprint),
    leak: session.marks.leak,
    provenance,
  };
}

/** The report on a file of weights, in words. */
function weightsLines(
  path: string,
  { loaded, prefix, missing, unexpected, adapted }: WeightsReport,
): string[] {
  const listed = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`  ${what} ${names.length}: ${names.join(", ")}`];
  return [
    `${path}: ${loaded} tensors loaded${prefix === "" ? "" : `, whose names begin with ${prefix}`}`,
    ...Object.entries(adapted).map(([name, how]) => `  ${name}: ${how}`),
    ...listed("missing in the file, left at initial values,", missing),
    ...listed("unexpected in the file, not used,", unexpected),
  ];
}

/** Times the first phase's first step in both precisions, and undoes what it changed. */
async function chosenPrecision(
  { trainer, generators, feed, ranks, start: { compute } }: Session,
  phases: RunConfig["resolved"]["phases"],
  say: (line: string) => void,
): Promise<Precision> {
  const { epochs, stepsPerEpoch } = phases[0]!;
  const position = { step: 0, stepsPerEpoch, totalSteps: epochs * stepsPerEpoch };
  const states = Object.values(generators).map((generator) => [generator, generator.state()] as const);
  const copies = tidy(() => [...trainer.state()].map(([name, value]) => [name, value.clone()] as const));
  try {
    trainer.begin(0);
    const step = () =>
      tidy(() => {
        for (const value of Object.values(trainer.step(0, feed.at(0, 0), position)))
          if (value instanceof Tensor) value.item();
      });
    // Whether steps are timed at all is rank 0's to say: all take the same.
    const cost = await ranks.share(() => bfloat16Cost(compute.device));
    const timing = await fasterPrecision(compute, step, { now: () => performance.now(), cost: () => cost });
    say(`precision: ${timing.precision} (${timingText(timing, "a step")})`);
    return timing.precision;
  } finally {
    trainer.load(new Map(copies));
    disposeAll(copies.map(([, value]) => value));
    for (const [generator, bytes] of states) generator.restore(bytes);
  }
}
