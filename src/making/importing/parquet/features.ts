/** What the `datasets` library of HuggingFace writes of a table's columns: the names of classes. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { fileLiteral, queried } from "../../../catalog/duck.ts";

const written = z.object({
  info: z.object({
    features: z.record(z.string(), z.unknown()),
  }),
});
const classLabel = z.object({ _type: z.literal("ClassLabel"), names: z.array(z.string()) });

/** Names of the classes that a column's whole numbers stand for, by column; empty if the file says nothing of it. */
export async function classNames(
  connection: DuckDBConnection,
  file: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const query = `SELECT decode(value) FROM parquet_kv_metadata(${fileLiteral(file)}) WHERE decode(key) = 'huggingface'`;
  const [found] = (await queried(connection, query)) as [string][];
  const names = new Map<string, readonly string[]>();
  if (found === undefined) return names;
  const info = written.safeParse(json(found[0]));
  // Another tool's, or another version's: columns are then what they are.
  if (!info.success) return names;
  for (const [column, feature] of Object.entries(info.data.info.features)) {
    const label = classLabel.safeParse(feature);
    if (label.success) names.set(column, label.data.names);
  }
  return names;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
