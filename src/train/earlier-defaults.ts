/** Defaults that have changed since: a run that was started under an earlier one keeps it when it is resumed. */
import type { Origin } from "../foundation/config.ts";
import type { TrainConfig } from "./config.ts";

/** The earlier default, by key. */
const EARLIER: Readonly<Record<string, unknown>> = { validateOn: 4096 };

/** Whether a run's value is an earlier version's default, and nothing else is asked for now. */
export const isEarlierDefault = (key: string, value: unknown, origin: Record<string, Origin>): boolean =>
  key in EARLIER && EARLIER[key] === value && (origin[key] ?? "default") === "default";

/** The configuration with the earlier defaults that a run was started under. @param before the run's own values */
export function withEarlierDefaults(
  config: TrainConfig,
  before: Readonly<Record<string, unknown>>,
  origin: Record<string, Origin>,
): TrainConfig {
  const kept = Object.keys(EARLIER).filter((key) => isEarlierDefault(key, before[key], origin));
  return { ...config, ...Object.fromEntries(kept.map((key) => [key, before[key]])) };
}
