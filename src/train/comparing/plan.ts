/** A comparison's runs: their names, their settings, and the runs that they start from. */

import { join } from "node:path";
import { z } from "zod";
import { adaptsToTarget } from "../../adapt/method.ts";
import { methods } from "../../adapt/registry.ts";
import { validators } from "../../adapt/validators/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { type Origin, resolveConfig } from "../../foundation/config.ts";
import { refuse } from "../../foundation/errors.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { sharedKeys, type TrainConfig, trainSchema } from "../config.ts";
import { groupOf } from "../group.ts";
import { BASE_ROW, type ComparisonSpec, type Settings } from "./spec.ts";

export interface PlannedRun {
  /** Name of its folder in the comparison's. */
  name: string;
  folder: string;
  /** Key of its encoder and of its method in the spec, and its seed. */
  encoder: string;
  row: string;
  seed: number;
  method: string;
  /** Name of the run whose chosen epoch it starts from; null for none. */
  from: string | null;
  /** All its settings, and the origin of each. */
  config: TrainConfig;
  origin: Record<string, Origin>;
  /** Its settings that are not defaults: the file for `arclet train --config`. */
  values: Record<string, unknown>;
}

/** Defaults of the runs, unless the spec names a preset. */
const COMPARE_PRESET = "paper";

/** Settings of graded rows, which are dropped for runs of methods that take none. */
const GRADED_KEYS: ReadonlySet<string> = new Set(sharedKeys().filter((key) => key.startsWith("graded")));

/** The dataset that is tested on. */
export const testedOn = ({ test, target }: ComparisonSpec): string => test.data ?? target;

/**
 * All runs, seed by seed, each after the run that it starts from.
 *
 * @param where the spec's file, or the command, for messages
 * @throws ArcletError for unknown names, values that training would refuse, and two runs with one folder
 */
export function plannedRuns(spec: ComparisonSpec, where: string): PlannedRun[] {
  const rows = inOrder(spec, where);
  const runs = new Map<string, PlannedRun>();
  for (const seed of spec.seeds)
    for (const encoder of Object.keys(spec.encoders))
      for (const row of rows) {
        const run = plannedRun(spec, where, encoder, row, seed);
        const other = runs.get(run.name);
        if (other !== undefined)
          refuse(where, "names", "different in their letters and digits", [
            `${other.encoder}, ${other.row}`,
            `${encoder}, ${row}`,
          ]);
        runs.set(run.name, run);
      }
  return [...runs.values()];
}

/** The row that a row starts from; null for none. */
export function startOf(spec: ComparisonSpec, row: string): string | null {
  const given = spec.methods[row]?.from;
  if (given !== undefined) return given;
  return adaptsToTarget(methods.find(methodOf(spec, row))) ? BASE_ROW : null;
}

const methodOf = (spec: ComparisonSpec, row: string): string => spec.methods[row]?.method ?? row;

/** Rows in an order in which they can be trained. */
function inOrder(spec: ComparisonSpec, where: string): string[] {
  const rows = Object.keys(spec.methods);
  for (const row of rows) methods.find(methodOf(spec, row), where, ["methods", row, "method"]);
  const ordered: string[] = [];
  const add = (row: string, after: readonly string[]) => {
    if (ordered.includes(row)) return;
    if (after.includes(row)) refuse(where, ["methods", row, "from"], "no circle of rows", [...after, row]);
    const from = startOf(spec, row);
    if (from !== null && !rows.includes(from))
      refuse(where, ["methods", row, "from"], `a row (${rows.join(", ")}), or null for a fresh start`, from);
    if (from !== null) add(from, [...after, row]);
    ordered.push(row);
  };
  for (const row of rows) add(row, []);
  return ordered;
}

const nameOf = (encoder: string, row: string, seed: number): string =>
  inFileName(`${encoder}-${row}-${seed}`);

function plannedRun(
  spec: ComparisonSpec,
  where: string,
  encoder: string,
  row: string,
  seed: number,
): PlannedRun {
  const { source, target, out, oracle, test } = spec;
  const method = methodOf(spec, row);
  const settings = spec.encoders[encoder] ?? {};
  const network = typeof settings.encoder === "string" ? settings.encoder : encoder;
  encoders.find(network, where, ["encoders", encoder]);
  const start = startOf(spec, row);
  const from = start === null ? null : nameOf(encoder, start, seed);
  const name = nameOf(encoder, row, seed);
  const folder = join(out, name);
  // The upper bound is trained on the target in place of the source.
  const upper = method === "target-only";
  const values: Record<string, unknown> = {
    // Named, since `arclet train` itself would take another.
    preset: COMPARE_PRESET,
    ...settingsOf(spec, { encoder, network, row, method, started: from !== null }),
    source: upper ? target : source,
    target: upper ? null : target,
    ...(upper ? { also: null, parts: null } : {}),
    ...(from === null ? {} : { from: join(out, from) }),
    ...(oracle && !upper ? { oracleSplits: [test.split] } : {}),
    method,
    encoder: network,
    seed,
    out: folder,
  };
  const schema = trainSchema(method, network, String(values.preset));
  const label = `${where}, ${row} with ${encoder}`;
  const { values: config, origin } = resolveConfig(label, schema, { file: { path: label, values } });
  return {
    ...{ name, folder, encoder, row, seed, method, from, origin },
    config: config as TrainConfig,
    values,
  };
}

/**
 * A run's settings: the shared ones, then the encoder's, then the method's own. Groups of other methods and encoders are
 * dropped, whether they are compared or not, and so are settings that don't apply to a run that starts from another.
 */
function settingsOf(
  spec: ComparisonSpec,
  run: { encoder: string; network: string; row: string; method: string; started: boolean },
): Record<string, unknown> {
  const others = (names: readonly string[], name: string) =>
    new Set(names.map(groupOf).filter((group) => group !== groupOf(name)));
  const ofOtherMethods = others(methods.names, run.method);
  const ofOtherEncoders = others(encoders.names, run.network);
  const { needsTarget, graded } = methods.find(run.method);
  const kept = (given: Settings, dropped: readonly ReadonlySet<string>[]) =>
    Object.entries(flat(given)).filter(([key, value]) => {
      const group = key.split(".")[0]!;
      if (dropped.some((groups) => groups.has(group))) return false;
      if (run.started && key === "weights") return false;
      if (!run.started && key === "priorFrom") return false;
      if (graded === "no" && GRADED_KEYS.has(key)) return false;
      // A validator of graded rows can't choose without them, nor one of the target without a target.
      if (graded === "no" && key === "select" && needsGraded(value)) return false;
      return !(!needsTarget && run.method === "target-only" && key === "select");
    });
  const encoder = spec.encoders[run.encoder] ?? {};
  return Object.fromEntries([
    ...kept(spec.settings, [ofOtherMethods, ofOtherEncoders]),
    ...kept(encoder, [ofOtherMethods]),
    ...Object.entries(flat(spec.methods[run.row]?.settings ?? {})).filter(
      ([key]) => !ofOtherEncoders.has(key.split(".")[0]!),
    ),
  ]);
}

const needsGraded = (validator: unknown): boolean =>
  validators.list.some((one) => one.name === validator && one.needsGraded === true);

const isGroup = (value: unknown): value is Settings =>
  z.record(z.string(), z.unknown()).safeParse(value).success;

/** Nested keys as dotted ones. */
function flat(given: Settings, prefix = ""): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]): [string, unknown][] =>
      isGroup(value) ? Object.entries(flat(value, `${prefix}${key}.`)) : [[prefix + key, value]],
    ),
  );
}
