/**
 * What was set aside while a folder is made, a line of JSON each, so that a program that goes on need not look at it
 * again and knows how many rows lie behind it.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { guarded } from "../foundation/files.ts";
import type { SetAside } from "./set-aside.ts";

/** Its name in the folder in the making; not part of the folder when that is whole. */
export const SET_ASIDE_LOG = "set-aside.jsonl";

export class SetAsideLog<Entry extends SetAside = SetAside> {
  /** Those so far, in the order in which they were found. */
  readonly entries: Entry[] = [];
  readonly #path: string;
  readonly #file: number;
  #end = 0;

  /** @param foundAnew what is forgotten, from the first such entry on; a line that was cut off is, with what follows it */
  constructor(path: string, foundAnew: (entry: Entry) => boolean) {
    this.#path = path;
    const text = existsSync(path) ? guarded(path, () => readFileSync(path, "utf8")) : "";
    for (const line of text.split("\n").slice(0, -1)) {
      const entry = parsed<Entry>(line);
      if (entry === undefined || foundAnew(entry)) break;
      this.entries.push(entry);
      this.#end += Buffer.byteLength(line) + 1;
    }
    this.#file = guarded(path, () => openSync(path, existsSync(path) ? "r+" : "w"));
    guarded(path, () => ftruncateSync(this.#file, this.#end));
  }

  /** To the disk; to be called before the images that come after these entries are written. */
  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    guarded(this.#path, () => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#end + done);
      fsyncSync(this.#file);
    });
    this.#end += bytes.length;
    this.entries.push(...entries);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function parsed<Entry>(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
