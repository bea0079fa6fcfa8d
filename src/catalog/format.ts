/** The format of a table's file: by its first bytes when reading, by its extension when writing. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";

export type ReadableFormat = "csv" | "tsv" | "parquet" | "votable" | "fits";
export type CatalogFormat = ReadableFormat | "regions";

const ENDS: Record<string, CatalogFormat> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".parquet": "parquet",
  ".vot": "votable",
  ".votable": "votable",
  ".xml": "votable",
  ".fits": "fits",
  ".fit": "fits",
  ".reg": "regions",
};
const NAMES: Record<CatalogFormat, string> = {
  csv: "CSV",
  tsv: "TSV",
  parquet: "Parquet",
  votable: "VOTable",
  fits: "FITS",
  regions: "DS9 regions",
};
const PEEK_BYTES = 4096;

/** The format of a file name's extension. @throws ArcletError when it is not known */
export function formatByName(path: string): CatalogFormat {
  return byEnd(path) ?? refuse("write", "table", `a file that ends in ${Object.keys(ENDS).join(", ")}`, path);
}

function byEnd(path: string): CatalogFormat | undefined {
  const plain = path.toLowerCase().replace(/\.gz$/, "");
  return Object.entries(ENDS).find(([end]) => plain.endsWith(end))?.[1];
}

/**
 * The format of a file's content, which may be gzipped. Text is CSV, or TSV if its extension says so or its first line has
 * a tab and no comma.
 *
 * @throws ArcletError when the file is missing, of another kind, or contradicts its extension
 */
export function formatOf(path: string): { format: ReadableFormat; gzipped: boolean } {
  const raw = beginning(path);
  if (raw.length === 0) throw new ArcletError({ where: path, code: "empty", problem: "the file is empty" });
  const gzipped = raw[0] === 0x1f && raw[1] === 0x8b;
  const format = byContent(path, gzipped ? unpackedBeginning(path, raw) : raw);
  const named = byEnd(path);
  const isText = (kind: CatalogFormat) => kind === "csv" || kind === "tsv";
  if (named !== undefined && named !== format && !(isText(named) && isText(format)))
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `is named as ${NAMES[named]} but holds ${NAMES[format]}`,
    });
  return { format: named === "csv" || named === "tsv" ? named : format, gzipped };
}

function beginning(path: string): Buffer {
  return guarded(path, () => {
    if (!statSync(path).isFile())
      throw new ArcletError({ where: path, code: "unreadable", problem: "is not a file" });
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(PEEK_BYTES);
      return bytes.subarray(0, readSync(file, bytes, 0, PEEK_BYTES, 0));
    } finally {
      closeSync(file);
    }
  });
}

function unpackedBeginning(path: string, raw: Buffer): Buffer {
  try {
    // The stream is longer than what was read: Z_SYNC_FLUSH returns what there is.
    return gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 24 });
  } catch (error) {
    throw foreignError(path, error, "broken", (reason) => `does not unpack (${reason})`);
  }
}

function byContent(path: string, start: Buffer): ReadableFormat {
  const text = start.toString("latin1").replace(/^\xef\xbb\xbf/, "");
  if (text.startsWith("PAR1")) return "parquet";
  if (text.startsWith("SIMPLE  =")) return "fits";
  if (text.startsWith("\x89HDF"))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: "is HDF5, which is not read as a table",
    });
  if (text.startsWith("SQLite format 3"))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: "is SQLite, which is not read as a table",
    });
  if (/^\s*<(!DOCTYPE\s+html|html|head|body)/i.test(text))
    throw new ArcletError({ where: path, code: "broken", problem: "is a web page, not a table" });
  if (/^\s*<(\?xml|!--|!DOCTYPE|([\w.-]+:)?VOTABLE)/i.test(text)) return "votable";
  if (text.includes("\0"))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: "is binary, in no known table format",
    });
  if (text.startsWith("# %ECSV"))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: "is ECSV",
      fix: "write it as CSV or FITS first",
    });
  if (text.startsWith("# Region file"))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: "is a DS9 region file, which is only written, never read",
    });
  const first = text.split(/\r?\n/)[0]!;
  return first.includes("\t") && !first.includes(",") ? "tsv" : "csv";
}
