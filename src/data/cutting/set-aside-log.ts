/**
 * Positions that turned out to have no cutout, logged while cutting, so that a program that goes on knows how many
 * positions lie behind it: the images that are whole, and what was set aside before the last of them.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { guarded } from "../../foundation/files.ts";
import type { SetAside } from "../quarantine.ts";

interface Entry extends SetAside {
  /** Images that were whole before it. */
  before: number;
}

export class SetAsideLog {
  readonly entries: Entry[] = [];
  readonly #path: string;
  readonly #file: number;
  #end = 0;
  #pending = "";

  /** @param images that are whole: what was set aside after them is found anew */
  constructor(path: string, images: number) {
    this.#path = path;
    const text = existsSync(path) ? guarded(path, () => readFileSync(path, "utf8")) : "";
    for (const line of text.split("\n").slice(0, -1)) {
      const entry = JSON.parse(line) as Entry;
      if (entry.before >= images) break;
      this.entries.push(entry);
      this.#end += Buffer.byteLength(line) + 1;
    }
    this.#file = guarded(path, () => openSync(path, existsSync(path) ? "r+" : "w"));
    guarded(path, () => ftruncateSync(this.#file, this.#end));
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    this.#pending += `${JSON.stringify(entry)}\n`;
  }

  /** To the disk; to be called before the images that come after it are written. */
  flush(): void {
    if (this.#pending === "") return;
    guarded(this.#path, () => {
      this.#end += writeSync(this.#file, this.#pending, this.#end);
      fsyncSync(this.#file);
    });
    this.#pending = "";
  }

  close(): void {
    closeSync(this.#file);
  }
}
