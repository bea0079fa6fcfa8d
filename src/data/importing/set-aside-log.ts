/** Images set aside while a folder is made: a line of JSON each, so that a later program need not look at them again. */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { guarded } from "../../foundation/files.ts";
import type { SetAside } from "../quarantine.ts";

export class SetAsideLog {
  readonly path: string;
  /** Those so far, in the order of their rows. */
  readonly entries: SetAside[] = [];
  private readonly file: number;
  private end = 0;

  /** @param before entries of rows from here on are forgotten: they are looked at again */
  constructor(path: string, before: number) {
    this.path = path;
    if (existsSync(path))
      for (const line of guarded(path, () => readFileSync(path, "utf8")).split(/(?<=\n)/)) {
        const entry = parsed(line);
        if (entry === undefined || entry.row >= before) break;
        this.entries.push(entry);
        this.end += Buffer.byteLength(line);
      }
    this.file = guarded(path, () => openSync(path, existsSync(path) ? "r+" : "w"));
    guarded(path, () => ftruncateSync(this.file, this.end));
  }

  /** Writes entries, of rows that follow the last one's. */
  append(entries: readonly SetAside[]): void {
    if (entries.length === 0) return;
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    for (let done = 0; done < bytes.length; )
      done += guarded(this.path, () =>
        writeSync(this.file, bytes, done, bytes.length - done, this.end + done),
      );
    this.end += bytes.length;
    this.entries.push(...entries);
  }

  close(): void {
    closeSync(this.file);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

function parsed(line: string): SetAside | undefined {
  if (!line.endsWith("\n")) return undefined;
  try {
    return JSON.parse(line) as SetAside;
  } catch {
    return undefined;
  }
}
