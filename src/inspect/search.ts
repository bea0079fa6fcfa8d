/**
 * A search's folder: what it looks at (`search.json`), the journal of grades (`journal.jsonl`), and `grades.csv`, which is made
 * from the journal. A search that is opened again must look at the same dataset and tables.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { Closing } from "../foundation/closing.ts";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded, holdsOnlyPartial, readJson, writeFileWhole } from "../foundation/files.ts";
import { takeLock } from "../foundation/lock.ts";
import { version } from "../foundation/version.ts";
import type { Entry, NewEntry } from "./entry.ts";
import { Grading } from "./grading.ts";
import { Journal, readAdded, readEntries } from "./journal.ts";
import type { Objects } from "./objects.ts";
import type { Finder } from "./score-table.ts";

const FORMAT = 1;
const SEARCH_FILE = "search.json";
const JOURNAL_FILE = "journal.jsonl";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const dataset = z.strictObject({ name: z.string().min(1), contentHash: hash });
const table = z.strictObject({ name: z.string().min(1), sha256: hash });
const searchInfo = z.strictObject({
  format: z.literal(FORMAT),
  arclet: z.string(),
  begun: z.iso.datetime(),
  dataset,
  scores: z.array(table),
  sample: table.nullable(),
  /** The other dataset that decoys are of; absent if there is none. */
  decoyImages: dataset.optional(),
});
type SearchInfo = z.output<typeof searchInfo>;

/** A search's folder, open. */
export class Search {
  /** Its folder. */
  readonly folder: string;
  /** The rows that are looked at. */
  readonly objects: Objects;
  /** When it was begun: with the dataset, what tells it from others. */
  readonly begun: string;
  /** Null if it is only read. */
  readonly #journal: Journal | null;
  readonly #closing: Closing;
  /** Finders that the search began with. */
  readonly #first: number;
  #grading: Grading;
  /** What was read of the journal, as long as another program writes it. */
  #read: { count: number; end: number };

  private constructor(folder: string, objects: Objects, info: SearchInfo, opened: Opened, closing: Closing) {
    this.folder = folder;
    this.objects = objects;
    this.begun = info.begun;
    this.#first = objects.finders.length;
    this.#grading = new Grading(opened.entries, this.ids());
    this.#read = { count: opened.entries.length, end: opened.end };
    this.#journal = opened.journal;
    this.#closing = closing;
  }

  /**
   * Opens a search's folder, or begins one.
   *
   * @param readOnly takes no grade, and may be open beside a program that does
   * @throws ArcletError when another program grades there, or grading began with another dataset or other tables
   */
  static open(folder: string, objects: Objects, readOnly: boolean): Search {
    const closing = new Closing();
    try {
      const path = join(folder, SEARCH_FILE);
      if (readOnly && !existsSync(path))
        throw new ArcletError({
          where: folder,
          code: "absent",
          problem: `is not a search (it has no ${SEARCH_FILE}), so there are no grades to show`,
          fix: "leave out --read-only to begin one",
        });
      const begun = beginning(objects);
      refuseOtherFolder(folder);
      if (!existsSync(path)) writeFileWhole(path, `${JSON.stringify(begun, null, 2)}\n`);
      if (!readOnly)
        closing.add(
          guarded(folder, () => takeLock(join(folder, "lock"), folder)),
          (release) => release(),
        );
      const info = readSearch(path);
      refuseOthers(folder, info, begun);
      const opened = openJournal(join(folder, JOURNAL_FILE), readOnly);
      if (opened.journal !== null) closing.add(opened.journal, (journal) => journal.close());
      return new Search(folder, objects, info, opened, closing);
    } catch (error) {
      closing.close();
      throw error;
    }
  }

  /** Whether it was opened to look only: no grade is taken. */
  get readOnly(): boolean {
    return this.#journal === null;
  }

  /** What graders say now. */
  get grading(): Grading {
    return this.#grading;
  }

  /** The finder whose ranking the open round began with, from 0: that of the last retraining, else the first. */
  get ranking(): number {
    const { length } = this.objects.finders;
    return length > this.#first ? length - 1 : 0;
  }

  /** Takes the scores of a retrained finder. */
  take(finder: Finder): void {
    this.objects.add(finder);
    this.#grading.include([...this.ids()]);
  }

