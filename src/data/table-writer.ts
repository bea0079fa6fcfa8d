/** Writing a dataset's table: rows go to a database on the disk, and from there to Parquet. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  VARCHAR,
} from "@duckdb/node-api";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { identifier, literal } from "./duck.ts";
import { IMAGE_HASH } from "./hash.ts";
import type { ColumnType, Value } from "./table.ts";

/** Columns that every dataset has; no further column may have such a name. */
export const CORE_COLUMNS: Readonly<Record<string, ColumnType>> = {
  id: "text",
  shard: "whole",
  row: "whole",
  group: "text",
  split: "text",
  label: "text",
  ra: "number",
  dec: "number",
  [IMAGE_HASH]: "text",
};

/** DuckDB's standard size of a vector. */
const CHUNK_ROWS = 2048;
const DUCK_TYPES = { text: VARCHAR, whole: BIGINT, number: DOUBLE, "yes/no": BOOLEAN };

export class TableWriter {
  private readonly connection: DuckDBConnection;
  private readonly appender: DuckDBAppender;
  private readonly columns: [string, ColumnType][];
  private pending: Value[][];

  private constructor(
    connection: DuckDBConnection,
    appender: DuckDBAppender,
    columns: [string, ColumnType][],
  ) {
    this.connection = connection;
    this.appender = appender;
    this.columns = columns;
    this.pending = columns.map(() => []);
  }

  /** @param further columns beside the core's. @throws ArcletError when one has the name of another */
  static async open(
    connection: DuckDBConnection,
    further: Readonly<Record<string, ColumnType>>,
  ): Promise<TableWriter> {
    refuseTaken(Object.keys(further));
    const columns = Object.entries({ ...CORE_COLUMNS, ...further });
    const declared = columns.map(([name, type]) => `${identifier(name)} ${DUCK_TYPES[type]}`);
    await connection.run(`CREATE TABLE rows (${declared.join(", ")})`);
    return new TableWriter(connection, await connection.createAppender("rows"), columns);
  }

  /** @throws ArcletError when a value is not of its column's type */
  append(row: Readonly<Record<string, Value | undefined>>): void {
    for (const [i, [name, type]] of this.columns.entries())
      this.pending[i]!.push(stored(row, name, type, row[name] ?? null));
    if (this.pending[0]!.length === CHUNK_ROWS) this.flush();
  }

  /**
   * Checks the whole and writes it.
   *
   * @param path the Parquet file
   * @param folder the dataset's, for messages
   * @throws ArcletError when an id occurs twice, or a group or an image is in two splits
   */
  async finish(path: string, folder: string): Promise<void> {
    this.flush();
    this.appender.closeSync();
    const twice = await this.first("SELECT id FROM rows GROUP BY id HAVING count(*) > 1 ORDER BY id");
    if (twice) throw new ArcletError(`${folder}: not written, id ${twice[0]} occurs twice`);
    for (const column of ["group", IMAGE_HASH]) {
      const divided = await this.first(
        `SELECT min_by(id, split), max_by(id, split), ${identifier(column)} FROM rows
         GROUP BY 3 HAVING count(DISTINCT split) > 1 ORDER BY 3`,
      );
      if (!divided) continue;
      const what = column === "group" ? `group ${divided[2]}` : "the same image";
      throw new ArcletError(
        `${folder}: not written, ${what} is in two splits (ids ${divided[0]} and ${divided[1]})`,
      );
    }
    await this.connection.run(`COPY rows TO ${literal(path)} (FORMAT parquet)`);
  }

  private async first(query: string) {
    return (await this.connection.runAndReadAll(`${query} LIMIT 1`)).getRowsJS()[0];
  }

  private flush(): void {
    const rows = this.pending[0]!.length;
    if (rows === 0) return;
    const types = this.columns.map(([, type]) => DUCK_TYPES[type]);
    const chunk = DuckDBDataChunk.create(types, rows);
    chunk.setColumns(this.pending);
    this.appender.appendDataChunk(chunk);
    this.pending = this.columns.map(() => []);
  }
}

/** DuckDB does not tell `Ra` from `ra`. */
function refuseTaken(names: readonly string[]): void {
  const taken = new Set(Object.keys(CORE_COLUMNS));
  for (const name of names) {
    if (name === "" || taken.has(name.toLowerCase()))
      refuse("dataset", "column", "a name that no other column has, whatever its case", name);
    taken.add(name.toLowerCase());
  }
}

/** A value as its column holds it. */
function stored(
  row: Readonly<Record<string, Value | undefined>>,
  name: string,
  type: ColumnType,
  value: Value,
): Value {
  if (value === null) return null;
  if (type === "text" && typeof value === "string") return value;
  if (type === "number" && typeof value === "number") return value;
  if (type === "yes/no" && typeof value === "boolean") return value;
  if (type === "whole" && typeof value === "bigint") return value;
  if (type === "whole" && Number.isSafeInteger(value)) return BigInt(value as number);
  return refuse(`row ${row.id}`, name, type === "yes/no" ? "yes or no" : `a ${type}`, value);
}
