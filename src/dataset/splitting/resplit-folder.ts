/** The folder of a dataset with other splits: images linked, the table rewritten. */
import { constants, copyFileSync, existsSync, linkSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { literal, withDuckDB } from "../../catalog/duck.ts";
import { fillTable } from "../../catalog/duck-rows.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded, writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import { contentHashOf, fileHash } from "../hash.ts";
import { type DatasetInfo, INFO_FILE, SPLITS, type Split, TABLE_FILE } from "../info.ts";
import { IN_GROUPS } from "../row-groups.ts";
import type { ResplitConfig } from "./config.ts";
import type { DatasetRows } from "./leaks/rows.ts";

export interface ResplitReport {
  folder: string;
  info: DatasetInfo;
  /** Rows of each split, and of each value of the column that was stratified by. */
  counts: { split: Split; rows: number; strata: Record<string, number> }[];
}

export interface ResplitExtras {
  bar?: (label: string, total: number) => Progress;
  provenance?: Record<string, string | number>;
  /** Files of the dataset's folder to copy, besides the images. */
  also?: readonly string[];
}

/** One dataset to write. */
export interface Writing {
  rows: DatasetRows;
  groups: readonly string[];
  splits: readonly Split[];
  folded: Int32Array | null;
  strata: readonly (string | null)[] | undefined;
  config: ResplitConfig;
  extras: ResplitExtras;
  out: string;
  shardHashes: ReadonlyMap<string, string>;
}

/** Writes it whole. @returns what it has, and whether its images had to be copied */
export async function writeResplit(work: Writing): Promise<{ report: ResplitReport; copied: boolean }> {
  const { rows, splits, strata, config, extras, out, shardHashes } = work;
  let info!: DatasetInfo;
  let copied = false;
  await writeFolderWhole(out, async (partial) => {
    for (const { file } of rows.info.shards) {
      await safePoint("nothing was written");
      copied = linkOrCopy(join(rows.folder, file), join(partial, file)) || copied;
    }
    for (const file of extras.also ?? [])
      if (existsSync(join(rows.folder, file)))
        guarded(file, () => copyFileSync(join(rows.folder, file), join(partial, file)));
    await rewriteTable(work, join(partial, TABLE_FILE));
    const { dataset: _, out: __, ...options } = config;
    info = {
      ...rows.info,
      name: basename(resolve(out)),
      provenance: {
        command: "split",
        ...extras.provenance,
        options,
        parent: {
          name: rows.info.name,
          contentHash: rows.info.contentHash,
          provenance: rows.info.provenance,
        },
      },
      contentHash: contentHashOf(
        new Map([...shardHashes, [TABLE_FILE, fileHash(join(partial, TABLE_FILE))]]),
      ),
    };
    writeFileWhole(join(partial, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`);
  });
  const counts = SPLITS.map((split) => {
    const inSplit = Array.from(splits.keys()).filter((row) => splits[row] === split);
    const by: Record<string, number> = {};
    for (const row of strata === undefined ? [] : inSplit) {
      const value = strata?.[row] ?? "none";
      by[value] = (by[value] ?? 0) + 1;
    }
    return { split, rows: inSplit.length, strata: by };
  });
  return { report: { folder: out, info, counts }, copied };
}

/** @returns whether it had to be copied */
function linkOrCopy(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return false;
  } catch (error) {
    if (
      !["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(
        (error as NodeJS.ErrnoException).code ?? "",
      )
    )
      return guarded(to, () => {
        throw error;
      });
    guarded(to, () => {
      copyFileSync(from, to, constants.COPYFILE_FICLONE);
      if (statSync(to).size !== statSync(from).size)
        throw new ArcletError({ where: to, code: "truncated", problem: "was not copied whole" });
    });
    return true;
  }
}

/** The old table with other splits and groups, and with the folds, if any. */
async function rewriteTable({ rows, groups, splits, folded }: Writing, path: string): Promise<void> {
  const old = join(rows.folder, TABLE_FILE);
  await withDuckDB(":memory:", old, async (connection) => {
    await connection.run(IN_GROUPS.setting);
    const columns = [
      { name: "split", type: "text" },
      { name: "group", type: "text" },
      { name: "fold", type: "whole" },
    ] as const;
    await fillTable(
      connection,
      "fresh",
      columns,
      splits.map((split, row) => [split, groups[row]!, folded === null ? null : folded[row]!]),
    );
    const read = `read_parquet(${literal(old)})`;
    const names = (await connection.runAndReadAll(`SELECT * FROM ${read} LIMIT 0`)).columnNames();
    const without = names.includes("fold") ? "EXCLUDE (fold)" : "";
    const fold = folded === null ? "" : ", fresh.fold";
    await connection.run(
      `COPY (SELECT old.* ${without} REPLACE (fresh.split AS split, fresh."group" AS "group")${fold}
         FROM ${read} AS old POSITIONAL JOIN fresh)
       TO ${literal(path)} (${IN_GROUPS.format})`,
    );
  });
}