  /**
   * Reads what the program that grades has written since, if this one only reads.
   *
   * @throws ArcletError for a line that is not an entry
   */
  follow(): void {
    if (this.#journal !== null) return;
    const path = join(this.folder, JOURNAL_FILE);
    const added = readAdded(path, this.#read.count, this.#read.end);
    if (added === null) {
      const { entries, end } = readEntries(path);
      this.#grading = new Grading(entries, this.ids());
      this.#read = { count: entries.length, end };
      return;
    }
    for (const one of added.entries) this.#grading.add(one);
    this.#read = { count: this.#read.count + added.entries.length, end: added.end };
  }

  /** Writes an entry; once. @returns the entry @throws ArcletError when it is not on the disk, and then it doesn't count */
  write(made: NewEntry): Entry {
    const before = this.grading.madeBy(made.grader, made.request);
    if (before !== undefined) return before;
    if (this.#journal === null)
      throw new ArcletError({ where: this.folder, code: "conflict", problem: "is open for reading only" });
    const entry = this.#journal.append(made);
    this.grading.add(entry);
    return entry;
  }

  /** Closes its files and its journal. */
  close(): void {
    this.#closing.close();
  }

  private ids(): ReadonlySet<string> {
    const { domain, rows } = this.objects;
    return new Set(Array.from(rows, (row) => domain.ids[row]!));
  }
}

/** @throws ArcletError for a folder that holds something, but no search */
function refuseOtherFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, SEARCH_FILE)) || holdsOnlyPartial(folder)) return;
  throw new ArcletError({
    where: folder,
    code: "conflict",
    problem: `holds other files, and no search (it has no ${SEARCH_FILE})`,
    fix: "choose another --out",
  });
}

interface Opened {
  journal: Journal | null;
  entries: Entry[];
  /** Bytes of the whole lines of a journal that is only read. */
  end: number;
}

const openJournal = (path: string, readOnly: boolean): Opened =>
  readOnly ? { journal: null, ...readEntries(path) } : { ...Journal.open(path), end: 0 };

function beginning({ domain, finders, sample, decoyImages }: Objects): SearchInfo {
  return {
    format: FORMAT,
    arclet: version(),
    begun: new Date().toISOString(),
    dataset: { name: domain.info.name, contentHash: domain.info.contentHash },
    scores: finders.map(({ name, sha256 }) => ({ name, sha256 })),
    sample: sample === null ? null : { name: basename(sample.path), sha256: sample.sha256 },
    ...(decoyImages === null ? {} : { decoyImages }),
  };
}

function readSearch(path: string): SearchInfo {
  const raw = readJson(path);
  const format = (raw as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > FORMAT)
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: `is search format ${format}; this Arclet reads format ${FORMAT}`,
    });
  return checked(path, searchInfo, raw, { code: "broken" });
}

/** @throws ArcletError when a search looked at something else when it began */
function refuseOthers(folder: string, then: SearchInfo, now: SearchInfo): void {
  const conflict = (problem: string, fix: string) =>
    new ArcletError({ where: folder, code: "conflict", problem, fix });
  if (then.dataset.contentHash !== now.dataset.contentHash)
    throw conflict(
      `grading began with another dataset or another version of it (${then.dataset.name}, begun ${then.begun})`,
      "give the dataset of then, or another --out",
    );
  const names = (tables: readonly { name: string }[]) => tables.map(({ name }) => name).join(", ") || "none";
  const hashes = (tables: readonly { sha256: string }[]) => tables.map(({ sha256 }) => sha256).join();
  if (hashes(then.scores) !== hashes(now.scores))
    throw conflict(
      names(then.scores) === names(now.scores)
        ? `score tables have changed since grading began (${names(now.scores)})`
        : `grading began with the scores of ${names(then.scores)}, not of ${names(now.scores)}`,
      "give the tables of then, or another --out",
    );
  if (then.sample?.sha256 !== now.sample?.sha256)
    throw conflict(
      `grading began with ${then.sample === null ? "no sample" : `the sample ${then.sample.name}`}, not with ${
        now.sample === null
          ? "none"
          : now.sample.name === then.sample?.name
            ? "this version of it"
            : now.sample.name
      }`,
      "give the sample of then, or another --out",
    );
  if (then.decoyImages?.contentHash !== now.decoyImages?.contentHash)
    throw conflict(
      `grading began with decoys of ${then.decoyImages?.name ?? "the dataset itself"}, not with ${
        now.decoyImages === undefined ? "those" : "this version"
      } of ${now.decoyImages?.name ?? "the dataset itself"}`,
      "give --decoy-images as then, or another --out",
    );
}
