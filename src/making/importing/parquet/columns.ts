/** Which columns of a Parquet table hold images, and how they are read. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, isDuckError, parquetSource, queried } from "../../../catalog/duck.ts";
import { unknown } from "../../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../../foundation/errors.ts";

/** A column, or a field of one. */
export interface ImageColumn {
  /** As the user writes it. */
  name: string;
  sql: string;
  /** Pictures' bytes, by themselves or with a path; or numbers in lists of lists. */
  kind: "bytes" | "bytes and path" | "numbers";
  /** Of numbers: how deep the lists are. */
  depth: number;
  /** Of numbers: whether they are bytes. */
  isDisplay: boolean;
}

/** The deepest lists of numbers that are an image: (C, H, W). */
const MOST_DEPTH = 3;

const NUMBERS = /^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?)((?:\[\d*\])+)$/;

/** How a column of a type holds images; null if it doesn't. */
function imageColumn(name: string, sql: string, type: string): ImageColumn | null {
  const pictures = { name, sql, depth: 0, isDisplay: true };
  if (type === "BLOB") return { ...pictures, kind: "bytes" };
  const fields = /^STRUCT\((.*)\)$/.exec(type)?.[1]?.split(", ") ?? [];
  if (fields.some((field) => /^"?bytes"? BLOB$/.test(field))) {
    const isPath = fields.some((field) => /^"?path"? VARCHAR$/.test(field));
    return { ...pictures, kind: isPath ? "bytes and path" : "bytes", sql: isPath ? sql : `${sql}.bytes` };
  }
  const [, of, lists] = NUMBERS.exec(type) ?? [];
  const depth = lists?.split("[").slice(1).length ?? 0;
  if (of === undefined || depth > MOST_DEPTH) return null;
  return { name, sql, kind: "numbers", depth, isDisplay: of === "UTINYINT" };
}

/**
 * The columns of images, of a file like all others.
 *
 * @param given names; none: the only column that can hold images. A flat list of numbers must be named: it may be anything
 * @param bands how many bands images have
 * @throws ArcletError when there is no such column, none or several can be meant, or one holds no images
 */
export async function imageColumnsOf(
  connection: DuckDBConnection,
  file: string,
  given: readonly string[],
  bands: readonly string[],
): Promise<ImageColumn[]> {
  const source = parquetSource(file);
  const described = (await queried(connection, `DESCRIBE SELECT * FROM ${source}`)) as [string, string][];
  const possible = described.flatMap(([name, type]) => imageColumn(name, identifier(name), type) ?? []);
  if (given.length === 0) {
    const images = possible.filter(({ depth }) => depth !== 1);
    if (images.length === 1) return images;
    const named = (images.length > 0 ? images : possible).map(({ name }) => name);
    throw new ArcletError({
      where: file,
      code: "missing",
      problem: `${images.length === 0 ? "no column holds" : `${images.length} columns hold`} images`,
      fix: `choose by --image-columns: ${(named.length > 0 ? named : described.map(([name]) => name)).join(", ")}`,
    });
  }
  if (given.length !== 1 && given.length !== bands.length)
    refuse("import", "imageColumns", `one, or one per band (${bands.join(", ")})`, given);
  const columns: ImageColumn[] = [];
  for (const name of given) {
    const { sql, type } = await typeOf(connection, file, name, described);
    const column = imageColumn(name, sql, type);
    columns.push(
      column ??
        refuse({ where: file }, name, "a column of pictures' bytes, or of lists of numbers", `a ${type}`),
    );
  }
  return columns;
}

async function typeOf(
  connection: DuckDBConnection,
  file: string,
  name: string,
  described: readonly (readonly [string, string])[],
): Promise<{ sql: string; type: string }> {
  const whole = described.find(([column]) => column === name);
  if (whole !== undefined) return { sql: identifier(name), type: whole[1] };
  const sql = name.split(".").map(identifier).join(".");
  try {
    const query = `DESCRIBE SELECT ${sql} AS field FROM ${parquetSource(file)}`;
    const [found] = (await queried(connection, query)) as [string, string][];
    return { sql, type: found![1] };
  } catch (error) {
    if (!isDuckError(error)) throw error;
    throw unknown(
      file,
      "imageColumns",
      name,
      described.map(([column]) => column),
    );
  }
}

/** What is selected of a column, always in two parts: bytes or numbers, and a path. */
export function selected({ sql, kind, depth, isDisplay }: ImageColumn): [values: string, path: string] {
  if (kind === "bytes") return [sql, "NULL::VARCHAR"];
  if (kind === "bytes and path") return [`${sql}.bytes`, `${sql}.path`];
  return [`${sql}::${isDisplay ? "UTINYINT" : "FLOAT"}${"[]".repeat(depth)}`, "NULL::VARCHAR"];
}
