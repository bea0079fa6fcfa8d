/** A run's folder: its configuration and inputs, and the checks that keep another run's steps out of it. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type NumberDeclarations, numberDeclaration } from "../adapt/numbers.ts";
import { methods } from "../adapt/registry.ts";
import type { Origin } from "../foundation/config.ts";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError, refuse, show } from "../foundation/errors.ts";
import { holdsOnlyPartial, readJson, writeFileWhole } from "../foundation/files.ts";
import { pluginFile, refuseChangedPlugins, refuseMissingPlugins } from "../foundation/plugins.ts";
import { isEarlierDefault } from "./earlier-defaults.ts";
import { withCurrentNames } from "./earlier-names.ts";
import { leakMark } from "./leak.ts";
import { RANK_KEYS } from "./ranks/config.ts";
import { CONFIG_FILE } from "./run-files.ts";

export { CONFIG_FILE };

/** The lock of a run's folder: beside it, since a new run's folder must be empty. */
export const lockOf = (folder: string): string => `${folder}.lock`;

const input = z.strictObject({ path: z.string(), name: z.string(), contentHash: z.string() });

const runConfig = z.strictObject({
  format: z.literal(1),
  /** Every setting of the run. */
  values: z.record(z.string(), z.json()),
  /** The origin of each, by dotted key. */
  origin: z.record(z.string(), z.enum(["default", "file", "flag"])),
  /** Its inputs: datasets by content, a starting model by its file's hash. */
  inputs: z.strictObject({
    source: input,
    /** Further sources; runs of older versions have none. */
    also: z.array(input).default([]),
    target: input.nullable(),
    /** The table of grades; runs of older versions have none. */
    graded: input.nullable().default(null),
    from: input.nullable(),
    weights: input.nullable().default(null),
  }),
  /** What the settings left open. */
  resolved: z.strictObject({
    device: z.string().default("cpu"),
    precision: z.enum(["float32", "bfloat16"]),
    select: z.string(),
    phases: z.array(z.strictObject({ name: z.string(), epochs: z.number(), stepsPerEpoch: z.number() })),
    parameters: z.number(),
    rows: z.record(z.string(), z.number()),
    /** What the method declares of its steps' numbers. Absent in runs of older versions: see `numbersOf`. */
    numbers: z.record(z.string(), numberDeclaration).optional(),
  }),
  /** The plug-ins that it needs; left out if there are none. */
  plugins: z.array(pluginFile).optional(),
  /** What its datasets share and must not, if `--allow-leak` let it pass. */
  leak: leakMark.nullable().default(null),
  provenance: z.record(z.string(), z.json()),
});

/** The contents of a run's `config.json`. */
export type RunConfig = z.output<typeof runConfig>;
export type RunInputs = RunConfig["inputs"];

/** Keys that may differ when a run is resumed; inputs are compared by content, not by path. */
const FREE = new Set([
  "out",
  "resume",
  "source",
  "also",
  "target",
  "graded",
  "from",
  "weights",
  ...RANK_KEYS,
]);

/** @throws ArcletError when the folder's `config.json` is missing or wrong */
export function readRunConfig(folder: string): RunConfig {
  const path = join(folder, CONFIG_FILE);
  const config = checked(path, runConfig, readJson(path), { code: "broken" });
  return { ...config, values: withCurrentNames(config.values) };
}

/** What is declared of the numbers in a run's logs; for an older run, what its method declares today. */
export function numbersOf({ resolved, values }: RunConfig): NumberDeclarations {
  const method = methods.list.find(({ name }) => name === values.method);
  return resolved.numbers ?? method?.numbers ?? {};
}

/** Refuses a folder whose run needs a plug-in that is not loaded; one without a run passes. @throws ArcletError naming it */
export function refuseWithoutPlugins(folder: string): void {
  if (existsSync(join(folder, CONFIG_FILE)))
    refuseMissingPlugins(folder, readRunConfig(folder).plugins ?? []);
}

