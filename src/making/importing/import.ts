/** Importing images of any kind, and the table that describes them, into a dataset folder. */
import { fileHash } from "../../dataset/hash.ts";
import type { DatasetInfo, Split } from "../../dataset/info.ts";
import { type DatasetWriter, type Settled, writeDataset } from "../../dataset/writer.ts";
import type { Progress } from "../../foundation/progress.ts";
import type { ImportOptions } from "./config.ts";
import { countsIn } from "./finished.ts";
import { type Opened, openInputs } from "./opening.ts";
import { fillFrom, inItsFile, type Prepared, parsedImport, prepared, rulesOf, specOf } from "./prepared.ts";
import { type Outcome, settled } from "./settling.ts";

/** What was imported. */
export interface ImportReport {
  /** The dataset's `dataset.json`. */
  info: DatasetInfo;
  /** Imported rows of each split. */
  splits: Record<Split, number>;
  /** Imported rows of each class; the rest are unlabelled. */
  labels: Record<string, number>;
  /** Rows set aside, by the kind of reason. */
  setAside: Record<string, number>;
  /** Ids of identical images whose groups became one; empty after resuming an import killed just before its end. */
  united: string[][];
  /** Images that no row of the table describes. */
  unlisted: number;
  /** What was guessed or found out about the images, one line each. */
  notes: string[];
}

/** What `importImages` may be told beside its settings. */
export interface ImportExtras {
  /** Starts a progress bar for a number of images to read, some of them read before the import was interrupted. */
  bar?: (total: number, already: number) => Progress;
  /** Further provenance, e.g. versions. */
  provenance?: Record<string, string | number>;
  /** Largest size of a shard file. */
  shardBytes?: number;
}

/**
 * Imports images, each read once and written as it comes; what a killed program has left in `<out>.partial` is resumed,
 * to the same bytes. Bad arrays of many images (missing, truncated, wrong dtype or shape) stop it; a bad row or image is
 * set aside, with a line in `set-aside.csv`. All columns of the table are kept; one whose name a dataset uses itself
 * becomes `csv_<name>`.
 *
 * @throws ArcletError for bad options or files, a group in two splits, more bad rows than `maxBad`, or when no row is
 *   left
 */
export async function importImages(options: ImportOptions, extras: ImportExtras = {}): Promise<ImportReport> {
  const opened = await openInputs(parsedImport(options));
  try {
    return await importOpened(opened, extras);
  } catch (error) {
    throw inItsFile(error, opened);
  } finally {
    opened.source.close();
  }
}

async function importOpened(opened: Opened, extras: ImportExtras): Promise<ImportReport> {
  const ready = await prepared(opened);
  const { config } = opened;
  let outcome: Outcome | undefined;
  const fill = async (writer: DatasetWriter): Promise<Settled> => {
    const flaws = await fillFrom(writer, ready, {
      bar: extras.bar,
      saved: (done, total) =>
        `${done} of ${total} images are in ${config.out}.partial; the same command resumes`,
    });
    const settling = settled(writer, ready, flaws);
    outcome = settling.outcome;
    return settling.settled;
  };
  const spec = specOf(ready, extras.provenance ?? {});
  const info = await writeDataset(config.out, spec, fill, extras.shardBytes, identityOf(opened, extras));
  return reportOf(ready, info, outcome);
}

/** @param outcome undefined if an earlier program was killed after the last decision: counts then come from the folder */
export async function reportOf(
  { opened, candidates, peek }: Prepared,
  info: DatasetInfo,
  outcome: Outcome | undefined,
): Promise<ImportReport> {
  return {
    info,
    ...(outcome?.counts ?? (await countsIn(opened.config.out))),
    united: outcome?.united ?? [],
    unlisted: opened.unlisted(candidates),
    notes: [...opened.notes, ...peek.notes, ...(outcome?.notes ?? [])],
  };
}

/** What the pixels and rows depend on. A limit that was exceeded may be raised, and the import goes on. */
function identityOf({ config, identity }: Opened, extras: ImportExtras) {
  const tableHash = config.table === null ? null : fileHash(config.table).slice(0, 16);
  const { maxBad: _, ...rules } = rulesOf(config);
  return { ...rules, table: tableHash, images: identity, arclet: extras.provenance?.arclet };
}
