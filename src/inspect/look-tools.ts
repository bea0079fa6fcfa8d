/** What a search can look closer with: a finder, a table of features, frames, all of them or none. */
import { ArcletError } from "../foundation/errors.ts";
import { Alike } from "./alike.ts";
import type { LookSources } from "./look-tasks.ts";
import { LookWorker } from "./look-worker.ts";
import type { Search } from "./search.ts";
import { TableFeatures } from "./table-features.ts";

export interface LookTools {
  /** Null without a finder and frames. */
  worker: LookWorker | null;
  /** Null without a finder and a table of features. */
  alike: Alike | null;
}

export const NO_TOOLS: LookTools = { worker: null, alike: null };

/** What a search is given to look closer with, besides what its thread needs. */
export interface ToolSources extends LookSources {
  /** A table of features, for objects alike in place of the finder's; null for none. */
  features: string | null;
}

/**
 * @param readOnly writes nothing
 * @throws ArcletError for a finder, frames or a table of features that can't be used with the dataset
 */
export async function openTools(
  search: Search,
  { features, ...sources }: ToolSources,
  readOnly: boolean,
): Promise<LookTools> {
  const { domain, source: images, rows, decoys } = search.objects;
  const { finder, frames, pattern } = sources;
  const table = features === null ? null : await TableFeatures.open(features, domain, rows);
  if (table !== null && !readOnly) refuseTelling(table, decoys);
  // A table's are all there at once: nothing is kept of them.
  const byTable = table && new Alike(table, search.folder, table.rows, true);
  if (finder === null && frames.length === 0) return { worker: null, alike: byTable };
  const worker = await LookWorker.start({ images, finder, frames, pattern });
  if (byTable !== null || worker.finder === null) return { worker, alike: byTable };
  const { sha256 } = worker.finder;
  const source = { sha256, features: worker.features.bind(worker) };
  return { worker, alike: new Alike(source, search.folder, rows, readOnly) };
}

/** @throws ArcletError where decoys could be told by features that they don't have */
function refuseTelling({ rows, path }: TableFeatures, decoys: Search["objects"]["decoys"]): void {
  const known = new Set(rows);
  const lacking = [...decoys.keys()].filter((row) => !known.has(row)).length;
  if (lacking > 0)
    throw new ArcletError({
      ...{ where: path, code: "conflict" },
      problem: `has no features of ${lacking} of ${decoys.size} decoys, by which graders could tell them`,
      fix: "add theirs to the table (arclet embed), or leave out --features",
    });
}

export async function closeTools({ worker, alike }: LookTools): Promise<void> {
  alike?.close();
  await worker?.close();
}
