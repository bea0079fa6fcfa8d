/** The format of a table's file: by its first bytes when reading, by its extension when writing. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { encodingOf, textForm } from "./text/form.ts";
import { refuseOtherBytes, type TextFile } from "./text/source.ts";
import type { TextForm } from "./text/text-form.ts";

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
/** As long as the longest header; of a gzipped file, what can't unpack to more than memory should hold. */
const PEEK_BYTES = 2 ** 20;
const PEEK_GZIPPED = 15 * 2 ** 10;

/** The format of a file name's extension. @throws ArcletError when it is not known */
export function formatByName(path: string): CatalogFormat {
  return byEnd(path) ?? refuse("write", "table", `a file that ends in ${Object.keys(ENDS).join(", ")}`, path);
}

function byEnd(path: string): CatalogFormat | undefined {
  const plain = path.toLowerCase().replace(/\.gz$/, "");
  return Object.entries(ENDS).find(([end]) => plain.endsWith(end))?.[1];
}

/**
 * The format of a file's content, which may be gzipped. Text is CSV, or TSV if its extension says so or its columns are parted
 * by tabs; `text` says how it is written.
 *
 * @throws ArcletError when the file is missing, of another kind, or contradicts its extension
 */
export function formatOf(path: string): { format: ReadableFormat; gzipped: boolean; text?: TextFile } {
  const raw = beginning(path);
  if (raw.length === 0) throw new ArcletError({ where: path, code: "empty", problem: "the file is empty" });
  const gzipped = raw[0] === 0x1f && raw[1] === 0x8b;
  const start = gzipped ? unpackedBeginning(path, raw.subarray(0, PEEK_GZIPPED)) : raw;
  const whole = raw.length < (gzipped ? PEEK_GZIPPED : PEEK_BYTES);
  const known = byContent(path, start);
  const named = byEnd(path);
  const isText = (kind: CatalogFormat) => kind === "csv" || kind === "tsv";
  if (named !== undefined && named !== (known ?? "csv") && !(isText(named) && known === null))
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `is named as ${NAMES[named]} but holds ${NAMES[known ?? "csv"]}`,
    });
  if (known !== null) return { format: known, gzipped };
  const form = formOf(path, start, whole, named === "tsv");
  const format = named === "csv" || named === "tsv" ? named : form.delimiter === "\t" ? "tsv" : "csv";
  return { format, gzipped, text: { path, form, gzipped } };
}

/** How a text table is written. @throws ArcletError for bytes that are no text */
function formOf(path: string, start: Buffer, whole: boolean, tabs: boolean): TextForm {
  const encoding = encodingOf(start);
  if (encoding === null) throw unsupported(path, "is binary, in no known table format");
  // The last line may be cut, in the middle of a character.
  const cut = whole ? start : start.subarray(0, start.lastIndexOf(0x0a) + 1 || undefined);
  if (encoding === "utf-8") refuseOtherBytes(path, cut);
  const text = new TextDecoder(encoding).decode(cut);
  return textForm(path, text, encoding, tabs);
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

/** Formats that are not read as tables, by their first bytes. */
const OTHERS: readonly (readonly [start: string, problem: string, fix?: string])[] = [
  ["\x89HDF", "is HDF5, which is not read as a table"],
  ["SQLite format 3", "is SQLite, which is not read as a table"],
  ["BZh", "is packed with bzip2", "unpack it first, by bunzip2"],
  ["\xfd7zXZ\0", "is packed with xz", "unpack it first, by unxz"],
  ["\x28\xb5\x2f\xfd", "is packed with zstd", "unpack it first, by unzstd"],
  ["PK\x03\x04", "is a zip archive (or a spreadsheet)", "unpack it, or save it as CSV, first"],
  ["# Region file", "is a DS9 region file, which is only written, never read"],
];

/** @returns null for text */
function byContent(path: string, start: Buffer): ReadableFormat | null {
  const bytes = start.toString("latin1", 0, 4096);
  const encoding = encodingOf(start);
  const text = (
    encoding === null || encoding === "utf-8" ? bytes : new TextDecoder(encoding).decode(start)
  ).replace(/^(\xef\xbb\xbf|\uFEFF)/, "");
  if (text.startsWith("PAR1")) return "parquet";
  if (text.startsWith("SIMPLE  =")) return "fits";
  for (const [beginning, problem, fix] of OTHERS)
    if (text.startsWith(beginning)) throw unsupported(path, problem, fix);
  if (/^\s*<(!DOCTYPE\s+html|html|head|body)/i.test(text))
    throw new ArcletError({ where: path, code: "broken", problem: "is a web page, not a table" });
  if (/^\s*<(\?xml|!--|!DOCTYPE|([\w.-]+:)?VOTABLE)/i.test(text)) return "votable";
  return null;
}

const unsupported = (path: string, problem: string, fix?: string) =>
  new ArcletError({ where: path, code: "unsupported", problem, ...(fix === undefined ? {} : { fix }) });
