/** Several runs in one folder: `NAME/` is a run, `NAME.json` its values, `NAME.log` its output. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { writeFileWhole } from "../../foundation/files.ts";
import { interrupted } from "../../foundation/interrupt.ts";
import { lockHolder } from "../../foundation/lock.ts";
import { loadedPlugins } from "../../foundation/plugins.ts";
import { MODEL_FILE } from "../model.ts";
import { CONFIG_FILE, lockOf } from "../run.ts";
import type { TrainByFile } from "./process.ts";

/** How often a lock that another process holds is checked, in ms. */
const LOCK_INTERVAL = 250;

export const isTrained = (folder: string): boolean => existsSync(join(folder, MODEL_FILE));

/** The file of a run's values, for `arclet train --config`. */
export const valuesFile = (out: string, name: string): string => join(out, `${name}.json`);

/**
 * Trains `OUT/NAME`, or resumes it; a trained run stays as it is. Waits for a process of an earlier command that is
 * still training it.
 *
 * @returns why it failed; empty if it did not
 */
export async function trainRun(
  out: string,
  name: string,
  values: Record<string, unknown>,
  trainByFile: TrainByFile,
): Promise<string> {
  const folder = join(out, name);
  while (lockHolder(lockOf(folder)) !== null && !interrupted()) await wait(LOCK_INTERVAL);
  if (isTrained(folder)) return "";
  if (interrupted()) return "interrupted";
  const config = valuesFile(out, name);
  const plugin = loadedPlugins().map(({ path }) => path);
  const all = plugin.length === 0 ? values : { plugin, ...values };
  writeFileWhole(config, `${JSON.stringify(all, null, 2)}\n`);
  return await trainByFile(config, existsSync(join(folder, CONFIG_FILE)), join(out, `${name}.log`));
}
