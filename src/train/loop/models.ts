/** A finished run's models: of the last and the chosen epoch, and of the oracle's if there is one. */
import { join } from "node:path";
import type { Calibrator } from "../../adapt/calibration/calibrator.ts";
import { calibrateOn } from "../calibrate.ts";
import { chosenEpoch, type EpochRecord } from "../log.ts";
import { LAST_MODEL_FILE, MODEL_FILE, type ModelInfo, ORACLE_MODEL_FILE, writeModel } from "../model.ts";
import { ORACLE } from "../oracle.ts";
import { pluginsOfModel } from "../plugins.ts";
import { restore } from "../ranks/restoring.ts";
import type { RunConfig } from "../run.ts";
import { savedText, type Training } from "./training.ts";

type Provenance = RunConfig["provenance"];

/**
 * Writes the models, each with its calibration.
 *
 * @returns the chosen epoch and the last
 * @throws Interrupted when the user stops it: all epochs are saved, and a resumed run writes the models
 */
export async function writeModels(
  training: Training,
  provenance: Provenance,
  records: readonly EpochRecord[],
): Promise<{ chosen: EpochRecord; last: EpochRecord }> {
  const { session, checkpoints, resolved } = training;
  const last = records[records.length - 1]!;
  // An older version kept the earliest of equals: the latest may have no checkpoint.
  const kept = new Set(await session.ranks.share(() => checkpoints.epochs()));
  const present = records.filter(({ epoch }) => epoch === last.epoch || kept.has(epoch));
  const chosen = chosenEpoch(present, resolved.select)!;
  const oracle = oracleEpoch(present);
  let loaded = last.epoch;
  // Mostly the chosen epoch is the last: its calibration is fitted once.
  const calibrations = new Map<number, Calibrator | null>();
  const write = async (file: string, record: EpochRecord, chosenBy: string | null) => {
    if (record.epoch !== loaded) await restore(session, checkpoints.path(record.epoch));
    loaded = record.epoch;
    if (!calibrations.has(loaded)) calibrations.set(loaded, await calibrationOf(training, record));
    const calibration = calibrations.get(loaded) ?? null;
    if (session.ranks.leads)
      writeEpoch(training, file, { record, epochs: records.length, chosenBy, calibration, provenance });
  };
  await write(LAST_MODEL_FILE, last, null);
  if (oracle !== undefined) await write(ORACLE_MODEL_FILE, oracle, ORACLE);
  await write(MODEL_FILE, chosen, resolved.select);
  return { chosen, last };
}

/** The epoch that the oracle would choose; undefined if it read no labels. */
export const oracleEpoch = (records: readonly EpochRecord[]): EpochRecord | undefined =>
  chosenEpoch(
    records.filter(({ validators }) => validators[ORACLE] !== undefined),
    ORACLE,
  );

/** The network of the epoch that the session is at. */
const networkAt = ({ session: { trainer } }: Training, { phase }: EpochRecord) =>
  trainer.model(trainer.phases.findIndex(({ name }) => name === phase));

/** The calibration of the epoch that the session is at; null when the source's val rows lack a class. */
async function calibrationOf(training: Training, record: EpochRecord): Promise<Calibrator | null> {
  const { session } = training;
  const { config, start, data } = session;
  const { classes } = data.source.info;
  const drawn =
    config.balance === "classes"
      ? classes.map(() => 1 / classes.length)
      : config.parts === null
        ? undefined
        : session.priors.source;
  const { preprocessing } = start.blueprint;
  const { val } = data.rows;
  const network = networkAt(training, record);
  return await calibrateOn(network, preprocessing, data.source, val, drawn, savedText(session));
}

/** Writes the model of the epoch that the session is at. */
function writeEpoch(
  training: Training,
  file: string,
  epoch: {
    record: EpochRecord;
    epochs: number;
    chosenBy: string | null;
    calibration: Calibrator | null;
    provenance: Provenance;
  },
): void {
  const { session, say } = training;
  const { config, inputs, marks } = session;
  const { blueprint } = session.start;
  const { record, epochs, chosenBy, calibration, provenance } = epoch;
  if (calibration === null) say(`${file}: no calibration, since the source's val rows lack a class`);
  const info: ModelInfo = {
    format: 1,
    ...blueprint,
    method: config.method,
    seed: config.seed,
    epoch: record.epoch,
    epochs,
    phase: record.phase,
    chosenBy,
    oracle: marks.oracle || chosenBy === ORACLE,
    leak: marks.leak,
    ...(marks.graded.length === 0 ? {} : { graded: [...marks.graded] }),
    validators: record.validators,
    calibration,
    ...pluginsOfModel(blueprint),
    provenance: { ...provenance, ...JSON.parse(JSON.stringify({ inputs })) },
  };
  writeModel(join(config.out, file), networkAt(training, record), info);
}