export function writeRunConfig(folder: string, config: RunConfig): void {
  writeFileWhole(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/** Whether a run that was killed before it wrote anything whole has left its folder: it is begun again. */
export const isBarelyBegun = (folder: string): boolean => existsSync(folder) && holdsOnlyPartial(folder);

/** Removes what a killed program has left of files that it was writing. */
export function clearPartial(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name.endsWith(".partial")) rmSync(join(folder, name), { force: true });
}

/** @throws ArcletError when a new run's folder is not empty */
export function refuseTaken(folder: string): void {
  if (existsSync(folder) && !holdsOnlyPartial(folder))
    refuse("train", "out", "a new or empty folder (--resume resumes the run in it)", folder);
}

/**
 * Refuses to resume a run with other settings or inputs.
 *
 * @throws ArcletError naming the first key that differs, with both values
 */
export function refuseOtherRun(
  folder: string,
  before: RunConfig,
  values: Record<string, unknown>,
  origin: Record<string, Origin>,
  inputs: RunInputs,
): void {
  refuseOtherInputs(folder, before.inputs, inputs);
  refuseOtherValues(folder, before, values, origin);
}

/** @throws ArcletError when a plug-in that a run was trained with is not loaded, or has changed */
export const refuseOtherPlugins = (folder: string, { plugins = [] }: Pick<RunConfig, "plugins">): void =>
  refuseChangedPlugins(folder, plugins);

/**
 * Refuses inputs, of those given, that differ from a run's.
 *
 * @param folder what the error begins with, @param before what they must be, @param was and who has those
 * @throws ArcletError naming the first
 */
export function refuseOtherInputs(
  folder: string,
  before: RunInputs,
  inputs: Partial<RunInputs>,
  was = "was trained with",
): void {
  const named = (entry: RunInputs["source"] | null) =>
    entry === null ? "none" : `${entry.name} (${entry.path})`;
  if (inputs.also !== undefined) {
    const hashes = (list: RunInputs["also"]) => list.map(({ contentHash }) => contentHash).join();
    const listed = (list: RunInputs["also"]) => list.map(named).join(", ") || "none";
    if (hashes(before.also) !== hashes(inputs.also))
      throw new ArcletError({
        where: folder,
        code: "conflict",
        problem: `${was} other further sources: ${listed(before.also)}, now ${listed(inputs.also)}`,
      });
  }
  for (const key of ["source", "target", "graded", "from", "weights"] as const) {
    if (inputs[key] === undefined || before[key]?.contentHash === inputs[key]?.contentHash) continue;
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `${was} another ${key}: ${named(before[key])}, now ${named(inputs[key])}`,
    });
  }
}

/**
 * Refuses values that differ from a run's. A key that the run's older Arclet did not have may be at its default, since
 * that is what the run did.
 *
 * @param origin of each value, by dotted key
 * @throws ArcletError naming the first key that differs
 */
export function refuseOtherValues(
  folder: string,
  before: RunConfig,
  values: Record<string, unknown>,
  origin: Record<string, Origin>,
): void {
  const [old, now] = [leaves(before.values), leaves(values)];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    if (FREE.has(key)) continue;
    const [a, b] = [old.get(key), now.get(key)];
    if (a === undefined && (origin[key] ?? "default") === "default") continue;
    if (isEarlierDefault(key, before.values[key], origin)) continue;
    if (a !== b)
      throw new ArcletError({
        where: folder,
        code: "conflict",
        problem: `was trained with ${key} ${a ?? "not given"}, now ${b ?? "not given"}`,
      });
  }
}

/** Values as text, by dotted key. */
export function leaves(values: Record<string, unknown>, prefix = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      for (const [inner, leaf] of leaves(value as Record<string, unknown>, `${prefix}${key}.`))
        texts.set(inner, leaf);
    else texts.set(prefix + key, show(value));
  }
  return texts;
}
