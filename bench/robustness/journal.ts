/** What was done, a line each with the commit that did it, so that the same call goes on and what a page says can be counted. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { COMMIT } from "./setting.ts";

export class Journal<T extends object> {
  readonly #path: string;
  readonly entries: T[];

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
    this.entries = lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
  }

  add(entry: T): void {
    this.entries.push(entry);
    appendFileSync(this.#path, `${JSON.stringify({ ...entry, commit: COMMIT })}\n`);
  }
}
