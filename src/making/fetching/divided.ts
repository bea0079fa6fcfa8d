/** Fetching in shards: runs of a catalogue's objects, joined into the folder that one program would fill. */
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { SET_ASIDE_FILE, setAsideCsv } from "../../dataset/set-aside.ts";
import { writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { withoutSecrets } from "../../foundation/secrets.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { shardsBeside } from "../../foundation/shards/shard-folder.ts";
import type { FetchConfig } from "./config.ts";
import { type FetchReport, fetchInto, nothingFetched, setAsideOf } from "./fetch.ts";
import { type Entry, Manifest } from "./manifest.ts";
import { keysOf, type Ready, readyToFetch } from "./ready.ts";
import { inTurn } from "./turns.ts";

export interface DividedFetchExtras {
  agent: string;
  /** Says what was fetched, one line each. */
  report: (report: FetchReport) => string[];
}

const SAVED = "what was fetched of a shard is kept; the same command resumes";

/**
 * However many programs make shards, the service sees one at a time, or as many as `programs` says, which then share its pace. A
 * shard is whole once each of its cutouts was had or set aside.
 *
 * @throws ArcletError as `fetchCutouts`, for catalogues and settings
 */
export async function dividedFetch(
  config: FetchConfig,
  { agent, report }: DividedFetchExtras,
): Promise<DividedWork> {
  const ready = await readyToFetch(config, agent, SAVED);
  const { jobs, request } = ready;
  const { out, bands, catalog, programs } = config;
  const { catalogHdu, idColumn, raColumn, decColumn, baseUrl } = config;
  if (jobs.length === 0) throw nothingFetched(config, ready.unplaced);
  const work = join(shardsBeside(out), "work");
  return {
    ...{ command: "fetch", out, unit: "objects", units: jobs.length, resumes: true, outIsNew: true },
    // Not the pace: it may be changed on the way.
    settings: {
      ...{ catalog, catalogHdu, ...request, bands, idColumn, raColumn, decColumn },
      baseUrl: baseUrl === null ? null : withoutSecrets(baseUrl),
    },
    data: { [`the catalogue ${catalog}`]: fileHash(catalog) },
    async make(range, folder, tick) {
      const onWait = () =>
        process.stderr.write(
          "another program is fetching for this folder: waiting for its turn to end (--programs lets several fetch)\n",
        );
      await inTurn(work, programs, { onWait, saved: SAVED }, async () => {
        const manifest = new Manifest(folder, request);
        const own = jobs.slice(range.from, range.to);
        const each = objectwise(bands.length, tick);
        await fetchInto(manifest, ready, own, each, { fetched: 0, already: 0 });
        await safePoint(SAVED);
      });
    },
    merge: (shards) => joined(config, ready, shards, report),
  };
}

/** Turns cutouts into objects, which have one in each band. */
function objectwise(bands: number, tick: (objects: number, kept?: number) => void) {
  let [made, kept, told, toldKept] = [0, 0, 0, 0];
  const tell = () => {
    const done = Math.floor((made + kept) / bands);
    const old = Math.min(done - told, Math.floor(kept / bands) - toldKept);
    if (done > told) tick(done - told - old, old);
    [told, toldKept] = [done, toldKept + old];
  };
  return {
    tick: (cutouts = 1) => {
      made += cutouts;
      tell();
    },
    skip: (cutouts: number) => {
      kept += cutouts;
      tell();
    },
  };
}

async function joined(
  config: FetchConfig,
  ready: Ready,
  shards: readonly string[],
  report: DividedFetchExtras["report"],
): Promise<string[]> {
  const keys = keysOf(ready, ready.jobs);
  const bar = progress("join", shards.length, "shards");
  let entries: Entry[] = [];
  try {
    await writeFolderWhole(config.out, async (partial) => {
      const manifest = new Manifest(partial, ready.request);
      for (const shard of shards) {
        manifest.take(new Manifest(shard, ready.request));
        bar.tick();
        await safePoint("nothing was joined; the shards are kept");
      }
      entries = await manifest.write(keys);
      const setAside = setAsideOf(ready, entries);
      if (entries.every(({ file }) => file === "")) throw nothingFetched(config, setAside);
      writeFileWhole(join(partial, SET_ASIDE_FILE), setAsideCsv(config.catalog, setAside));
    });
  } finally {
    bar.done();
  }
  const fetched = entries.filter(({ file }) => file !== "").length;
  return [...ready.notes, ...report({ fetched, already: 0, setAside: setAsideOf(ready, entries) })];
}
