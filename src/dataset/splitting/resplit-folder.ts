/** The folder of a dataset with other splits: images linked, the table rewritten. */
import { constants, copyFileSync, existsSync, linkSync, rmSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { literal, parquetSource, withDuckDB } from "../../catalog/duck.ts";
import { fillTable } from "../../catalog/duck-rows.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded, isTaken, writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import { contentHashOf, fileHash } from "../hash.ts";
import { type DatasetInfo, INFO_FILE, readInfo, SPLITS, type Split, TABLE_FILE } from "../info.ts";
import { IN_GROUPS } from "../row-groups.ts";
import { continueFolder, holdsFiles } from "../unfinished.ts";
import type { ResplitConfig } from "./config.ts";
import type { DatasetRows } from "./leaks/rows.ts";

/** A dataset that was split again. */
export interface ResplitReport {
  /** Where it was written. */
  folder: string;
  /** Its `dataset.json`. */
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

/**
 * Writes it whole; what an error left unfinished is resumed.
 *
 * @returns what it has, and whether its images had to be copied
 */
export async function writeResplit(work: Writing): Promise<{ report: ResplitReport; copied: boolean }> {
  const { rows, config, extras, out, shardHashes } = work;
  let copied = false;
  const fill = async (partial: string) => {
    for (const { file } of rows.info.shards) {
      await safePoint("nothing was written");
      copied = linkOrCopy(join(rows.folder, file), join(partial, file)) || copied;
    }
    for (const file of extras.also ?? [])
      if (existsSync(join(rows.folder, file)))
        guarded(file, () => {
          rmSync(join(partial, file), { force: true }); // what an earlier try copied may be read-only, as its original
          copyFileSync(join(rows.folder, file), join(partial, file));
        });
    await rewriteTable(work, join(partial, TABLE_FILE));
    const info: DatasetInfo = {
      ...rows.info,
      name: basename(resolve(out)),
      provenance: {
        command: "split",
        ...extras.provenance,
        options: optionsOf(config),
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
  };
  const identity = { command: "split", data: rows.info.contentHash, ...optionsOf(config) };
  await continueFolder(out, identity, null, fill, holdsFiles);
  return { report: reportOf(work), copied };
}

function optionsOf({ dataset: _, out: __, ...options }: ResplitConfig) {
  return options;
}

/** Whether a folder is one that this very command has written, before an error stopped it at another. */
export function isWritten(out: string, rows: DatasetRows, config: ResplitConfig): boolean {
  if (!isTaken(out) || !existsSync(join(out, INFO_FILE))) return false;
  const { options, parent } = readInfo(join(out, INFO_FILE)).provenance;
  const asked = JSON.stringify([optionsOf(config), rows.info.contentHash]);
  const { contentHash } = (parent ?? {}) as { contentHash?: string };
  return JSON.stringify([options, contentHash]) === asked;
}

/** What a written folder has. */
export function reportOf({ out, splits, strata }: Pick<Writing, "out" | "splits" | "strata">): ResplitReport {
  const counts = SPLITS.map((split) => {
    const inSplit = Array.from(splits.keys()).filter((row) => splits[row] === split);
    const by: Record<string, number> = {};
    for (const row of strata === undefined ? [] : inSplit) {
      const value = strata?.[row] ?? "none";
      by[value] = (by[value] ?? 0) + 1;
    }
    return { split, rows: inSplit.length, strata: by };
  });
  return { folder: out, info: readInfo(join(out, INFO_FILE)), counts };
}

/** @returns whether it had to be copied */
function linkOrCopy(from: string, to: string): boolean {
  rmSync(to, { force: true }); // of an unfinished folder; a copy may be cut
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
    const read = parquetSource(old);
    const names = (await connection.runAndReadAll(`SELECT * FROM ${read} LIMIT 0`)).columnNames();
    const without = names.includes("fold") ? "EXCLUDE (fold)" : "";
    const fold = folded === null ? "" : ", fresh.fold::BIGINT AS fold";
    await connection.run(
      `COPY (SELECT old.* ${without} REPLACE (fresh.split AS split, fresh."group" AS "group")${fold}
         FROM ${read} AS old POSITIONAL JOIN fresh)
       TO ${literal(resolve(path))} (${IN_GROUPS.format})`,
    );
  });
}
