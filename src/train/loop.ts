/** The one training loop: phases, epochs and steps; after each epoch validators, log and checkpoint. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { Checkpoints, type Position, readCheckpoint, START } from "./checkpoint.ts";
import { Curves } from "./curves.ts";
import { chosenEpoch, type EpochRecord, writeLog } from "./log.ts";
import { diverged, rollBack } from "./loop/divergence.ts";
import { type Ended, trainEpoch } from "./loop/epoch.ts";
import { oracleEpoch, writeModels } from "./loop/models.ts";
import { stepsOfRun, type Training } from "./loop/training.ts";
import { MODEL_FILE } from "./model.ts";
import type { RunConfig } from "./run.ts";
import type { Session } from "./session.ts";

export interface TrainResult {
  folder: string;
  /** The epoch of `model.safetensors`, and the validator that chose it. */
  chosen: EpochRecord;
  select: string;
  /** The epoch of `model-last.safetensors`. */
  last: EpochRecord;
  records: EpochRecord[];
}

/** Trains a session's network from where its folder's checkpoints stand to the end. */
export async function runLoop(
  session: Session,
  { resolved, provenance }: RunConfig,
  say: (line: string) => void,
): Promise<TrainResult> {
  const { trainer, config } = session;
  const checkpoints = new Checkpoints(config.out);
  const latest = checkpoints.latest();
  if (latest === undefined && existsSync(join(config.out, MODEL_FILE)))
    throw new ArcletError({
      where: config.out,
      code: "conflict",
      problem: "is trained to its end, and its checkpoints are gone",
    });
  let at = latest === undefined ? START : readCheckpoint(latest, session);
  // What a run that goes wrong in its first epoch goes back to.
  if (latest === undefined && config.onDivergence === "rollback") checkpoints.write(session, START);
  const curves = new Curves(config.out, stepsOfRun(resolved, at), at.records);
  const training = { session, checkpoints, curves, resolved, say };
  for (let phase = at.phase; phase < trainer.phases.length; phase++) {
    if (phase > at.phase) at = { ...at, phase, epoch: 0 };
    at = await trainPhase(training, at);
  }
  const { records } = at;
  const { chosen, last } = writeModels(training, provenance, records);
  return { folder: config.out, chosen, select: resolved.select, last, records };
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
    let at = start;
    while (at.epoch < epochs) {
      const clock = performance.now();
      const ended = await trainEpoch(training, length, at, bar);
      const back = ended.wrong.length > 0 ? wentWrong(training, at, ended) : null;
      at = back ?? epochDone(training, at, ended, performance.now() - clock);
    }
    return at;
  } finally {
    bar.done();
  }
}

/** An epoch in which something seems wrong. @returns where the run is rolled back to; null where it goes on */
function wentWrong(training: Training, at: Position, { wrong, scored }: Ended): Position | null {
  const { session, say } = training;
  const { onDivergence } = session.config;
  const { name } = session.trainer.phases[at.phase]!;
  const where = `epoch ${at.records.length + 1} (${name}): ${wrong.join("; ")}`;
  if (onDivergence === "rollback") return rollBack(training, at, where);
  if (scored === null || onDivergence === "stop") throw diverged(session, at, where);
  say(`warning: ${where}`);
  return null;
}

/** Writes a finished epoch into log, curves and checkpoints. @returns where the next begins */
function epochDone(training: Training, before: Position, ended: Ended, milliseconds: number): Position {
  const { session, checkpoints, curves, resolved } = training;
  const { config, trainer } = session;
  const { name, selectable } = trainer.phases[before.phase]!;
  const scored = ended.scored!;
  const record: EpochRecord = {
    epoch: before.records.length + 1,
    phase: name,
    selectable,
    step: (before.epoch + 1) * resolved.phases[before.phase]!.stepsPerEpoch,
    seconds: Math.round(milliseconds) / 1000,
    dataShare: ended.dataShare,
    train: ended.train,
    validators: scored.scores,
    predicted: [...(scored.outlook?.predicted ?? [])],
    warnings: [...before.rolledBack, ...ended.wrong],
  };
  const records = [...before.records, record];
  const at = { ...before, epoch: before.epoch + 1, step: 0, sums: {}, window: {}, rolledBack: [], records };
  checkpoints.write(session, at);
  curves.addEpoch(record);
  writeLog(config.out, records);
  const best = chosenEpoch(records, resolved.select)?.epoch ?? record.epoch;
  const kept = [best, record.epoch, oracleEpoch(records)?.epoch ?? record.epoch];
  if (config.keep === "chosen") checkpoints.prune(kept);
  return at;
}
