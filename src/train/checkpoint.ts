/** The state of a run as a file: everything that its further steps depend on. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArcletError } from "../foundation/errors.ts";
import { tensor } from "../torch/create.ts";
import type { Generator } from "../torch/random.ts";
import {
  readSafetensors,
  readSafetensorsMetadata,
  type SafeTensors,
  writeSafetensors,
} from "../torch/safetensors.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { epochRecord } from "./log.ts";
import { disposeAll } from "./model.ts";

const positionSchema = z.strictObject({
  /** Index of the phase. */
  phase: z.number().int().min(0),
  /** Epochs of this phase that are done. */
  epoch: z.number().int().min(0),
  /** Steps of the unfinished epoch that are done. */
  step: z.number().int().min(0),
  /** Sums of that epoch's numbers so far. */
  sums: z.record(z.string(), z.number()),
  /** Sums of the numbers since the last point of the curves. */
  window: z.record(z.string(), z.number()).default({}),
  /** The factor of every learning rate: halved each time that the run is rolled back. */
  rate: z.number().positive().default(1),
  /** Why the run was rolled back since the last finished epoch. */
  rolledBack: z.array(z.string()).default([]),
  /** Every finished epoch of the run. */
  records: z.array(epochRecord),
});

export type Position = z.output<typeof positionSchema>;

export const START: Position = {
  phase: 0,
  epoch: 0,
  step: 0,
  sums: {},
  window: {},
  rate: 1,
  rolledBack: [],
  records: [],
};

/** What a checkpoint holds besides its position. */
export interface Holder {
  trainer: { state(): Map<string, Tensor>; load(state: ReadonlyMap<string, Tensor>): void };
  generators: Readonly<Record<string, Generator>>;
}

const FOLDER = "checkpoints";
const UNFINISHED = "unfinished";
const KEY = "arclet";

/** The folder of a run's checkpoints. */
export const checkpointsOf = (run: string): string => join(run, FOLDER);

/** The checkpoint files of a run. */
export class Checkpoints {
  private readonly folder: string;
  private readonly writes: boolean;

  /** @param writes whether files are written and removed; of several ranks only one does */
  constructor(run: string, writes = true) {
    this.folder = checkpointsOf(run);
    this.writes = writes;
  }

  /** `epoch-03.safetensors` */
  path(epoch: number | typeof UNFINISHED): string {
    const name = typeof epoch === "number" ? `epoch-${String(epoch).padStart(2, "0")}` : epoch;
    return join(this.folder, `${name}.safetensors`);
  }

  /** Writes a checkpoint: under the number of the last epoch, or as unfinished in the middle of one. */
  write(holder: Holder, position: Position): void {
    if (!this.writes) return;
    const path = this.path(position.step > 0 ? UNFINISHED : position.records.length);
    tidy(() => writeSafetensors(path, heldState(holder), { [KEY]: JSON.stringify(position) }));
    if (position.step === 0) this.dropUnfinished();
  }

  /** Removes an unfinished epoch's file, once the epoch has its own. */
  dropUnfinished(): void {
    if (this.writes) rmSync(this.path(UNFINISHED), { force: true });
  }

  /** The file that a run resumes from: the unfinished epoch's, else the last epoch's; undefined without any. */
  latest(): string | undefined {
    const epochs = this.epochs();
    const last = epochs[epochs.length - 1];
    const unfinished = this.path(UNFINISHED);
    if (existsSync(unfinished) && readPosition(unfinished).records.length >= (last ?? 0)) return unfinished;
    return last === undefined ? undefined : this.path(last);
  }

  /** Removes all but the given epochs. */
  prune(keep: readonly number[]): void {
    if (!this.writes) return;
    for (const epoch of this.epochs()) if (!keep.includes(epoch)) rmSync(this.path(epoch), { force: true });
  }

  /** Epochs that have a file, in order. */
  epochs(): number[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .flatMap((file) => /^epoch-(\d+)\.safetensors$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
}

/** Restores the holder's state from a checkpoint. @throws ArcletError when the file is not a checkpoint of it */
export function readCheckpoint(path: string, holder: Holder): Position {
  const restored = readPosition(path);
  const { tensors } = readWhole(path);
  try {
    loadState(path, holder, tensors);
  } finally {
    disposeAll(tensors.values());
  }
  return restored;
}

/** All that a checkpoint holds of its holder, by name. Call it in a scope. */
export function heldState({ trainer, generators }: Holder): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, value] of trainer.state()) tensors.set(`trainer.${name}`, value);
  for (const [name, generator] of Object.entries(generators))
    tensors.set(`generator.${name}`, tensor(generator.state()));
  return tensors;
}

/** Gives a holder what `heldState` had. @param where it is from, for errors */
export function loadState(where: string, holder: Holder, tensors: ReadonlyMap<string, Tensor>): void {
  const state = new Map<string, Tensor>();
  for (const [name, value] of tensors)
    if (name.startsWith("trainer.")) state.set(name.slice("trainer.".length), value);
  holder.trainer.load(state);
  for (const [name, generator] of Object.entries(holder.generators)) {
    const saved = tensors.get(`generator.${name}`);
    if (saved === undefined)
      throw new ArcletError({ where, code: "broken", problem: `generator ${name} is missing` });
    generator.restore(saved.data() as Uint8Array);
  }
}

/** Without a damaged checkpoint the run resumes from the one before it. */
const WITHOUT = "without the file, --resume continues from the checkpoint before it";

function readWhole(path: string): SafeTensors {
  try {
    return readSafetensors(path);
  } catch (error) {
    if (error instanceof ArcletError && error.code === "broken")
      throw new ArcletError({ ...error.data, fix: WITHOUT }, { cause: error });
    throw error;
  }
}

function readPosition(path: string): Position {
  const text = readSafetensorsMetadata(path)[KEY];
  const parsed = positionSchema.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: "is not a checkpoint of this Arclet, or damaged",
      fix: WITHOUT,
    });
  return parsed.data;
}

/** Undefined for what is not JSON. */
function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
