/** A run's folder: what it was asked, made of what, and that no other run's steps get mixed in. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Origin } from "../foundation/config.ts";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError, refuse, show } from "../foundation/errors.ts";
import { readJson, writeFileWhole } from "../foundation/files.ts";
import { withCurrentNames } from "./earlier-names.ts";
import { leakMark } from "./leak.ts";

export const CONFIG_FILE = "config.json";

/** The lock of a run's folder: it lies beside it, since a new run's folder must be empty. */
export const lockOf = (folder: string): string => `${folder}.lock`;

const input = z.strictObject({ path: z.string(), name: z.string(), contentHash: z.string() });

const runConfig = z.strictObject({
  format: z.literal(1),
  /** Every value of the run. */
  values: z.record(z.string(), z.json()),
  /** Where each came from, by dotted key. */
  origin: z.record(z.string(), z.enum(["default", "file", "flag"])),
  /** What it was made of: datasets by content, a starting model by its file's hash. */
  inputs: z.strictObject({
    source: input,
    target: input.nullable(),
    from: input.nullable(),
    weights: input.nullable().default(null),
  }),
  /** What was left open and is decided. */
  resolved: z.strictObject({
    device: z.string().default("cpu"),
    precision: z.enum(["float32", "bfloat16"]),
    select: z.string(),
    phases: z.array(z.strictObject({ name: z.string(), epochs: z.number(), stepsPerEpoch: z.number() })),
    parameters: z.number(),
    rows: z.record(z.string(), z.number()),
  }),
  /** What its datasets share and must not, where `--allow-leak` let it pass. */
  leak: leakMark.nullable().default(null),
  provenance: z.record(z.string(), z.json()),
});

export type RunConfig = z.output<typeof runConfig>;
export type RunInputs = RunConfig["inputs"];

/** Keys that may differ between a run and its resumption; inputs are compared by content, not by path. */
const FREE = new Set(["out", "resume", "source", "target", "from", "weights"]);

/** @throws ArcletError when the folder's `config.json` is missing or wrong */
export function readRunConfig(folder: string): RunConfig {
  const path = join(folder, CONFIG_FILE);
  const config = checked(path, runConfig, readJson(path), { code: "broken" });
  return { ...config, values: withCurrentNames(config.values) };
}

export function writeRunConfig(folder: string, config: RunConfig): void {
  writeFileWhole(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/** @throws ArcletError when a new run's folder holds anything already */
export function refuseTaken(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    refuse("train", "out", "a folder that is not there yet, or go on in it with --resume", folder);
}

/**
 * Refuses to go on with a run under another configuration.
 *
 * @throws ArcletError naming the first key that differs, with both values
 */
export function refuseOtherRun(
  folder: string,
  was: RunConfig,
  values: Record<string, unknown>,
  origin: Record<string, Origin>,
  inputs: RunInputs,
): void {
  refuseOtherInputs(folder, was, inputs);
  refuseOtherValues(folder, was, values, origin);
}

/** Refuses other inputs, of those that are given, than a run was trained with. @throws ArcletError naming the first */
export function refuseOtherInputs(folder: string, was: RunConfig, inputs: Partial<RunInputs>): void {
  for (const key of ["source", "target", "from", "weights"] as const) {
    if (inputs[key] === undefined || was.inputs[key]?.contentHash === inputs[key]?.contentHash) continue;
    const of = (one: RunInputs["source"] | null) => (one === null ? "none" : `${one.name} (${one.path})`);
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `was trained with another ${key}: ${of(was.inputs[key])}, now ${of(inputs[key])}`,
    });
  }
}

/**
 * Refuses other values than those a run was trained with. A key that an older Arclet did not have may be at its default,
 * which is what was done before there was the key.
 *
 * @param origin where each value came from, by dotted key
 * @throws ArcletError naming the first key that differs
 */
export function refuseOtherValues(
  folder: string,
  was: RunConfig,
  values: Record<string, unknown>,
  origin: Record<string, Origin>,
): void {
  const [before, now] = [leaves(was.values), leaves(values)];
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    if (FREE.has(key)) continue;
    const [a, b] = [before.get(key), now.get(key)];
    if (a === undefined && (origin[key] ?? "default") === "default") continue;
    if (a !== b)
      throw new ArcletError({
        where: folder,
        code: "conflict",
        problem: `was trained with ${key} ${a ?? "not given"}, now ${b ?? "not given"}`,
      });
  }
}

/** Values as text, by dotted key. */
function leaves(values: Record<string, unknown>, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      for (const [inner, leaf] of leaves(value as Record<string, unknown>, `${prefix}${key}.`))
        found.set(inner, leaf);
    else found.set(prefix + key, show(value));
  }
  return found;
}
