/** Runs side by side in one folder: `NAME/` a run, `NAME.json` the values it is trained by, `NAME.log` what it said. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { writeFileWhole } from "../../foundation/files.ts";
import { interrupted } from "../../foundation/interrupt.ts";
import { lockHolder } from "../../foundation/lock.ts";
import { MODEL_FILE } from "../model.ts";
import { CONFIG_FILE, lockOf } from "../run.ts";
import type { TrainByFile } from "./process.ts";

/** How often a lock is looked at that another process holds, in ms. */
const LOOK = 250;

export const isTrained = (folder: string): boolean => existsSync(join(folder, MODEL_FILE));

/** The file of a run's values, for `arclet train --config`. */
export const valuesFile = (out: string, name: string): string => join(out, `${name}.json`);

/**
 * Trains `OUT/NAME`, or goes on with it where it was cut off; what is trained already stays as it is. A process that an
 * earlier command left at work on it is waited for.
 *
 * @returns why it failed, empty when it did not
 */
export async function trainRun(
  out: string,
  name: string,
  values: Record<string, unknown>,
  trainByFile: TrainByFile,
): Promise<string> {
  const folder = join(out, name);
  while (lockHolder(lockOf(folder)) !== null && !interrupted()) await wait(LOOK);
  if (isTrained(folder)) return "";
  if (interrupted()) return "interrupted";
  const config = valuesFile(out, name);
  writeFileWhole(config, `${JSON.stringify(values, null, 2)}\n`);
  return await trainByFile(config, existsSync(join(folder, CONFIG_FILE)), join(out, `${name}.log`));
}
