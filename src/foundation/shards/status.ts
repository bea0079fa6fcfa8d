/** What a program says of the shard that it is making: a small file, for people who wait. No result depends on it. */
import { closeSync, existsSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { checked } from "../errors/zod-errors.ts";
import { readJson, writeFileWhole } from "../files.ts";

const schema = z.object({
  state: z.enum(["running", "stopped", "failed", "done"]),
  host: z.string(),
  pid: z.number(),
  /** The scheduler's name of the job; null without one. */
  job: z.string().nullable(),
  /** Milliseconds since 1970. */
  started: z.number(),
  updated: z.number(),
  /** Units of the shard that are made, those of earlier attempts included. */
  done: z.number(),
  /** Of these, made by earlier attempts. */
  kept: z.number(),
  units: z.number(),
  /** Why it failed or stopped. */
  reason: z.string().nullable(),
});

export type ShardStatus = z.output<typeof schema>;

/** Between two writings, ms. */
const EVERY = 2_000;

/** Tells how far a shard is. */
export class StatusFile {
  private readonly path: string;
  private status: ShardStatus;
  private written = 0;

  constructor(path: string, units: number) {
    this.path = path;
    const now = Date.now();
    this.status = {
      state: "running",
      host: hostname(),
      pid: process.pid,
      job: process.env.ARCLET_JOB ?? null,
      ...{ started: now, updated: now, done: 0, kept: 0, units, reason: null },
    };
    this.write();
  }

  /** `units` more are made; `kept` of them were made earlier. */
  tick(units: number, kept = 0): void {
    this.status.done += units + kept;
    this.status.kept += kept;
    if (Date.now() - this.written >= EVERY) this.write();
  }

  end(state: "done" | "stopped" | "failed", reason: string | null = null): void {
    this.status = { ...this.status, state, reason };
    this.write();
  }

  private write(): void {
    this.written = Date.now();
    this.status.updated = this.written;
    const text = `${JSON.stringify(this.status)}\n`;
    try {
      writeFileWhole(this.path, text);
    } catch {
      // A full disk ends the work itself, with its reason: that is said in the place that the file has already.
      overwritten(this.path, text);
    }
  }
}

/** Writes over a file where it lies, which needs no room on a disk. Nothing is done if that fails: it is only shown. */
function overwritten(path: string, text: string): void {
  try {
    const file = openSync(path, "r+");
    try {
      writeSync(file, text, 0);
      ftruncateSync(file, Buffer.byteLength(text));
    } finally {
      closeSync(file);
    }
  } catch {
    // not there, or read-only
  }
}

/** What is said of a shard; null if nobody has begun it, or if it can't be read. */
export function readStatus(path: string): ShardStatus | null {
  if (!existsSync(path)) return null;
  try {
    return checked(path, schema, readJson(path), { code: "broken" });
  } catch {
    return null; // only shown
  }
}
