/**
 * What was set aside while a folder is made, a line of JSON each, so that a program that goes on need not look at it
 * again and knows how many rows lie behind it.
 */
import { existsSync } from "node:fs";
import { JsonLog, jsonLines } from "../foundation/json-lines.ts";
import type { SetAside } from "./set-aside.ts";

/** Its name in the folder in the making; not part of the folder when that is whole. */
export const SET_ASIDE_LOG = "set-aside.jsonl";

export class SetAsideLog<Entry extends SetAside = SetAside> {
  /** Those so far, in the order in which they were found. */
  readonly entries: Entry[] = [];
  readonly #log: JsonLog;

  /** @param foundAnew what is forgotten, from the first such entry on; a line that was cut off is, with what follows it */
  constructor(path: string, foundAnew: (entry: Entry) => boolean) {
    let kept = 0;
    const lines = existsSync(path) ? jsonLines(path, "stop", (value) => value as Entry) : [];
    for (const { value, end } of lines) {
      if (foundAnew(value)) break;
      this.entries.push(value);
      kept = end;
    }
    this.#log = new JsonLog(path, kept);
  }

  /** To the disk; to be called before the images that come after these entries are written. */
  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) this.#log.add(entry);
    this.#log.flush();
    this.#log.sync();
    this.entries.push(...entries);
  }

  close(): void {
    this.#log.close();
  }
}
