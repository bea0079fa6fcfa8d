/// <reference types="node" preserve="true" />
/** A text table as DuckDB reads it: in place, or rewritten as CSV if DuckDB can't read its form. */
import { isUtf8 } from "node:buffer";
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { csvText } from "../../foundation/csv.ts";
import { foreignError } from "../../foundation/errors/foreign.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded, writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { fileLiteral, literal } from "../duck.ts";
import { recordsOf } from "./records.ts";
import type { TextForm } from "./text-form.ts";

/** A text table, and how it is written. */
export interface TextFile {
  /** The user's file, for messages. */
  path: string;
  form: TextForm;
  gzipped: boolean;
}

/** Its columns as texts, in SQL, in their order. */
export interface TextSource {
  sql: string;
  /** The file that DuckDB reads. */
  file: string;
}

/** Largest text that is rewritten: it is held in memory. */
const MOST_BYTES = 2 ** 29 - 2 ** 20;

/** The source if DuckDB can read it in place; null if it can't. */
export const plainSource = ({ path, form, gzipped }: TextFile): TextSource | null =>
  form.plain ? { sql: sourceSql(path, form, gzipped), file: path } : null;

function sourceSql(path: string, form: Pick<TextForm, "names" | "delimiter">, gzipped: boolean): string {
  const columns = form.names.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  return `read_csv(${fileLiteral(path)}, auto_detect = false, header = true, delim = ${literal(form.delimiter)},
    quote = '"', escape = '"', null_padding = false, compression = '${gzipped ? "gzip" : "none"}',
    hive_partitioning = false, columns = {${columns}})`;
}

/**
 * Writes it as CSV into a folder.
 *
 * @throws ArcletError naming the line that is not in the table's encoding, or the row with more or fewer cells than columns
 */
export async function rewrittenSource(file: TextFile, folder: string): Promise<TextSource> {
  const { path, form } = file;
  const rows: string[][] = [];
  const { delimiter, comments, firstRow } = form;
  for (const { cells } of recordsOf(await textOf(file), { delimiter, comments, from: firstRow })) {
    rows.push(cells);
    refuseRagged(path, form.names.length, cells.length, rows.length);
    if (rows.length % 65_536 === 0) await safePoint("nothing was written");
  }
  const written = join(folder, "table.csv");
  writeFileWhole(written, csvText([form.names, ...rows]));
  return { sql: sourceSql(written, { names: form.names, delimiter: "," }, false), file: written };
}

/** Runs `work` with a source of the file, which is there as long as it runs. */
export async function withTextSource<T>(
  file: TextFile,
  work: (source: TextSource) => Promise<T>,
): Promise<T> {
  const plain = plainSource(file);
  if (plain !== null) {
    try {
      return await work(plain);
    } catch (error) {
      if (!(error instanceof ArcletError) || error.code !== "broken") throw error;
      // Says what is wrong as a person would, or reads what DuckDB can't, e.g. lines that end in two ways.
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "arclet-table-"));
  try {
    return await work(await rewrittenSource(file, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function refuseRagged(path: string, columns: number, cells: number, row: number): void {
  if (cells === columns) return;
  const problem = `has ${cells} ${cells === 1 ? "cell" : "cells"}, the header ${columns}`;
  throw new ArcletError({ where: path, row, code: "broken", problem });
}

async function textOf({ path, form: { encoding }, gzipped }: TextFile): Promise<string> {
  const bytes = await bytesOf(path, gzipped);
  if (encoding === "utf-8") {
    refuseOtherBytes(path, bytes);
    return bytes.toString("utf8").replace(/^\uFEFF/, "");
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw foreignError(path, error, "broken", () => `is not ${encoding.toUpperCase()} throughout`);
  }
}

async function bytesOf(path: string, gzipped: boolean): Promise<Buffer> {
  if (!gzipped && guarded(path, () => statSync(path)).size > MOST_BYTES) throw tooLarge(path);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    const raw = createReadStream(path);
    const stream = gzipped ? pipeline(raw, createGunzip(), () => {}) : raw;
    for await (const part of stream as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MOST_BYTES) throw tooLarge(path);
      parts.push(part);
    }
  } catch (error) {
    throw foreignError(path, error, "broken", (reason) => `does not unpack (${reason})`);
  }
  return Buffer.concat(parts);
}

const tooLarge = (path: string) =>
  new ArcletError({
    where: path,
    code: "too-large",
    problem: "is a text table of more than 512 MB of a form that is read in memory",
    fix: "write it as CSV in UTF-8, Parquet or FITS",
  });

/** @throws ArcletError naming the first line that is not UTF-8 */
export function refuseOtherBytes(path: string, bytes: Buffer): void {
  if (isUtf8(bytes)) return;
  let line = 1;
  for (let at = 0; at < bytes.length; line++) {
    const next = bytes.indexOf(0x0a, at);
    const end = next < 0 ? bytes.length : next;
    if (!isUtf8(bytes.subarray(at, end))) break;
    at = end + 1;
  }
  throw new ArcletError({
    where: path,
    line,
    code: "unsupported",
    problem: "is not UTF-8 (Latin-1?)",
    fix: "convert it, e.g. by iconv -f latin1 -t utf-8",
  });
}
