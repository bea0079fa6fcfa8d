/** The one training loop: phases, epochs and steps; after each epoch validators, log and checkpoint. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { Checkpoints, type Position, START } from "./checkpoint.ts";
import { Curves } from "./curves.ts";
import { chosenEpoch, type EpochRecord, writeLog } from "./log.ts";
import { diverged, rollBack } from "./loop/divergence.ts";
import { type EpochOutcome, trainEpoch } from "./loop/epoch.ts";
import { oracleEpoch, writeModels } from "./loop/models.ts";
import { stepsOfRun, type Training } from "./loop/training.ts";
import { MODEL_FILE } from "./model.ts";
import { restore } from "./ranks/restoring.ts";
import type { RunConfig } from "./run.ts";
import type { Session } from "./session.ts";

/** A finished run. */
export interface TrainResult {
  /** The run's folder. */
  folder: string;
  /** The epoch of `model.safetensors`, and the validator that chose it. */
  chosen: EpochRecord;
  /** The validator that chose the epoch. */
  select: string;
  /** The epoch of `model-last.safetensors`. */
  last: EpochRecord;
  /** Every epoch's numbers. */
  records: EpochRecord[];
}

/** Trains a session's network to the end, from the latest checkpoint in its folder. */
export async function runLoop(
  session: Session,
  { resolved, provenance }: RunConfig,
  say: (line: string) => void,
): Promise<TrainResult> {
  const { trainer, config, ranks } = session;
  const checkpoints = new Checkpoints(config.out, ranks.leads);
  const latest = await ranks.share(() => latestOf(checkpoints, config.out));
  let position = latest === undefined ? START : await restore(session, latest);
  // A run that diverges in its first epoch is rolled back to this.
  if (latest === undefined && config.onDivergence === "rollback") checkpoints.write(session, START);
  // Where a run was killed between its checkpoint and its log, the log lacks the epoch.
  if (position.records.length > 0 && ranks.leads) {
    writeLog(config.out, position.records);
    // ... and the checkpoints before it are still there.
    if (position.step === 0) checkpoints.dropUnfinished();
    if (config.keep === "chosen") checkpoints.prune(keptEpochs(position.records, resolved));
  }
  const curves = new Curves(config.out, stepsOfRun(resolved, position), position.records, ranks.leads);
  const training = { session, checkpoints, curves, resolved, say };
  for (let phase = position.phase; phase < trainer.phases.length; phase++) {
    if (phase > position.phase) position = { ...position, phase, epoch: 0 };
    position = await trainPhase(training, position);
  }
  const { records } = position;
  const { chosen, last } = await writeModels(training, provenance, records);
  return { folder: config.out, chosen, select: resolved.select, last, records };
}

/** The checkpoint that a run continues from; undefined without one. @throws ArcletError when a trained run has lost all */
function latestOf(checkpoints: Checkpoints, folder: string): string | undefined {
  const latest = checkpoints.latest();
  if (latest === undefined && existsSync(join(folder, MODEL_FILE)))
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: "is fully trained, and its checkpoints are gone",
    });
  return latest;
}

/** Trains the rest of a phase. */
async function trainPhase(training: Training, start: Position): Promise<Position> {
  const { session, resolved } = training;
  const { epochs, name } = session.trainer.phases[start.phase]!;
  const { stepsPerEpoch } = resolved.phases[start.phase]!;
  const length = { stepsPerEpoch, totalSteps: epochs * stepsPerEpoch };
  if (start.epoch === 0 && start.step === 0) session.trainer.begin(start.phase);
  const done = start.epoch * stepsPerEpoch + start.step;
  const bar = progress(`train ${name}`, length.totalSteps, "steps", done);
  try {
    let position = start;
    while (position.epoch < epochs) {
      const begin = performance.now();
      const own = await trainEpoch(training, length, position, bar);
      const outcome = await session.ranks.share(() => own);
      const back = outcome.troubles.length > 0 ? await handleTroubles(training, position, outcome) : null;
      position = back ?? finishEpoch(training, position, outcome, performance.now() - begin);
    }
    return position;
  } finally {
    bar.done();
  }
}

/** Handles an epoch in which something seems wrong. @returns the position that the run is rolled back to; null to continue */
async function handleTroubles(
  training: Training,
  position: Position,
  { troubles, scored }: EpochOutcome,
): Promise<Position | null> {
  const { session, say } = training;
  const { onDivergence } = session.config;
  const { name } = session.trainer.phases[position.phase]!;
  const where = `epoch ${position.records.length + 1} (${name}): ${troubles.join("; ")}`;
  if (onDivergence === "rollback") return await rollBack(training, position, where);
  if (scored === null || onDivergence === "stop") throw diverged(session, position, where);
  say(`warning: ${where}`);
  return null;
}

/** Writes a finished epoch to log, curves and checkpoints. @returns the position of the next one's start */
function finishEpoch(
  training: Training,
  before: Position,
  outcome: EpochOutcome,
  milliseconds: number,
): Position {
  const { session, checkpoints, curves, resolved } = training;
  const { config, trainer } = session;
  const { name, selectable } = trainer.phases[before.phase]!;
  const scored = outcome.scored!;
  const record: EpochRecord = {
    epoch: before.records.length + 1,
    phase: name,
    selectable,
    step: (before.epoch + 1) * resolved.phases[before.phase]!.stepsPerEpoch,
    seconds: Math.round(milliseconds) / 1000,
    dataShare: outcome.dataShare,
    train: outcome.train,
    validators: scored.scores,
    sources: scored.sources,
    predicted: [...(scored.outlook?.predicted ?? [])],
    warnings: [...before.rolledBack, ...outcome.troubles],
  };
  const records = [...before.records, record];
  const next = { ...before, epoch: before.epoch + 1, step: 0, sums: {}, window: {}, rolledBack: [], records };
  checkpoints.write(session, next);
  curves.addEpoch(record);
  if (session.ranks.leads) writeLog(config.out, records);
  if (config.keep === "chosen") checkpoints.prune(keptEpochs(records, resolved));
  return next;
}

/** Epochs whose checkpoints are needed: the chosen one, the last one and the oracle's. */
function keptEpochs(records: readonly EpochRecord[], { select }: Training["resolved"]): number[] {
  const last = records.length;
  return [chosenEpoch(records, select)?.epoch ?? last, last, oracleEpoch(records)?.epoch ?? last];
}
