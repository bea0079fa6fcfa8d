/** The one training loop: phases, epochs and steps; after each epoch validators, log and checkpoint. */
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { type Progress, progress } from "../foundation/progress.ts";
import { Tensor, tidy } from "../torch/index.ts";
import { Checkpoints, type Position, readCheckpoint, START } from "./checkpoint.ts";
import { chosenEpoch, type EpochRecord, writeLog } from "./log.ts";
import { LAST_MODEL_FILE, MODEL_FILE, type ModelInfo, writeModel } from "./model.ts";
import type { RunConfig } from "./run.ts";
import type { Session } from "./session.ts";
import { validate } from "./validate.ts";

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
export async function runLoop(session: Session, { resolved, provenance }: RunConfig): Promise<TrainResult> {
  const { trainer, config } = session;
  const checkpoints = new Checkpoints(config.out);
  const latest = checkpoints.latest();
  let at = latest === undefined ? START : readCheckpoint(latest, session);
  for (let phase = at.phase; phase < trainer.phases.length; phase++) {
    if (phase > at.phase) at = { ...at, phase, epoch: 0 };
    at = await trainPhase(session, checkpoints, resolved, at);
  }
  return finish(session, checkpoints, resolved, provenance, at.records);
}

/** Trains the rest of a phase. */
async function trainPhase(
  session: Session,
  checkpoints: Checkpoints,
  resolved: RunConfig["resolved"],
  start: Position,
): Promise<Position> {
  const { trainer, config } = session;
  const { epochs, name, selectable } = trainer.phases[start.phase]!;
  const { stepsPerEpoch } = resolved.phases[start.phase]!;
  const totalSteps = epochs * stepsPerEpoch;
  if (start.epoch === 0 && start.step === 0) trainer.begin(start.phase);
  const bar = progress(`train ${name}`, totalSteps, "steps", start.epoch * stepsPerEpoch + start.step);
  try {
    let at = start;
    while (at.epoch < epochs) {
      const clock = performance.now();
      const train = await trainEpoch(session, checkpoints, { stepsPerEpoch, totalSteps }, at, bar);
      const validators = validate(session, trainer.model(at.phase));
      const record: EpochRecord = {
        epoch: at.records.length + 1,
        phase: name,
        selectable,
        step: (at.epoch + 1) * stepsPerEpoch,
        seconds: Math.round(performance.now() - clock) / 1000,
        train,
        validators,
      };
      at = { phase: at.phase, epoch: at.epoch + 1, step: 0, sums: {}, records: [...at.records, record] };
      checkpoints.write(session, at);
      writeLog(config.out, at.records);
      const best = chosenEpoch(at.records, resolved.select)?.epoch ?? record.epoch;
      if (config.keep === "chosen") checkpoints.prune([best, record.epoch]);
    }
    return at;
  } finally {
    bar.done();
  }
}

/** Trains the rest of an epoch. @returns the steps' numbers, averaged over the epoch */
async function trainEpoch(
  session: Session,
  checkpoints: Checkpoints,
  { stepsPerEpoch, totalSteps }: { stepsPerEpoch: number; totalSteps: number },
  start: Position,
  bar: Progress,
): Promise<Record<string, number>> {
  const { trainer, feed, config } = session;
  const { phase, epoch } = start;
  const sums = { ...start.sums };
  for (let step = start.step; step < stepsPerEpoch; step++) {
    try {
      await safePoint(`${config.out} is saved; go on with the same command and --resume`);
    } catch (stop) {
      if (step > 0) checkpoints.write(session, { ...start, step, sums });
      throw stop;
    }
    const inPhase = epoch * stepsPerEpoch + step;
    const numbers = tidy(() => {
      const place = { step: inPhase, stepsPerEpoch, totalSteps };
      const made = trainer.step(phase, feed.at(phase, inPhase), place);
      return Object.entries(made).map(
        ([name, value]) => [name, value instanceof Tensor ? value.item() : value] as const,
      );
    });
    for (const [name, value] of numbers) {
      if (!Number.isFinite(value)) throw diverged(session, start, inPhase, name, value);
      sums[name] = (sums[name] ?? 0) + value;
    }
    bar.tick(1, numbers[0] === undefined ? "" : `${numbers[0][0]} ${numbers[0][1].toPrecision(3)}`);
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / stepsPerEpoch]));
}

function diverged(
  { trainer, config }: Session,
  { phase, records }: Position,
  step: number,
  name: string,
  value: number,
): ArcletError {
  const where = `epoch ${records.length + 1} (${trainer.phases[phase]!.name}), step ${step + 1}`;
  const saved = records.length === 0 ? "" : `; epoch ${records.length} is saved in ${config.out}`;
  return new ArcletError(`train: ${name} is ${value} in ${where}${saved}; a lower --lr or a --clip may help`);
}

/** Writes the last and the chosen epoch's model. */
function finish(
  session: Session,
  checkpoints: Checkpoints,
  { select }: RunConfig["resolved"],
  provenance: RunConfig["provenance"],
  records: EpochRecord[],
): TrainResult {
  const { trainer, config, blueprint, inputs } = session;
  const last = records[records.length - 1]!;
  const chosen = chosenEpoch(records, select)!;
  const write = (file: string, record: EpochRecord, chosenBy: string | null) => {
    const info: ModelInfo = {
      format: 1,
      ...blueprint,
      method: config.method,
      seed: config.seed,
      epoch: record.epoch,
      epochs: records.length,
      phase: record.phase,
      chosenBy,
      validators: record.validators,
      provenance: { ...provenance, ...JSON.parse(JSON.stringify({ inputs })) },
    };
    const phase = trainer.phases.findIndex(({ name }) => name === record.phase);
    writeModel(join(config.out, file), trainer.model(phase), info);
  };
  write(LAST_MODEL_FILE, last, null);
  if (chosen.epoch !== last.epoch) readCheckpoint(checkpoints.path(chosen.epoch), session);
  write(MODEL_FILE, chosen, select);
  return { folder: config.out, chosen, select, last, records };
}
