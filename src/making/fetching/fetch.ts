/** Cutouts of a catalogue's objects, fetched from a survey's own service into a folder. */
import { join } from "node:path";
import { SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { ownFileName } from "../../foundation/file-name.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { pool } from "../../foundation/pool.ts";
import type { Progress } from "../../foundation/progress.ts";
import { withoutSecrets } from "../../foundation/secrets.ts";
import type { Archive, Cutout } from "../../sky/archives/archive.ts";
import type { FetchConfig } from "./config.ts";
import { cutoutFlaw, mostBytes, unpacked } from "./cutout-check.ts";
import { type Entry, Manifest, sha256 } from "./manifest.ts";
import type { Flaw, PoliteClient } from "./polite.ts";
import { type Job, keysOf, type Ready, readyToFetch } from "./ready.ts";

/** What was fetched. */
export interface FetchReport {
  /** Cutouts fetched now. */
  fetched: number;
  /** Cutouts that were there already. */
  already: number;
  /** What could not be had now, in the catalogue's order. */
  setAside: SetAside[];
}

export interface FetchExtras {
  agent: string;
  /** Called with each line about how the catalogue's columns were understood. */
  onNote?: (note: string) => void;
  bar?: (total: number) => Progress;
}

/** An index's answer is a few lines per band. */
const INDEX_BYTES = 2 ** 20;

/**
 * Fetches a FITS file for each object and band. Each is checked, hashed and written whole; what the folder already has
 * is left alone; what can't be had is listed in `set-aside.csv`, and tried again the next time.
 *
 * @throws ArcletError for a catalogue that can't be read, a folder of another request, a server that can't be reached or
 *   refuses, or when nothing was fetched at all
 */
export async function fetchCutouts(config: FetchConfig, extras: FetchExtras): Promise<FetchReport> {
  const saved = `${config.out} keeps what was fetched; the same command resumes`;
  const ready = await readyToFetch(config, extras.agent, saved);
  for (const note of ready.notes) extras.onNote?.(note);
  const { jobs } = ready;
  const manifest = new Manifest(config.out, ready.request);
  const keys = keysOf(ready, jobs);
  const bar = extras.bar?.(keys.length);
  const counts = { fetched: 0, already: 0 };
  let setAside = ready.unplaced;
  try {
    await fetchInto(manifest, ready, jobs, bar, counts);
    await safePoint(saved);
  } finally {
    bar?.done();
    setAside = setAsideOf(ready, await manifest.write(keys));
    writeFileWhole(join(config.out, SET_ASIDE_FILE), setAsideCsv(config.catalog, setAside));
  }
  if (counts.fetched + counts.already === 0) throw nothingFetched(config, setAside);
  return { ...counts, setAside };
}

/** Fetches what a folder doesn't have of some objects. After an interruption, call `safePoint`. */
export const fetchInto = (
  manifest: Manifest,
  ready: Ready,
  jobs: readonly Job[],
  bar: Pick<Progress, "tick" | "skip"> | undefined,
  counts: Fetching["counts"],
): Promise<void> =>
  pool(jobs, ready.config.parallel, (job) => fetchObject({ ...ready, manifest, bar, counts }, job));

/** Everything that could not be had, in the catalogue's order. */
export const setAsideOf = ({ unplaced, jobs }: Ready, entries: readonly Entry[]): SetAside[] =>
  [...unplaced, ...failuresOf(entries, jobs)].sort((a, b) => a.row - b.row);

/** What all jobs share. */
interface Fetching extends Pick<Ready, "config" | "archive" | "base" | "client"> {
  manifest: Manifest;
  bar: Pick<Progress, "tick" | "skip"> | undefined;
  /** Cutouts fetched now, and those that were there already. */
  counts: { fetched: number; already: number };
}

/** Fetches the bands of an object that are missing. */
async function fetchObject(fetching: Fetching, { id, cutout }: Job): Promise<void> {
  const { config, manifest, bar, counts } = fetching;
  const { bands } = config;
  const wanted = bands.filter((band) => manifest.whole(id, band, cutout.ra, cutout.dec) === undefined);
  counts.already += bands.length - wanted.length;
  if (wanted.length < bands.length) bar?.skip(bands.length - wanted.length);
  if (wanted.length === 0) return;
  const keyOfBand = await indexed(fetching.archive, fetching.base, fetching.client, cutout, bands);
  for (const band of wanted) {
    const entry = await fetchBand(fetching, id, cutout, band, keyOfBand(band));
    manifest.add(entry);
    if (entry.reason === "") counts.fetched++;
    bar?.tick();
  }
}

/** Fetches a cutout, checks it and writes it. @returns its entry in the manifest, perhaps as set aside */
async function fetchBand(
  { config, archive, base, client, manifest }: Fetching,
  id: string,
  cutout: Cutout,
  band: string,
  key: ReturnType<Keys>,
): Promise<Entry> {
  const url = typeof key === "string" ? base + archive.path(cutout, band, key) : key.url;
  const shown = withoutSecrets(url);
  const entry = { id, band, ra: cutout.ra, dec: cutout.dec, file: "", url: shown, sha256: "", bytes: 0 };
  if (typeof key !== "string") return { ...entry, reason: key.reason, uncovered: key.uncovered };
  const most = mostBytes(config.size);
  const judge = (bytes: Buffer): Flaw | undefined => {
    const plain = unpacked(bytes, most);
    return Buffer.isBuffer(plain) ? cutoutFlaw(plain, config.size, archive.more) : plain;
  };
  const answer = await client.get(url, most, judge);
  if ("reason" in answer) return { ...entry, reason: answer.reason, uncovered: answer.uncovered };
  const bytes = unpacked(answer.bytes, most) as Buffer;
  const file = `${ownFileName(id)}_${ownFileName(band)}.fits`;
  writeFileWhole(join(manifest.folder, file), bytes);
  return { ...entry, file, sha256: sha256(bytes), bytes: bytes.length, reason: "" };
}

function failuresOf(entries: readonly Entry[], jobs: readonly Job[]): SetAside[] {
  const rowOf = new Map(jobs.map(({ id, row }) => [id, row] as const));
  return entries.flatMap(({ id, band, reason, url, uncovered }) => {
    const kind = uncovered ? "no coverage" : "failed";
    return reason === "" ? [] : [{ row: rowOf.get(id)!, id, kind, reason: `${band}: ${reason} (${url})` }];
  });
}

export function nothingFetched({ catalog, out }: FetchConfig, [first]: readonly SetAside[]): ArcletError {
  const why = first === undefined ? `${catalog} has no rows` : `e.g. ${first.id}, ${first.reason}`;
  return new ArcletError({ where: out, code: "empty", problem: `no cutout could be fetched; ${why}` });
}

/** What a cutout's path needs for a band, or why there is none. */
type Keys = (band: string) => string | (Pick<Flaw, "reason" | "uncovered"> & { url: string });

async function indexed(
  archive: Archive,
  base: string,
  client: PoliteClient,
  cutout: Cutout,
  bands: readonly string[],
): Promise<Keys> {
  if (archive.index === undefined) return () => "";
  const index = archive.index(cutout, bands);
  const url = base + index.path;
  const read = (bytes: Buffer) => index.read(bytes.toString("utf8"));
  const answer = await client.get(url, INDEX_BYTES, (bytes) =>
    read(bytes) === null ? { reason: "not a list of images", retry: true } : undefined,
  );
  if ("reason" in answer) return () => ({ ...answer, url });
  const files = read(answer.bytes)!;
  return (band) => files.get(band) ?? { reason: "no coverage: no image is listed", uncovered: true, url };
}
