/** Pieces of datasets that are made in shards: their sizes, and what an attempt has left of one. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";

/** From this many image files for each shard on, shards are of whole files, which are then linked rather than copied. */
const FILES_EACH = 4;

/** @param each images of a full file */
export const blockOf = (units: number, shards: number, each: number): { block?: number } =>
  units >= FILES_EACH * shards * each ? { block: each } : {};

/**
 * Makes a piece; begins again if what lies in its folder contradicts itself, as the copied files of an attempt may that was at work
 * meanwhile.
 */
export async function againIfTorn(folder: string, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof ArcletError && error.code === "broken" && error.where === folder)) throw error;
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    await make();
  }
}
