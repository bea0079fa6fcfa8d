/** The training log: `log.jsonl`, one line per epoch. */
import { join } from "node:path";
import { z } from "zod";
import { readJsonLines, writeJsonLines } from "../foundation/json-lines.ts";

const numbers = z.record(z.string(), z.number());

export const epochRecord = z.strictObject({
  /** From 1, counted over all phases. */
  epoch: z.number().int().min(1),
  phase: z.string(),
  /** Whether this epoch may be chosen. */
  selectable: z.boolean(),
  /** Steps of the phase that are done. */
  step: z.number().int(),
  /** Wall time of the epoch, validation included. */
  seconds: z.number(),
  /** Share of the steps' time spent on data: reading, preprocessing and augmenting images. Null in older logs. */
  dataShare: z.number().min(0).max(1).nullable().default(null),
  /** The steps' numbers by name, averaged over the epoch. */
  train: numbers,
  /** Scores without target labels, higher is better. */
  validators: numbers,
  /** `source-auroc` of each source of a mixed one, by its folder; empty for one source. */
  sources: numbers.default({}),
  /** Share of the target's images that each class is predicted for (K); empty without a target. */
  predicted: z.array(z.number()).default([]),
  /** What seemed to go wrong, and what was done. */
  warnings: z.array(z.string()).default([]),
});

/** An epoch's numbers, as `log.jsonl` has them. */
export type EpochRecord = z.output<typeof epochRecord>;

export const LOG_FILE = "log.jsonl";

/** Writes the whole log each time, so that a resumed run's log has each epoch once. */
export function writeLog(run: string, records: readonly EpochRecord[]): void {
  writeJsonLines(join(run, LOG_FILE), records);
}

/** A run's log. @throws ArcletError naming the file when it is missing or not a log */
export function readRecords(run: string): EpochRecord[] {
  const check = (value: unknown) => epochRecord.parse(value);
  return readJsonLines(join(run, LOG_FILE), "refuse", check, "is not an epoch of a run");
}

/**
 * The selectable epoch that a validator scores highest; undefined without any. Of equals it is the latest: a score that
 * can't rise any further (an AUROC of 1) would else choose the epoch that has learned least.
 */
export function chosenEpoch(records: readonly EpochRecord[], validator: string): EpochRecord | undefined {
  let best: EpochRecord | undefined;
  for (const record of records) {
    if (!record.selectable) continue;
    if (best === undefined || record.validators[validator]! >= best.validators[validator]!) best = record;
  }
  return best;
}
