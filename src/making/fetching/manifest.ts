/** The contents of a folder of fetched cutouts: a log that grows while it is filled, and the manifest made from it. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeCatalog } from "../../catalog/write.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import { appendJsonLine, readJsonLines, writeJsonLines } from "../../foundation/json-lines.ts";

export const MANIFEST_FILE = "manifest.csv";
/** Only folders of fetched cutouts have it. */
export const FETCH_LOG = "fetch.jsonl";

/** What a folder's cutouts have in common; a folder has those of one request. */
export interface Request {
  survey: string;
  layer: string;
  size: number;
  pixelScale: number;
}

export interface Entry {
  id: string;
  band: string;
  ra: number;
  dec: number;
  /** Empty if it was set aside. */
  file: string;
  url: string;
  sha256: string;
  bytes: number;
  /** Why it was set aside; empty if it was not. */
  reason: string;
  /** Whether it was set aside because the service has no image there. */
  uncovered?: boolean | undefined;
}

export const keyOf = (id: string, band: string): string => `${band} ${id}`;
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export class Manifest {
  readonly folder: string;
  readonly #log: string;
  readonly #request: Request;
  readonly #entries = new Map<string, Entry>();

  /** Opens a folder, or starts one. @throws ArcletError when it has cutouts of another request */
  constructor(folder: string, request: Request) {
    this.folder = folder;
    this.#request = request;
    this.#log = join(folder, FETCH_LOG);
    guarded(folder, () => mkdirSync(folder, { recursive: true }));
    if (existsSync(this.#log)) this.#resume(request);
    else appendJsonLine(this.#log, request);
  }

  /** The entry of a cutout that is there and whole; undefined if it has to be fetched. */
  whole(id: string, band: string, ra: number, dec: number): Entry | undefined {
    const entry = this.#entries.get(keyOf(id, band));
    if (entry === undefined || entry.file === "" || entry.ra !== ra || entry.dec !== dec) return undefined;
    const path = join(this.folder, entry.file);
    if (!existsSync(path) || statSync(path).size !== entry.bytes) return undefined;
    return sha256(readFileSync(path)) === entry.sha256 ? entry : undefined;
  }

  /** Takes over what another folder has: files by links where there are some. @throws ArcletError for a damaged one */
  take(other: Manifest): void {
    for (const [key, entry] of other.#entries) {
      const { id, band, ra, dec, file } = entry;
      if (file !== "") {
        if (other.whole(id, band, ra, dec) === undefined)
          throw new ArcletError({
            where: join(other.folder, file),
            code: "broken",
            problem: "is not the file that was fetched",
            fix: `remove ${other.folder}, and the same command makes it again`,
          });
        linkOrCopy(join(other.folder, file), join(this.folder, file));
      }
      this.#entries.set(key, entry);
    }
  }

  add(entry: Entry): void {
    this.#entries.set(keyOf(entry.id, entry.band), entry);
    appendJsonLine(this.#log, entry);
  }

  /**
   * Writes `manifest.csv`, in the order of the keys given, and the log once more in that order: with several requests at a time,
   * which of them ends first is chance. What the folder has besides stays before that.
   */
  async write(keys: readonly string[]): Promise<Entry[]> {
    const entries = keys.flatMap((key) => this.#entries.get(key) ?? []);
    const now = new Set(keys);
    const others = [...this.#entries].flatMap(([key, entry]) => (now.has(key) ? [] : [entry]));
    writeJsonLines(this.#log, [this.#request, ...others, ...entries]);
    const text = (name: string) => ({ name, type: "text" }) as const;
    const columns = [
      ...["id", "band", "file", "url", "sha256"].map(text),
      { name: "bytes", type: "whole" } as const,
      text("status"),
    ];
    const rows = entries.map(({ id, band, file, url, sha256, bytes, reason }) =>
      reason === ""
        ? [id, band, file, url, sha256, bytes, "fetched"]
        : [id, band, null, url, null, null, "set aside"],
    );
    await writeCatalog(join(this.folder, MANIFEST_FILE), columns, rows);
    return entries;
  }

  #resume(request: Request): void {
    const lines = readJsonLines(this.#log, "drop the last", (value) => value);
    const [first = request, ...rest] = lines; // a program that was killed at once has left nothing
    const differs = (Object.keys(request) as (keyof Request)[]).find(
      (key) => (first as Request)[key] !== request[key],
    );
    if (differs !== undefined)
      throw new ArcletError({
        where: this.folder,
        code: "conflict",
        problem: `holds cutouts of another request (${differs} ${(first as Request | undefined)?.[differs]}, not ${request[differs]})`,
        fix: "use another folder",
      });
    for (const entry of rest as Entry[]) this.#entries.set(keyOf(entry.id, entry.band), entry);
    // Drops the part of a line that a killed program may have left, so that the next entry starts a line.
    writeJsonLines(this.#log, [first, ...rest]);
  }
}

function linkOrCopy(from: string, to: string): void {
  guarded(to, () => {
    try {
      linkSync(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
      copyFileSync(from, to); // on another file system, or one without links
    }
  });
}
