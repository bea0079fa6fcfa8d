/** What a program says of the shard that it is making: a small file, for people who wait. No result depends on it. */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
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
    if (performance.now() - this.written >= EVERY) this.write();
  }

  end(state: "done" | "stopped" | "failed", reason: string | null = null): void {
    this.status = { ...this.status, state, reason };
    this.write();
  }

  private write(): void {
    this.written = performance.now();
    this.status.updated = Date.now();
    const text = `${JSON.stringify(this.status)}\n`;
    try {
      writeFileWhole(this.path, text);
      rmSync(wordPath(this.path), { force: true });
    } catch {
      // A full disk ends the work itself; its reason needs no room where the file lies, or in the name of a link.
      if (!overwritten(this.path, text)) leftAsWord(this.path, this.status);
    }
  }
}

/** Writes over a file where it lies, which needs no room on a disk. @returns whether it did: it is only shown */
function overwritten(path: string, text: string): boolean {
  try {
    const file = openSync(path, "r+");
    try {
      writeSync(file, text, 0);
      ftruncateSync(file, Buffer.byteLength(text));
    } finally {
      closeSync(file);
    }
    return true;
  } catch {
    return false; // not there, or read-only
  }
}

/** A link beside the file, which leads nowhere but reads as what is to be said: most file systems keep that in its name. */
const wordPath = (path: string): string => `${path}.word`;
/** Characters that need no room of their own on a disk. */
const MOST_IN_WORD = 55;

function leftAsWord(path: string, { state, reason }: ShardStatus): void {
  try {
    rmSync(wordPath(path), { force: true });
    symlinkSync(`${state} ${(reason ?? "").slice(1 + state.length - MOST_IN_WORD)}`, wordPath(path));
  } catch {
    // it is only shown
  }
}

function readWord(path: string): ShardStatus | null {
  try {
    const [state, ...rest] = readlinkSync(path).split(" ");
    const at = lstatSync(path).mtimeMs;
    const about = { host: "", pid: 0, job: "", started: at, updated: at, done: 0, kept: 0, units: 0 };
    return schema.parse({ ...about, state, reason: rest.join(" ") });
  } catch {
    return null;
  }
}

/** What is said of a shard; null if nobody has begun it, or if it can't be read. */
export function readStatus(path: string): ShardStatus | null {
  if (!existsSync(path)) return readWord(wordPath(path));
  try {
    return checked(path, schema, readJson(path), { code: "broken" });
  } catch {
    return null; // only shown
  }
}
