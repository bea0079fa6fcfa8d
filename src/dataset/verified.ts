/** A dataset opened and held against its content hash at once: its files are read while its table is. */

import { safePoint } from "../foundation/interrupt.ts";
import { machine } from "../torch/machine.ts";
import { checkedFolder, type Dataset } from "./dataset.ts";
import type { UnlabelledDataset } from "./unlabelled.ts";
import { contentHashNow } from "./verifying.ts";

/**
 * @param open opens the dataset of that folder
 * @param long bytes from which on all cores read, and progress is shown
 * @throws ArcletError as `open` and `Dataset.verify` do; Interrupted when the user stops it
 */
export async function openVerified<D extends Dataset | UnlabelledDataset>(
  folder: string,
  open: () => Promise<D>,
  long?: number,
): Promise<D> {
  const { path, info } = checkedFolder(folder);
  const stop = new AbortController();
  const hash = contentHashNow(path, info, long, stop.signal);
  hash.catch(() => {}); // thrown where it is awaited
  let dataset: D | undefined;
  try {
    dataset = await open();
    await safePoint("nothing was written");
    machine(); // libtorch, which the images need, is loaded meanwhile
    await dataset.verify(hash);
    return dataset;
  } catch (error) {
    dataset?.close();
    stop.abort();
    await hash.catch(() => {});
    throw error;
  }
}
