/**
 * What has been set aside while a folder is being made, one line of JSON each, so that a program that resumes need not
 * examine it again and knows how many rows are done.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { JsonLog, jsonLines, readJsonLines } from "../foundation/json-lines.ts";
import type { SetAside } from "./set-aside.ts";

/** Its name in the unfinished folder; the finished folder does not have it. */
export const SET_ASIDE_LOG = "set-aside.jsonl";

/** The entries that a whole piece has, in the order in which they were found. @throws ArcletError when the log is broken */
export const loggedSetAside = <Entry extends SetAside = SetAside>(folder: string): Entry[] =>
  readJsonLines(join(folder, SET_ASIDE_LOG), "refuse", (value) => value as Entry);

export class SetAsideLog<Entry extends SetAside = SetAside> {
  /** The entries so far, in the order in which they were found. */
  readonly entries: Entry[] = [];
  readonly #log: JsonLog;

  /** @param stale whether an entry will be found again: the first such one is dropped, with all that follow it */
  constructor(path: string, stale: (entry: Entry) => boolean) {
    let kept = 0;
    const lines = existsSync(path) ? jsonLines(path, "stop", (value) => value as Entry) : [];
    for (const { value, end } of lines) {
      if (stale(value)) break;
      this.entries.push(value);
      kept = end;
    }
    this.#log = new JsonLog(path, kept);
  }

  /** Writes entries to disk. Call it before the images that come after these entries are written. */
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
