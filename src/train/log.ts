/** The training log: `log.jsonl`, a line an epoch. */
import { join } from "node:path";
import { z } from "zod";
import { readJsonLines, writeJsonLines } from "../foundation/json-lines.ts";

const numbers = z.record(z.string(), z.number());

export const epochRecord = z.strictObject({
  /** From 1, counted over all phases. */
  epoch: z.number().int().min(1),
  phase: z.string(),
  /** Whether the finished model may be this epoch's. */
  selectable: z.boolean(),
  /** Steps of the phase so far. */
  step: z.number().int(),
  /** Wall time of the epoch, with its validation. */
  seconds: z.number(),
  /** Part of the steps' time in which they wait for data: images read, prepared and augmented. Null in older logs. */
  dataShare: z.number().min(0).max(1).nullable().default(null),
  /** The step's named numbers, averaged over the epoch. */
  train: numbers,
  /** Scores without target labels, higher is better. */
  validators: numbers,
  /** Part of the target's images that each class is predicted for; empty without a target. */
  predicted: z.array(z.number()).default([]),
  /** What seemed to go wrong, and what was done. */
  warnings: z.array(z.string()).default([]),
});

export type EpochRecord = z.output<typeof epochRecord>;

export const LOG_FILE = "log.jsonl";

/** Written whole each time, so that a resumed run's log has each epoch once. */
export function writeLog(run: string, records: readonly EpochRecord[]): void {
  writeJsonLines(join(run, LOG_FILE), records);
}

/** A run's log. @throws ArcletError naming the file when it is missing or not a log */
export function readRecords(run: string): EpochRecord[] {
  const check = (value: unknown) => epochRecord.parse(value);
  return readJsonLines(join(run, LOG_FILE), "refuse", check, "is not an epoch of a run");
}

/** The selectable epoch that a validator scores highest, the earliest of equals; none when there is none. */
export function chosenEpoch(records: readonly EpochRecord[], validator: string): EpochRecord | undefined {
  let best: EpochRecord | undefined;
  for (const record of records) {
    if (!record.selectable) continue;
    if (best === undefined || record.validators[validator]! > best.validators[validator]!) best = record;
  }
  return best;
}
