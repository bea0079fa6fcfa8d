/** The parts of a scoring ranked as one table: by DuckDB, which uses the disk where memory doesn't do. */
import { renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, literal, parquetSource, queried, withDuckDB } from "../../catalog/duck.ts";
import type { Value } from "../../catalog/table.ts";
import { writeCatalog } from "../../catalog/write.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { refuseDuplicates } from "../score-table.ts";
import { RANK, type ScoreTableKind, scoreColumns } from "../scores.ts";
import { joinSettings } from "../scratch-database.ts";
import { type PartFacts, readFacts } from "./scored-part.ts";

/** Rows of a table that is written from memory, in any format. */
export const MOST_IN_MEMORY = 1_000_000;

export interface MergeOptions {
  /** What was scored, for messages. */
  data: string;
  /** Only the best rows; null for all. */
  top: number | null;
  /** Of regions' circles, arcsec. */
  radius: number;
  /** A folder for what outgrows memory, which is gone afterwards. */
  scratch: string;
}

/**
 * Writes the table of all parts' rows, best first, those of equal score by id.
 *
 * @param parts their files, in any order
 * @returns what the user should know, one line each
 * @throws ArcletError when an id occurs twice, or the parts are of different models
 */
export async function mergeScores(
  out: string,
  parts: readonly { table: string; facts: string }[],
  { data, top, radius, scratch }: MergeOptions,
): Promise<string[]> {
  const facts = parts.map((part) => readFacts(part.facts));
  const kind = kindOfAll(facts, parts);
  const columns = scoreColumns(kind);
  const settings = joinSettings(resolve(scratch));
  rmSync(scratch, { recursive: true, force: true });
  try {
    return await withDuckDB(
      ":memory:",
      out,
      async (connection) => {
        await connection.run(
          `CREATE VIEW parts AS SELECT ${columns.map(({ name }) => identifier(name)).join(", ")}
           FROM ${parquetSource(parts.map(({ table }) => table))}`,
        );
        await refuseDuplicates(connection, data, "parts", "give each row of these datasets an id of its own");
        const [[rows] = []] = await queried(connection, "SELECT count(*) FROM parts");
        const count = Math.min(top ?? Number(rows), Number(rows));
        const ranked = `SELECT * FROM parts ORDER BY score DESC, id LIMIT ${count}`;
        const notes: string[] = [];
        if (count > MOST_IN_MEMORY) await copyRanked(connection, ranked, out);
        else {
          const best = (await queried(connection, ranked)) as Value[][];
          const [id, ...others] = columns;
          const table = best.map(([first, ...values], k) => [first!, k + 1, ...values]);
          notes.push(...(await writeCatalog(out, [id!, RANK, ...others], table, { radius })));
        }
        const shown = await queried(connection, "SELECT id FROM parts ORDER BY score DESC, id LIMIT 5");
        const taken = count < Number(rows) ? `, the best ${count} written` : "";
        const ids = shown.map(([id]) => id).join(", ");
        return [...notesOf(facts), ...notes, `${out}: ${rows} images${taken}; best: ${ids}`];
      },
      settings,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Writes more rows than memory is to hold, as Parquet. */
async function copyRanked(connection: DuckDBConnection, ranked: string, out: string): Promise<void> {
  const partial = `${out}.partial`;
  await connection.run(`CREATE TABLE ranked AS ${ranked}`);
  // One thread numbers and writes the rows in their order, with the same bytes each time.
  await connection.run("SET threads = 1");
  try {
    await connection.run(
      `COPY (SELECT id, rowid::BIGINT + 1 AS rank, * EXCLUDE (id) FROM ranked ORDER BY rowid)
       TO ${literal(resolve(partial))} (FORMAT parquet)`,
    );
    renameSync(partial, out);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** @throws ArcletError when parts are of models with other classes, or calibrated in another way */
function kindOfAll(facts: readonly PartFacts[], parts: readonly { facts: string }[]): ScoreTableKind {
  const alike = ({ notes: _, positions: __, ...rest }: PartFacts) => JSON.stringify(rest);
  const [first] = facts;
  const other = facts.findIndex((one) => alike(one) !== alike(first!));
  if (other >= 0)
    throw new ArcletError({
      where: parts[other]!.facts,
      code: "conflict",
      problem: "is of other models than the shards before it",
      fix: "remove the folder of shards to begin again",
    });
  return { ...first!, positions: facts.some(({ positions }) => positions) };
}

/** Most notes that are printed: a note may say a number of each part's own. */
const MOST_NOTES = 20;

const notesOf = (facts: readonly PartFacts[]): string[] =>
  [...new Set(facts.flatMap(({ notes }) => notes))].slice(0, MOST_NOTES);

/** In the folder of a merge. */
export const scratchIn = (folder: string): string => join(folder, "ranking");
