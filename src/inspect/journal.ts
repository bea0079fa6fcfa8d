/**
 * The journal of a search: a file of one line per entry that only grows. An entry counts once it is on the disk: `append`
 * returns after the system has confirmed that, and an entry whose writing failed is taken back.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { jsonLines } from "../foundation/json-lines.ts";
import { type Entry, entry, type NewEntry } from "./entry.ts";

export class Journal {
  readonly path: string;
  readonly #file: number;
  #end: number;
  #count: number;
  #broken = false;

  private constructor(path: string, file: number, end: number, count: number) {
    this.path = path;
    this.#file = file;
    this.#end = end;
    this.#count = count;
  }

  /**
   * Opens a journal, or begins one, for the one program that holds the search's lock. What a killed program left of a last
   * line is cut off: nobody was told that it was written.
   *
   * @throws ArcletError naming the line that is not an entry
   */
  static open(path: string): { journal: Journal; entries: Entry[] } {
    const { entries, end } = readEntries(path);
    const file = guarded(path, () => openSync(path, existsSync(path) ? "r+" : "wx", 0o600));
    guarded(path, () => {
      ftruncateSync(file, end);
      fsyncSync(file);
      syncFolder(dirname(path));
    });
    return { journal: new Journal(path, file, end, entries.length), entries };
  }

  /** Writes an entry. @returns it, when it is on the disk @throws ArcletError when it is not, and then it never was */
  append(made: NewEntry): Entry {
    if (this.#broken)
      throw new ArcletError({
        where: this.path,
        code: "machine",
        problem: "could not be written before, and what the disk holds of it is not known",
        fix: "see that the disk has space and works, and start arclet inspect again",
      });
    const whole = { n: this.#count + 1, at: new Date().toISOString(), ...made } as Entry;
    const line = Buffer.from(`${JSON.stringify(whole)}\n`);
    guarded(this.path, () => {
      try {
        for (let done = 0; done < line.length; )
          done += writeSync(this.#file, line, done, line.length - done, this.#end + done);
        fsyncSync(this.#file);
      } catch (error) {
        this.takeBack();
        throw error;
      }
    });
    this.#end += line.length;
    this.#count++;
    return whole;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Cuts off what a failed write left. After a failed cut nothing more is written, since a part may be on the disk. */
  private takeBack(): void {
    try {
      ftruncateSync(this.#file, this.#end);
      fsyncSync(this.#file);
    } catch {
      this.#broken = true;
    }
  }
}

/**
 * The entries of a journal so far, and the bytes of its whole lines; none of a journal that is not there.
 *
 * @throws ArcletError naming the line that is not an entry, or not the next one
 */
export function readEntries(path: string): { entries: Entry[]; end: number } {
  const entries: Entry[] = [];
  if (!existsSync(path)) return { entries, end: 0 };
  let end = 0;
  const check = (value: unknown) => checked(path, entry, value, { code: "broken" });
  for (const line of jsonLines(path, "drop the last", check, "is not an entry of a journal")) {
    if (line.value.n !== entries.length + 1)
      throw new ArcletError({
        where: path,
        code: "broken",
        problem: `entry ${line.value.n} follows entry ${entries.length}: lines were removed, added or moved`,
        fix: "bring the file back from a copy",
      });
    entries.push(line.value);
    end = line.end;
  }
  return { entries, end };
}

const NEWLINE = 0x0a;

/**
 * The entries that another program has added to a journal since it was read, and the bytes of its whole lines now. Null if the
 * file is shorter than it was: what was read last has been taken back, and the journal must be read again.
 *
 * @param count entries that were read, in the first `end` bytes
 * @throws ArcletError for a line that is not the next entry
 */
export function readAdded(
  path: string,
  count: number,
  end: number,
): { entries: Entry[]; end: number } | null {
  const size = guarded(path, () => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  if (size < end) return null;
  const bytes = Buffer.alloc(size - end);
  const read = size === end ? 0 : guarded(path, () => readAt(path, bytes, end));
  const whole = bytes.subarray(0, bytes.subarray(0, read).lastIndexOf(NEWLINE) + 1);
  const lines = whole.toString("utf8").split("\n").slice(0, -1);
  const entries = lines.map((line, k): Entry => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw broken(path, `entry ${count + k + 1} is not an entry of a journal`, error);
    }
    const made = checked(path, entry, value, { code: "broken" });
    if (made.n !== count + k + 1) throw broken(path, `entry ${made.n} follows entry ${count + k}`);
    return made;
  });
  return { entries, end: end + whole.length };
}

function readAt(path: string, bytes: Uint8Array, position: number): number {
  const file = openSync(path, "r");
  try {
    return readSync(file, bytes, 0, bytes.length, position);
  } finally {
    closeSync(file);
  }
}

const broken = (path: string, problem: string, cause?: unknown) =>
  new ArcletError({ where: path, code: "broken", problem }, { cause });

/** A new file is on the disk when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
