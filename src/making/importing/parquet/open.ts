/** Parquet tables with images in their columns, as HuggingFace's datasets have them, opened for an import. */
import { basename, dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Catalog } from "../../../catalog/catalog.ts";
import {
  fileLiteral,
  inOneLine,
  literal,
  openDuckDB,
  parquetSource,
  queried,
} from "../../../catalog/duck.ts";
import { namedTable } from "../../../catalog/named.ts";
import { readParquet } from "../../../catalog/read.ts";
import { type ColumnType, Table, type Value } from "../../../catalog/table.ts";
import { ArcletError, refuse } from "../../../foundation/errors.ts";
import { digest, fileState } from "../../file-state.ts";
import type { ImportConfig } from "../config.ts";
import { hashedFile } from "../identity.ts";
import type { Opened } from "../opening.ts";
import { type ImageColumn, imageColumnsOf } from "./columns.ts";
import { classNames } from "./features.ts";
import { refuseMissingShards, splitIn } from "./files.ts";
import { type ParquetFile, ParquetSource } from "./source.ts";

/** What is known of the files before an image is read. */
interface Found {
  files: ParquetFile[];
  columns: ImageColumn[];
  classes: ReadonlyMap<string, readonly string[]>;
}

/** @throws ArcletError for a missing file or shard, wrong columns, or files of different columns */
export async function openParquet(config: ImportConfig, paths: readonly string[]): Promise<Opened> {
  for (const [field, value] of [
    ["table", config.table],
    ["pattern", config.pattern],
  ] as const)
    if (value !== null) refuse("import", field, "left out: the Parquet files have the rows", value);
  const identity = digest(paths.map(fileState));
  refuseMissingShards(paths);
  const found = await examined(paths, config);
  const { files } = found;
  const path = files.length === 1 ? files[0]!.path : `${dirname(files[0]!.path)} (${files.length} files)`;
  const known = found.columns.map(({ name }) => name.split(".")[0]!);
  const catalog = await readParquet(paths, path, known);
  const source = await ParquetSource.open(files, found.columns, {
    channels: config.bands.length,
    layout: config.layout,
  });
  try {
    const notes: string[] = [];
    const table = await tableOf(catalog, found, config, notes);
    const starts = startsOf(files);
    const placeOf = (row: number) => {
      const k = starts.findLastIndex((start) => start <= row);
      return { file: files[k]!, fileRow: row - starts[k]! };
    };
    return {
      source,
      table,
      config: withClasses(config, table, found, notes),
      locate: (row) => {
        const { file, fileRow } = placeOf(row);
        return { files: [file.path], index: fileRow };
      },
      sides: null,
      fileOf: (row) => {
        const { file, fileRow } = placeOf(row);
        return { file: file.name, fileRow };
      },
      unlisted: () => 0,
      identity,
      ownFiles: false,
      sources: () => paths.map(hashedFile),
      notes,
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Row of the table at which each file starts. */
function startsOf(files: readonly ParquetFile[]): number[] {
  let next = 0;
  return files.map(({ rows }) => {
    const start = next;
    next += rows;
    return start;
  });
}

async function examined(paths: readonly string[], config: ImportConfig): Promise<Found> {
  const { connection, close } = await openDuckDB(":memory:", paths[0]!);
  try {
    const first = paths[0]!;
    const columns = await inOneLine(first, () =>
      imageColumnsOf(connection, first, config.imageColumns, config.bands),
    );
    const files: ParquetFile[] = [];
    const shape = await inOneLine(first, () => schemaOf(connection, first));
    for (const path of paths)
      await inOneLine(path, async () => {
        refuseOther(path, await schemaOf(connection, path), first, shape);
        files.push(await sizesOf(connection, path, columns, shownAs(path, paths)));
      });
    if (files.every(({ rows }) => rows === 0))
      throw new ArcletError({ where: first, code: "empty", problem: "holds no rows" });
    return { files, columns, classes: await classNames(connection, first) };
  } finally {
    close();
  }
}

/** The shortest end of a path that no other file shares. */
function shownAs(path: string, paths: readonly string[]): string {
  const same = paths.filter((other) => basename(other) === basename(path)).length > 1;
  return same ? `${basename(dirname(path))}/${basename(path)}` : basename(path);
}

const schemaOf = async (connection: DuckDBConnection, path: string): Promise<Map<string, string>> =>
  new Map(
    (await queried(connection, `DESCRIBE SELECT * FROM ${parquetSource(path)}`)).map(
      ([name, type]) => [name, type] as [string, string],
    ),
  );

function refuseOther(
  path: string,
  schema: ReadonlyMap<string, string>,
  first: string,
  expected: ReadonlyMap<string, string>,
): void {
  for (const name of new Set([...expected.keys(), ...schema.keys()])) {
    const [here, there] = [schema.get(name), expected.get(name)];
    if (here === there) continue;
    const what = (type: string | undefined) => (type === undefined ? "no column" : "a column");
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `has ${what(here)} ${name}${here === undefined ? "" : ` of type ${here}`}, ${basename(first)} has ${what(there)}${there === undefined ? " of that name" : ` of type ${there}`}`,
      fix: "import files of different columns separately",
    });
  }
}

async function sizesOf(
  connection: DuckDBConnection,
  path: string,
  columns: readonly ImageColumn[],
  name: string,
): Promise<ParquetFile> {
  const file = fileLiteral(path);
  const [counted] = await queried(connection, `SELECT num_rows FROM parquet_file_metadata(${file})`);
  const tops = columns.map((column) => literal(column.name.split(".")[0]!)).join(", ");
  const [sized] = await queried(
    connection,
    `SELECT sum(total_uncompressed_size) FROM parquet_metadata(${file}) ` +
      `WHERE split_part(path_in_schema, ', ', 1) IN (${tops})`,
  );
  const rows = Number(counted![0]);
  return { path, name, rows, rowBytes: Number(sized![0] ?? 0) / Math.max(1, rows) };
}

/** The table with an id a row, classes by their names, and the split that files' names say. */
async function tableOf(
  catalog: Catalog,
  { files, columns, classes }: Found,
  config: ImportConfig,
  notes: string[],
): Promise<Table> {
  const { table, notes: said } = namedTable(catalog, config.idColumn);
  notes.push(...said);
  const added = new Map<string, readonly Value[]>();
  for (const [column, names] of classes) {
    if (!table.has(column)) continue;
    // -1 is an unknown class, by the library's convention.
    const named = (value: Value) => (value === null || value === -1 ? null : (names[Number(value)] ?? value));
    added.set(
      column,
      table.column(column).map((value) => {
        const name = named(value);
        return name === null ? null : String(name);
      }),
    );
  }
  if (config.idColumn === "id" && !table.has("id")) added.set("id", await idsOf(files, columns, notes));
  const splits = files.map(({ path }) => splitIn(path));
  const asked = config.splitColumn === "split" && !table.has("split") && config.splits.length === 0;
  if (asked && splits.every((split) => split !== undefined)) {
    added.set(
      "split",
      files.flatMap(({ rows }, k) => new Array<Value>(rows).fill(splits[k]!)),
    );
    notes.push("splits by the files' names");
  }
  return withColumns(table, added);
}

function withColumns(table: Table, added: ReadonlyMap<string, readonly Value[]>): Table {
  const kept = table.names.filter((name) => !added.has(name) && name !== "nothing");
  const values = new Map([...kept.map((name) => [name, table.column(name)] as const), ...added]);
  const types = new Map<string, ColumnType>([
    ...kept.map((name) => [name, table.typeOf(name)] as const),
    ...[...added.keys()].map((name) => [name, "text"] as const),
  ]);
  const singles = new Set(kept.filter((name) => table.isSingle(name)));
  return new Table(table.path, table.count, values, types, singles);
}

/** Ids where no column has them: the images' own file names if they tell rows apart, else the files' names and rows. */
async function idsOf(
  files: readonly ParquetFile[],
  columns: readonly ImageColumn[],
  notes: string[],
): Promise<string[]> {
  const [first] = columns;
  if (first!.kind === "bytes and path") {
    const { connection, close } = await openDuckDB(":memory:", files[0]!.path);
    try {
      const source = parquetSource(files.map(({ path }) => path));
      const names = await inOneLine(files[0]!.path, () =>
        queried(connection, `SELECT ${first!.sql}.path FROM ${source}`),
      );
      const stems = names.map(([path]) =>
        path === null ? "" : basename(String(path)).replace(/(?<=.)\.[^.]*$/, ""),
      );
      if (!stems.includes("") && new Set(stems).size === stems.length) {
        notes.push(`ids are the names of the pictures in ${first!.name}`);
        return stems;
      }
    } finally {
      close();
    }
  }
  notes.push("ids are the files' names and the rows there, from 1");
  return files.flatMap(({ name, rows }) => {
    const stem = name.replace(/\.parquet$/i, "").replaceAll("/", "-");
    return Array.from({ length: rows }, (_, k) => `${stem}-${String(k + 1).padStart(7, "0")}`);
  });
}

/** The configuration with the classes that the table's own metadata name, in their order. */
function withClasses(config: ImportConfig, table: Table, { classes }: Found, notes: string[]): ImportConfig {
  const columns = [...classes.keys()].filter((name) => table.has(name));
  const only = config.labelFrom === null && columns.length === 1 ? columns[0]! : null;
  const labelColumn = config.labelColumn ?? only;
  const names = labelColumn === null ? undefined : classes.get(labelColumn);
  if (names === undefined) return config;
  if (config.labelColumn === null) notes.push(`classes by the column ${labelColumn}: ${names.join(", ")}`);
  return { ...config, labelColumn, classes: config.classes.length > 0 ? config.classes : [...names] };
}
