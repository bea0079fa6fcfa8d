/** What a search can look closer with: a finder, frames, both or neither. */
import { Alike } from "./alike.ts";
import type { LookSources } from "./look-tasks.ts";
import { LookWorker } from "./look-worker.ts";
import type { Search } from "./search.ts";

export interface LookTools {
  /** Null without a finder and frames. */
  worker: LookWorker | null;
  /** Null without a finder. */
  alike: Alike | null;
}

export const NO_TOOLS: LookTools = { worker: null, alike: null };

/** @param readOnly writes nothing @throws ArcletError for a finder or frames that can't be used with the dataset */
export async function openTools(search: Search, sources: LookSources, readOnly: boolean): Promise<LookTools> {
  if (sources.finder === null && sources.frames.length === 0) return NO_TOOLS;
  const { domain, rows } = search.objects;
  const worker = await LookWorker.start({ dataset: domain.folder, rows, ...sources });
  const alike = worker.finder === null ? null : new Alike(worker, search.folder, rows, readOnly);
  return { worker, alike };
}

export async function closeTools({ worker, alike }: LookTools): Promise<void> {
  alike?.close();
  await worker?.close();
}
