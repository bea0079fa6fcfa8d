/** DuckDB for tables that may outgrow memory: on all cores, with a scratch folder for what does. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { withDuckDB } from "../catalog/duck.ts";

/** Memory that DuckDB may take before it uses the disk. */
const MEMORY = "2GB";

/** How DuckDB joins tables of any length: it uses a folder where its memory doesn't do. */
export const joinSettings = (scratch: string): Record<string, string> => ({
  threads: String(availableParallelism()),
  memory_limit: MEMORY,
  temp_directory: scratch,
});

/** @param about the user's file that errors name @param work is given the folder, which is gone when it has ended */
export async function inScratchDatabase<T>(
  about: string,
  work: (connection: DuckDBConnection, scratch: string) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-evaluate-"));
  try {
    return await withDuckDB(
      ":memory:",
      about,
      (connection) => work(connection, scratch),
      joinSettings(scratch),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
