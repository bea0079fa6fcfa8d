import { openDataset } from "/work/main/src/dataset/index.ts";
import { ArcletError } from "/work/main/src/foundation/index.ts";

/** Opens a dataset if it is there; a dataset that is damaged is still an error. */
export async function openIfPresent(folder: string) {
  try {
    return await openDataset(folder);
  } catch (error) {
    if (error instanceof ArcletError && error.code === "absent") return null;
    throw error;
  }
}
