/** The method, the encoder and the preset of a run: as given, else the resumed run's own, else the defaults. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Origin } from "../foundation/config.ts";
import { ArcletError } from "../foundation/errors.ts";
import { DEFAULT_ENCODER, type TrainConfig } from "../train/config.ts";
import { readModelInfo } from "../train/model.ts";
import { COMMAND_PRESET, presetMethod } from "../train/presets/presets.ts";
import { CONFIG_FILE, readRunConfig, refuseWithoutPlugins } from "../train/run.ts";
import type { Chosen } from "./command.ts";

export interface TrainChoices {
  method: string;
  encoder: string;
  preset: string;
}

/** What a run's settings and their defaults depend on. @throws ArcletError for a run in the folder that can't be read */
export function trainChoices(chosen: Chosen): TrainChoices {
  const before = choicesBefore(chosen("out"));
  const preset = chosen("preset") ?? before?.preset ?? COMMAND_PRESET;
  return {
    preset,
    method: chosen("method") ?? before?.method ?? presetMethod(preset),
    encoder: chosen("encoder") ?? before?.encoder ?? encoderOf(chosen("from")) ?? DEFAULT_ENCODER,
  };
}

/** Those of the run that is in the folder already, so that another version's defaults don't change it. */
function choicesBefore(out: string | undefined): TrainChoices | undefined {
  if (out === undefined || !existsSync(join(out, CONFIG_FILE))) return undefined;
  // A method from a run's plug-in is unknown without it: report the missing plug-in, not the unknown method.
  refuseWithoutPlugins(out);
  const { method, encoder, preset = "paper" } = readRunConfig(out).values;
  return { method: String(method), encoder: String(encoder), preset: String(preset) };
}

/** The encoder of the model that a run starts from; undefined if it can't be read, which training will refuse. */
function encoderOf(from: string | undefined): string | undefined {
  if (from === undefined) return undefined;
  try {
    return readModelInfo(from).info.encoder.name;
  } catch (error) {
    if (error instanceof ArcletError) return undefined;
    throw error;
  }
}

/** Without a target, and with no method given, the source alone is learned. */
export function withMethodFor(config: TrainConfig, origin: Record<string, Origin>): TrainConfig {
  const given = (key: string) => (origin[key] ?? "default") !== "default";
  const own = Object.keys(origin).some((key) => key.startsWith("adamatch.") && given(key));
  if (config.target !== null || config.method !== "adamatch" || given("method") || own) return config;
  const { adamatch: _, ...rest } = config;
  return { ...rest, method: "source-only" } as TrainConfig;
}

/** What to say of a method that was not given. */
export function methodText({ method, preset, target, from, epochs }: TrainConfig): string {
  if (target === null) return `method: ${method}, as there is no target to adapt to`;
  if (preset !== COMMAND_PRESET) return `method: ${method}, the default of the preset ${preset}`;
  const start =
    from === null ? `first the source alone, ${epochs} epochs, then both domains` : `starting from ${from}`;
  return `method: ${method}, the default with a target: best on real sky (docs/results/real-sky.md); ${start}`;
}
