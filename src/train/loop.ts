/** The one training loop: phases, epochs and steps; after each epoch validators, log and checkpoint. */
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { type Progress, progress } from "../foundation/progress.ts";
import { Tensor, tidy } from "../torch/index.ts";
import { Checkpoints, type Position, readCheckpoint, START } from "./checkpoint.ts";
import { chosenEpoch, type EpochRecord, writeLog } from "./log.ts";
import { LAST_MODEL_FILE, MODEL_FILE, type ModelInfo, writeModel } from "./model.ts";
import { ORACLE } from "./oracle.ts";
import type { RunConfig } from "./run.ts";
import type { Session } from "./session.ts";
import { type Validation, validate } from "./validate.ts";
import { troubles } from "./watch.ts";

export interface TrainResult {
  folder: string;
  /** The epoch of `model.safetensors`, and the validator that chose it. */
  chosen: EpochRecord;
  select: string;
  /** The epoch of `model-last.safetensors`. */
  last: EpochRecord;
  records: EpochRecord[];
}

/** A run is rolled back so often; the rate is then an eighth. */
const MOST_ROLLBACKS = 3;

/** Trains a session's network from where its folder's checkpoints stand to the end. */
export async function runLoop(
  session: Session,
  { resolved, provenance }: RunConfig,
  say: (line: string) => void,
): Promise<TrainResult> {
  const { trainer, config } = session;
  const checkpoints = new Checkpoints(config.out);
  const latest = checkpoints.latest();
  let at = latest === undefined ? START : readCheckpoint(latest, session);
  // What a run that goes wrong in its first epoch goes back to.
  if (latest === undefined && config.onDivergence === "rollback") checkpoints.write(session, START);
  for (let phase = at.phase; phase < trainer.phases.length; phase++) {
    if (phase > at.phase) at = { ...at, phase, epoch: 0 };
    at = await trainPhase({ session, checkpoints, resolved, say }, at);
  }
  return finish(session, checkpoints, resolved, provenance, at.records);
}

interface Run {
  session: Session;
  checkpoints: Checkpoints;
  resolved: RunConfig["resolved"];
  say: (line: string) => void;
}

/** Trains the rest of a phase. */
async function trainPhase(run: Run, start: Position): Promise<Position> {
  const { session, checkpoints, resolved, say } = run;
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
      const ended = await endOfEpoch(run, { stepsPerEpoch, totalSteps }, at, bar);
      if (ended.wrong.length > 0) {
        const where = `epoch ${at.records.length + 1} (${name}): ${ended.wrong.join("; ")}`;
        if (config.onDivergence === "rollback") {
          at = rollBack(run, at, where);
          continue;
        }
        if (ended.scored === null || config.onDivergence === "stop") throw diverged(session, at, where);
        say(`warning: ${where}`);
      }
      const { train, scored } = ended;
      const record: EpochRecord = {
        epoch: at.records.length + 1,
        phase: name,
        selectable,
        step: (at.epoch + 1) * stepsPerEpoch,
        seconds: Math.round(performance.now() - clock) / 1000,
        dataShare: ended.dataShare,
        train,
        validators: scored!.scores,
        predicted: [...(scored!.outlook?.predicted ?? [])],
        warnings: [...at.rolledBack, ...ended.wrong],
      };
      const records = [...at.records, record];
      at = { ...at, epoch: at.epoch + 1, step: 0, sums: {}, rolledBack: [], records };
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

interface Ended {
  /** The steps' numbers, averaged over the epoch. */
  train: Record<string, number>;
  /** Part of the steps' time in which they waited for data. */
  dataShare: number;
  /** Null when the steps ended in a number that is not finite. */
  scored: Validation | null;
  /** What went wrong. */
  wrong: string[];
}

/** The rest of an epoch, and what is to be said of it. */
async function endOfEpoch(
  { session, checkpoints }: Run,
  steps: { stepsPerEpoch: number; totalSteps: number },
  at: Position,
  bar: Progress,
): Promise<Ended> {
  const { trainer, blueprint, feed, targetPrior: prior } = session;
  const [start, fed] = [performance.now(), feed.milliseconds];
  const { train, notFinite } = await trainEpoch(session, checkpoints, steps, at, bar);
  const share = (feed.milliseconds - fed) / Math.max(performance.now() - start, 1e-3);
  const dataShare = Math.round(1e4 * Math.min(1, share)) / 1e4;
  if (notFinite !== null) return { train, dataShare, scored: null, wrong: [notFinite] };
  const adapting = trainer.phases[at.phase]!.batch.target > 0;
  const scored = validate(session, trainer.model(at.phase));
  const lost = Object.entries(scored.scores).find(([, score]) => !Number.isFinite(score));
  if (lost !== undefined)
    return {
      train,
      dataShare,
      scored: null,
      wrong: [`validator ${lost[0]} is ${lost[1]}: the predictions are not finite`],
    };
  const outlook = adapting ? scored.outlook : null;
  return { train, dataShare, scored, wrong: troubles({ train, outlook, classes: blueprint.classes, prior }) };
}

/** Puts everything where the last good epoch left it, with the rate halved. */
function rollBack({ session, checkpoints, say }: Run, at: Position, why: string): Position {
  const rate = at.rate / 2;
  if (rate < 2 ** -MOST_ROLLBACKS) throw diverged(session, at, `${why}, after ${MOST_ROLLBACKS} rollbacks`);
  readCheckpoint(checkpoints.path(at.records.length), session);
  if (at.epoch === 0) session.trainer.begin(at.phase);
  const told = `rolled back at rate × ${rate}: ${why}`;
  say(told);
  return { ...at, step: 0, sums: {}, rate, rolledBack: [...at.rolledBack, told] };
}

/** Trains the rest of an epoch, to its end or to a number that is not finite. */
async function trainEpoch(
  session: Session,
  checkpoints: Checkpoints,
  { stepsPerEpoch, totalSteps }: { stepsPerEpoch: number; totalSteps: number },
  start: Position,
  bar: Progress,
): Promise<{ train: Record<string, number>; notFinite: string | null }> {
  const { trainer, feed, config } = session;
  const { phase, epoch, rate } = start;
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
      const place = { step: inPhase, stepsPerEpoch, totalSteps, rate };
      const made = trainer.step(phase, feed.at(phase, inPhase), place);
      return Object.entries(made).map(
        ([name, value]) => [name, value instanceof Tensor ? value.item() : value] as const,
      );
    });
    for (const [name, value] of numbers) {
      if (!Number.isFinite(value))
        return { train: sums, notFinite: `${name} is ${value}, step ${inPhase + 1}` };
      sums[name] = (sums[name] ?? 0) + value;
    }
    bar.tick(1, numbers[0] === undefined ? "" : `${numbers[0][0]} ${numbers[0][1].toPrecision(3)}`);
  }
  const train = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / stepsPerEpoch]));
  return { train, notFinite: null };
}

function diverged({ config }: Session, { records }: Position, where: string): ArcletError {
  const saved = records.length === 0 ? "" : `; epoch ${records.length} is saved in ${config.out}`;
  return new ArcletError(`train: ${where}${saved}; a lower --lr or a --clip may help`);
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
      oracle: session.fromOracle || chosenBy === ORACLE,
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
