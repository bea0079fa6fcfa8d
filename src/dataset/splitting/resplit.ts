/** A dataset split again: the same images with other splits, in a new folder. */
import { join } from "node:path";
import { identifier, parquetSource, withDuckDB } from "../../catalog/duck.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { isTaken } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { contentHashOf, fileHash } from "../hash.ts";
import { type Split, TABLE_FILE } from "../info.ts";
import type { ResplitConfig } from "./config.ts";
import { groupRows, type United } from "./grouping/group-by.ts";
import { type DatasetRows, readRows } from "./leaks/rows.ts";
import {
  isWritten,
  type ResplitExtras,
  type ResplitReport,
  reportOf,
  writeResplit,
} from "./resplit-folder.ts";
import { assignFolds, assignSplits } from "./split.ts";

/**
 * Writes the dataset with other splits. Images are hard links to the old folder's, which take no space; if the file
 * system has none, they are copied. The table keeps all its columns, in order; `group` holds the united groups. The old
 * dataset's content is checked against its hash on the way.
 *
 * @throws ArcletError when settings contradict each other, the dataset has changed since it was written, or there is
 *   nothing to group by
 */
export async function resplit(
  config: ResplitConfig,
  extras: ResplitExtras = {},
): Promise<{ written: ResplitReport[]; united: United; groups: number; copied: boolean }> {
  const { fractions, folds, fold, seed } = config;
  if (fractions !== null && folds !== null)
    refuse("split", "folds", "left out when fractions are given", folds, "conflict");
  if (fractions === null && folds === null)
    throw new ArcletError({
      where: "split",
      code: "missing",
      field: "fractions",
      problem: "must be given where folds are not",
    });
  if (fold !== null && (folds === null || fold >= folds))
    refuse("split", "fold", folds === null ? "given with --folds" : `0 to ${folds - 1}`, fold);
  const outs = folds === null || fold !== null ? [config.out] : foldsOf(config.out, folds);
  const rows = await readRows(config.dataset);
  refuseTaken(outs, rows, config);
  const strata = await strataOf(rows, config);
  const by = {
    sky: config.groupSky,
    id: config.groupId,
    alike: config.groupPixels === "alike" ? config.alike : null,
  };
  const { groups, united } = await groupRows(rows, by, extras.bar);
  const shardHashes = await verified(rows, extras.bar);
  const write = async (out: string, splits: readonly Split[], folded: Int32Array | null) =>
    isWritten(out, rows, config)
      ? { report: reportOf({ out, splits, strata }), copied: false }
      : writeResplit({ rows, groups, splits, folded, strata, config, extras, out, shardHashes });
  const written = [];
  let copied = false;
  if (fractions !== null) {
    const [train, val, test] = fractions;
    const result = await write(config.out, assignSplits(groups, strata, { train, val, test }, seed), null);
    written.push(result.report);
    copied ||= result.copied;
  } else {
    const folded = assignFolds(groups, strata, folds!, seed);
    for (const [k, out] of outs.entries()) {
      const result = await write(out, splitsOfFold(groups, strata, folded, fold ?? k, config), folded);
      written.push(result.report);
      copied ||= result.copied;
    }
  }
  return { written, united, groups: new Set(groups).size, copied };
}

/** Folds that this command wrote before an error stopped it are kept. */
function refuseTaken(outs: readonly string[], rows: DatasetRows, config: ResplitConfig): void {
  const there = outs.filter(isTaken);
  const taken = there.length === outs.length ? there[0] : there.find((out) => !isWritten(out, rows, config));
  if (taken !== undefined) refuse("split", "out", "a name that is not taken", taken, "conflict");
}

const foldsOf = (out: string, folds: number): string[] =>
  Array.from({ length: folds }, (_, k) => join(out, `fold-${k}`));

/** One fold is the test split; a fraction of the rest is val. */
function splitsOfFold(
  groups: readonly string[],
  strata: readonly (string | null)[] | undefined,
  folded: Int32Array,
  test: number,
  { valFraction, seed }: ResplitConfig,
): Split[] {
  const rest = Array.from(folded.keys()).filter((row) => folded[row] !== test);
  const inner = assignSplits(
    rest.map((row) => groups[row]!),
    strata && rest.map((row) => strata[row]!),
    { train: 1 - valFraction, val: valFraction, test: 0 },
    seed,
  );
  const splits = new Array<Split>(folded.length).fill("test");
  rest.forEach((row, k) => {
    splits[row] = inner[k]!;
  });
  return splits;
}

/** The values of the column that is spread over the splits in proportion. */
async function strataOf(
  { folder, info }: DatasetRows,
  { stratify }: ResplitConfig,
): Promise<(string | null)[] | undefined> {
  if (stratify === null) return undefined;
  const file = join(folder, TABLE_FILE);
  return withDuckDB(":memory:", file, async (connection) => {
    const read = parquetSource(file);
    const names = (await connection.runAndReadAll(`SELECT * FROM ${read} LIMIT 0`)).columnNames();
    if (!names.includes(stratify)) {
      if (stratify === "label" && info.classes.length === 0) return undefined;
      throw unknown("split", "stratify", stratify, names);
    }
    const reader = await connection.runAndReadAll(
      `SELECT CAST(${identifier(stratify)} AS VARCHAR) FROM ${read}`,
    );
    return (reader.getColumnsJS()[0] ?? []) as (string | null)[];
  });
}

/** Hashes of the shards' files. @throws ArcletError when the dataset has changed since it was written */
async function verified(
  { folder, info }: DatasetRows,
  bar: ResplitExtras["bar"],
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const checking = bar?.("check", info.count);
  for (const { file, rows } of info.shards) {
    await safePoint("nothing was written");
    hashes.set(file, fileHash(join(folder, file)));
    checking?.tick(rows);
  }
  checking?.done();
  const now = contentHashOf(new Map([...hashes, [TABLE_FILE, fileHash(join(folder, TABLE_FILE))]]));
  if (now !== info.contentHash)
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `has changed since it was written (content hash ${now})`,
    });
  return hashes;
}
