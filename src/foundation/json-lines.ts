/** Files of one JSON value per line: logs that grow while something is made. */
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { ArcletError } from "./errors.ts";
import { guarded, writeFileWhole } from "./files.ts";

/**
 * What to do with a broken line.
 *
 * - `refuse`: every line must be whole; only the last one may lack its newline
 * - `drop the last`: a last line without its newline, as a killed writer leaves it, is left out; any other broken line is
 *   refused
 * - `stop`: reading ends before the first broken line, for logs of work that is then done again
 */
export type Broken = "refuse" | "drop the last" | "stop";

export interface JsonLine<T> {
  value: T;
  /** Bytes of the file up to this line's end. */
  end: number;
}

/**
 * The values of a file, read on demand; empty lines are skipped.
 *
 * @param check turns parsed JSON into the value; if it throws, the line is broken
 * @param complaint what is wrong with a broken line, e.g. `is not an epoch of a run`
 * @throws ArcletError naming the file and the line that is refused
 */
export function* jsonLines<T>(
  path: string,
  broken: Broken,
  check: (value: unknown) => T,
  complaint = "not valid JSON",
): Generator<JsonLine<T>, void> {
  let count = 0;
  for (const { text, end, whole } of linesOf(path)) {
    count++;
    if (!whole && broken !== "refuse") return;
    if (text === "") continue;
    let value: T;
    try {
      value = check(JSON.parse(text));
    } catch (error) {
      if (broken === "stop") return;
      throw new ArcletError(
        { where: path, line: count, code: "broken", problem: complaint },
        { cause: error },
      );
    }
    yield { value, end };
  }
}

/** All values of a file, as `jsonLines` gives them. */
export const readJsonLines = <T>(...args: Parameters<typeof jsonLines<T>>): T[] =>
  Array.from(jsonLines(...args), ({ value }) => value);

/** Writes a file of values, whole. @throws ArcletError when it can't be written */
export const writeJsonLines = (path: string, values: readonly unknown[]): void =>
  writeFileWhole(path, values.map(jsonLine).join(""));

/** Adds a value to a file, which is created if needed. @throws ArcletError when it can't be written */
export const appendJsonLine = (path: string, value: unknown): void =>
  guarded(path, () => {
    const before = statSync(path, { throwIfNoEntry: false });
    try {
      appendFileSync(path, jsonLine(value));
    } catch (error) {
      // On a full disk a part of the line may be there, to which the next line would be glued.
      if (before?.isFile()) truncateSync(path, before.size);
      throw error;
    }
  });

/** A file that stays open while values are added at its end. */
export class JsonLog {
  readonly path: string;
  readonly #file: number;
  #end: number;
  #pending = "";

  /** @param kept bytes of an existing file to keep: its whole lines; with 0 the file starts empty */
  constructor(path: string, kept = 0) {
    this.path = path;
    if (kept === 0) guarded(path, () => rmSync(path, { force: true }));
    this.#file = guarded(path, () => openSync(path, kept === 0 ? "wx" : "r+"));
    guarded(path, () => ftruncateSync(this.#file, kept));
    this.#end = kept;
  }

  /** Adds a value, which `flush` writes. */
  add(value: unknown): void {
    this.#pending += jsonLine(value);
  }

  /** Writes the values added so far. */
  flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = "";
    for (let done = 0; done < bytes.length; )
      done += guarded(this.path, () =>
        writeSync(this.#file, bytes, done, bytes.length - done, this.#end + done),
      );
    this.#end += bytes.length;
  }

  /** Makes sure that what was written is on the disk. */
  sync(): void {
    guarded(this.path, () => fsyncSync(this.#file));
  }

  close(): void {
    closeSync(this.#file);
  }
}

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

const NEWLINE = 0x0a;

/** A file's lines, in memory that does not grow with it; a line is `whole` if it ends in a newline. */
function* linesOf(path: string): Generator<{ text: string; end: number; whole: boolean }, void> {
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const chunk = Buffer.alloc(1 << 20);
    const read = () => guarded(path, () => readSync(file, chunk));
    let rest = Buffer.alloc(0);
    let end = 0;
    for (let length = read(); length > 0; length = read()) {
      const data = Buffer.concat([rest, chunk.subarray(0, length)]);
      let from = 0;
      for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
        end += at + 1 - from;
        yield { text: data.toString("utf8", from, at), end, whole: true };
        from = at + 1;
      }
      rest = data.subarray(from);
    }
    if (rest.length > 0) yield { text: rest.toString("utf8"), end: end + rest.length, whole: false };
  } finally {
    closeSync(file);
  }
}
