/** How images of a dataset are divided into pieces, so that joining them can link files rather than copy them. */

/** From this many image files for each shard on, shards are of whole files. */
const FILES_EACH = 4;

/** @param each images of a full file */
export const blockOf = (units: number, shards: number, each: number): { block?: number } =>
  units >= FILES_EACH * shards * each ? { block: each } : {};
