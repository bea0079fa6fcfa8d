/** The one training loop: phases, epochs and steps; after each epoch validators, log and checkpoint. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { type Progress, progress } from "../foundation/progress.ts";
import { sparkline } from "../foundation/sparkline.ts";
import { tidy } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { calibrateOn } from "./calibrate.ts";
import { Checkpoints, type Position, readCheckpoint, START } from "./checkpoint.ts";
import { Curves, stepsPerPoint } from "./curves.ts";
import { chosenEpoch, type EpochRecord, writeLog } from "./log.ts";
import { LAST_MODEL_FILE, MODEL_FILE, type ModelInfo, ORACLE_MODEL_FILE, writeModel } from "./model.ts";
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
  for (let phase = at.phase; phase < trainer.phases.length; phase++) {
    if (phase > at.phase) at = { ...at, phase, epoch: 0 };
    at = await trainPhase({ session, checkpoints, curves, resolved, say }, at);
  }
  return finish(session, checkpoints, resolved, provenance, at.records, say);
}

/** Steps of the whole run that are done. */
function stepsOfRun({ phases }: RunConfig["resolved"], { phase, epoch, step }: Position): number {
  const before = phases.slice(0, phase).reduce((sum, one) => sum + one.epochs * one.stepsPerEpoch, 0);
  return before + epoch * (phases[phase]?.stepsPerEpoch ?? 0) + step;
}

interface Run {
  session: Session;
  checkpoints: Checkpoints;
  curves: Curves;
  resolved: RunConfig["resolved"];
  say: (line: string) => void;
}

/** Trains the rest of a phase. */
async function trainPhase(run: Run, start: Position): Promise<Position> {
  const { session, checkpoints, curves, resolved, say } = run;
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
      at = { ...at, epoch: at.epoch + 1, step: 0, sums: {}, window: {}, rolledBack: [], records };
      checkpoints.write(session, at);
      curves.addEpoch(record);
      writeLog(config.out, at.records);
      const best = chosenEpoch(at.records, resolved.select)?.epoch ?? record.epoch;
      const kept = [best, record.epoch, oracleEpoch(at.records)?.epoch ?? record.epoch];
      if (config.keep === "chosen") checkpoints.prune(kept);
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
  run: Run,
  steps: { stepsPerEpoch: number; totalSteps: number },
  at: Position,
  bar: Progress,
): Promise<Ended> {
  const { session } = run;
  const { trainer, blueprint, feed, targetPrior: prior } = session;
  const [start, fed] = [performance.now(), feed.milliseconds];
  const { train, notFinite } = await trainEpoch(run, steps, at, bar);
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
function rollBack({ session, checkpoints, curves, resolved, say }: Run, at: Position, why: string): Position {
  const rate = at.rate / 2;
  if (rate < 2 ** -MOST_ROLLBACKS) throw diverged(session, at, `${why}, after ${MOST_ROLLBACKS} rollbacks`);
  readCheckpoint(checkpoints.path(at.records.length), session);
  if (at.epoch === 0) session.trainer.begin(at.phase);
  const told = `rolled back at rate × ${rate}: ${why}`;
  say(told);
  const back = { ...at, step: 0, sums: {}, window: {}, rate, rolledBack: [...at.rolledBack, told] };
  curves.goBack(stepsOfRun(resolved, back), at.records);
  return back;
}

/** Trains the rest of an epoch, to its end or to a number that is not finite. */
async function trainEpoch(
  { session, checkpoints, curves, resolved }: Run,
  { stepsPerEpoch, totalSteps }: { stepsPerEpoch: number; totalSteps: number },
  start: Position,
  bar: Progress,
): Promise<{ train: Record<string, number>; notFinite: string | null }> {
  const { trainer, feed, config } = session;
  const { phase, epoch, rate } = start;
  const { name: phaseName } = trainer.phases[phase]!;
  const sums = { ...start.sums };
  let window = { ...start.window };
  const every = stepsPerPoint(stepsPerEpoch);
  for (let step = start.step; step < stepsPerEpoch; step++) {
    try {
      await safePoint(`${config.out} is saved; go on with the same command and --resume`);
    } catch (stop) {
      if (step > 0) checkpoints.write(session, { ...start, step, sums, window });
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
      window[name] = (window[name] ?? 0) + value;
    }
    const done = step + 1;
    const since = (step % every) + 1;
    if (since === every || done === stepsPerEpoch) {
      const values = Object.fromEntries(Object.entries(window).map(([name, sum]) => [name, sum / since]));
      const epochs = start.records.length + done / stepsPerEpoch;
      const steps = stepsOfRun(resolved, { ...start, step: done });
      curves.add({ time: Date.now() / 1000, phase: phaseName, epoch: epochs, step: steps, values });
      window = {};
    }
    bar.tick(1, noteOf(numbers[0], curves));
  }
  const train = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / stepsPerEpoch]));
  return { train, notFinite: null };
}

/** The first of a step's numbers, as a rule the loss, and how it came there. */
function noteOf(first: readonly [string, number] | undefined, curves: Curves): string {
  if (first === undefined) return "";
  const [name, value] = first;
  return `${name} ${value.toPrecision(3)} ${sparkline(curves.latest(name, 16))}`.trimEnd();
}

function diverged({ config }: Session, { records }: Position, where: string): ArcletError {
  const saved = records.length === 0 ? "" : `; epoch ${records.length} is saved in ${config.out}`;
  return new ArcletError({
    where: "train",
    code: "failed",
    problem: `${where}${saved}`,
    fix: "a lower --lr or a --clip may help",
  });
}

/** The epoch that the oracle would choose, where it was asked. */
const oracleEpoch = (records: readonly EpochRecord[]): EpochRecord | undefined =>
  chosenEpoch(
    records.filter(({ validators }) => validators[ORACLE] !== undefined),
    ORACLE,
  );

/** Writes the last and the chosen epoch's model, and the oracle's where there is one, each with its calibration. */
function finish(
  session: Session,
  checkpoints: Checkpoints,
  { select }: RunConfig["resolved"],
  provenance: RunConfig["provenance"],
  records: EpochRecord[],
  say: (line: string) => void,
): TrainResult {
  const { trainer, config, blueprint, inputs, source } = session;
  const last = records[records.length - 1]!;
  const chosen = chosenEpoch(records, select)!;
  const even = source.info.classes.map((_, __, all) => 1 / all.length);
  const write = (file: string, record: EpochRecord, chosenBy: string | null) => {
    const phase = trainer.phases.findIndex(({ name }) => name === record.phase);
    const network = trainer.model(phase);
    const calibration = calibrateOn(
      network,
      blueprint.preprocessing,
      source,
      source.labelledRows("val"),
      config.balance === "classes" ? even : undefined,
    );
    if (calibration === null)
      say(`${file}: no calibration, since the source's val rows do not hold every class`);
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
      leak: session.leak,
      validators: record.validators,
      calibration,
      provenance: { ...provenance, ...JSON.parse(JSON.stringify({ inputs })) },
    };
    writeModel(join(config.out, file), network, info);
  };
  let at = last.epoch;
  const place = (record: EpochRecord) => {
    if (record.epoch !== at) readCheckpoint(checkpoints.path(record.epoch), session);
    at = record.epoch;
  };
  write(LAST_MODEL_FILE, last, null);
  const best = oracleEpoch(records);
  if (best !== undefined) {
    place(best);
    write(ORACLE_MODEL_FILE, best, ORACLE);
  }
  place(chosen);
  write(MODEL_FILE, chosen, select);
  return { folder: config.out, chosen, select, last, records };
}
