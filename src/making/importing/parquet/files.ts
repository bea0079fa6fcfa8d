/** The Parquet files of an import: all shards are there, and names may say the split. */
import { basename, dirname } from "node:path";
import type { Split } from "../../../dataset/info.ts";
import { ArcletError } from "../../../foundation/errors.ts";

/** `train-00000-of-00005.parquet`, also with a hash before the extension. */
const SHARD = /^(.*?)-?(\d{5})-of-(\d{5})(-[0-9a-f]+)?\.parquet$/i;

/** @throws ArcletError when a shard is missing, naming it */
export function refuseMissingShards(paths: readonly string[]): void {
  const sets = new Map<string, { of: number; there: Set<number>; first: string }>();
  for (const path of paths) {
    const [, start, index, of] = SHARD.exec(basename(path)) ?? [];
    if (start === undefined) continue;
    const key = `${dirname(path)}/${start}-of-${of}`;
    const set = sets.get(key) ?? { of: Number(of), there: new Set(), first: path };
    set.there.add(Number(index));
    sets.set(key, set);
  }
  for (const { of, there, first } of sets.values()) {
    const missing = Array.from({ length: of }, (_, k) => k).filter((k) => !there.has(k));
    if (missing.length === 0) continue;
    const name = basename(first).replace(/\d{5}(?=-of-)/, String(missing[0]).padStart(5, "0"));
    throw new ArcletError({
      where: dirname(first),
      code: "absent",
      problem: `has ${there.size} of ${of} shards: ${name} is missing`,
      fix: "download the rest, or rename those that are there if a part is enough",
    });
  }
}

const SPLITS: Readonly<Record<string, Split>> = {
  train: "train",
  training: "train",
  validation: "val",
  valid: "val",
  val: "val",
  dev: "val",
  test: "test",
};

/** The split that the start of a file's name says, or its folder's name; undefined if neither does. */
export function splitIn(path: string): Split | undefined {
  const start = /^[a-z]+/i.exec(basename(path))?.[0].toLowerCase() ?? "";
  return SPLITS[start] ?? SPLITS[basename(dirname(path)).toLowerCase()];
}
