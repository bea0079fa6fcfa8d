/** DuckDB for tables that may outgrow memory: on all cores, with a scratch folder for what does. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { withDuckDB } from "../catalog/duck.ts";

/** Memory that DuckDB may take before it uses the disk. */
const MEMORY = "2GB";

/** @param about the user's file that errors name @param work is given the folder, which is gone when it has ended */
export async function inScratchDatabase<T>(
  about: string,
  work: (connection: DuckDBConnection, scratch: string) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-evaluate-"));
  const settings = { threads: String(availableParallelism()), memory_limit: MEMORY, temp_directory: scratch };
  try {
    return await withDuckDB(":memory:", about, (connection) => work(connection, scratch), settings);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
