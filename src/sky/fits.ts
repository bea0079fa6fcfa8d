/// <reference lib="esnext.disposable" preserve="true" />
/**
 * FITS files (Pence et al. 2010, A&A 524, A42), by CFITSIO: primary images, extensions, cubes; tile-compressed or
 * gzipped; integers scaled by BSCALE and BZERO; BLANK and NaN as NaN. A file's structure is checked against its length
 * before anything is read, so that a false header is an error and never a crash or a huge allocation.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError, type Location, refuse } from "../foundation/errors.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import { mostUnpacked, unpacksTooFar } from "../foundation/unpacking.ts";
import { type AsciiField, door, type FitsColumnKind, type HduInfo, nativeCall } from "./door.ts";
import { asciiValues } from "./fits-ascii.ts";
import { type CardValue, cardOf, Header } from "./fits-header.ts";

/** An image of a FITS file. */
export interface FitsImage {
  /** Number of the HDU, from 0. */
  hdu: number;
  /** EXTNAME; empty if there is none. */
  name: string;
  /** Slowest axis first: (rows, columns) or (planes, rows, columns). Row 0 is the bottom row of a picture. */
  shape: number[];
  /** Its header. */
  header: Header;
  /** Row-major, with NaN where a pixel is blank. */
  data: Float32Array;
}

/** What a FITS file says of a column. */
export interface FitsColumn extends Partial<AsciiField> {
  /** Its name. */
  name: string;
  /** Its unit; empty if the file names none. */
  unit: string;
  /** What it holds; empty for what is not read. */
  kind: FitsColumnKind | "";
}

/** A cell of a FITS table; null where it is empty. */
export type FitsCell = string | number | bigint | boolean | null;

/** Part of an image, axes in the order of its shape, slowest first; pixels count from 0. */
export interface Region {
  /** First pixel along each axis. */
  first: readonly number[];
  /** Pixels along each axis. */
  size: readonly number[];
}

const forgotten = new FinalizationRegistry<number>((file) => door().close(file));

/** An open FITS file. Call `close`, or declare it with `using`. */
export class FitsFile {
  /** The file's name, for errors. */
  readonly name: string;
  /** What the file has, in its order. */
  readonly hdus: readonly HduInfo[];
  #file: number;
  readonly #headers = new Map<number, Header>();

  /** @throws ArcletError naming the file when it is not FITS or is cut short */
  constructor(source: string | Uint8Array, name = typeof source === "string" ? source : "memory") {
    this.name = name;
    const bytes = typeof source === "string" ? unpacked(source) : source;
    const opened = nativeCall(name, () =>
      typeof bytes === "string" ? door().openFile(bytes) : door().openBytes(bytes),
    );
    this.#file = opened.file;
    this.hdus = opened.hdus;
    forgotten.register(this, opened.file, this);
  }

  /** The header of an HDU; for a compressed image, the image's own. */
  header(hdu: number): Header {
    const known = this.#headers.get(hdu);
    if (known !== undefined) return known;
    const header = new Header(nativeCall(this.#where(hdu), () => door().header(this.#file, hdu)));
    this.#headers.set(hdu, header);
    return header;
  }

  /** The pixels of an image or of a region, row-major. @throws ArcletError naming the file and the HDU */
  read(hdu: number, region?: Region): Float32Array {
    return nativeCall(this.#where(hdu), () => door().read(this.#file, hdu, false, ...bounds(region)));
  }
  /** The same in double precision: integers of more than 24 bits keep all digits. */
  readDouble(hdu: number, region?: Region): Float64Array {
    return nativeCall(this.#where(hdu), () => door().read(this.#file, hdu, true, ...bounds(region)));
  }

  /**
   * The HDU with this number or EXTNAME, or the first with pixels.
   *
   * @throws ArcletError if there is none, or several have the name
   */
  find(which?: string | number): number {
    const found = this.findAll(which);
    if (found.length > 1 && which !== undefined) throw severalHdus(this.name, which, found);
    return found[0]!;
  }

  /** All HDUs with pixels that are meant, at least one. @throws ArcletError if there is none */
  findAll(which?: string | number): number[] {
    const images = this.hdus.flatMap((hdu, k) => (isImage(hdu) ? [k] : []));
    if (images.length === 0)
      throw new ArcletError({ where: this.name, code: "empty", problem: "holds no image" });
    if (which === undefined) return images;
    const found = hdusOf(
      images.map((k) => ({ ...this.hdus[k]!, hdu: k })),
      which,
    );
    if (found.length > 0) return found;
    return refuse(
      this.name,
      "HDU",
      `one of ${images.map((k) => this.hdus[k]!.name || k).join(", ")}`,
      which,
      "absent",
    );
  }

  /** The columns of a table; kind "" is arrays or complex numbers. @throws ArcletError if it is no table */
  tableColumns(hdu: number): { rows: number; columns: FitsColumn[] } {
    return nativeCall(this.#where(hdu), () => door().tableColumns(this.#file, hdu));
  }
  /** A column's values, null where undefined or infinite; whole numbers are bigint. */
  readColumn(hdu: number, column: number): FitsCell[] {
    const read = nativeCall(this.#where(hdu), () => door().readColumn(this.#file, hdu, column));
    if (Array.isArray(read)) {
      if (this.hdus[hdu]!.kind !== "ascii table") return read;
      return asciiValues(read, this.tableColumns(hdu).columns[column]!, this.#where(hdu));
    }
    const { values, empty } = read;
    const truths = values instanceof Uint8Array;
    return Array.from(values as Float64Array, (value, row) =>
      empty[row] === 1 || value === Infinity || value === -Infinity ? null : truths ? Boolean(value) : value,
    );
  }

  /** Closes the file; calling it again does nothing. */
  close(): void {
    forgotten.unregister(this);
    if (this.#file !== 0) door().close(this.#file);
    this.#file = 0;
  }
  /** `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #where(hdu: number): Location {
    return { where: this.name, part: this.hdus.length > 1 ? `HDU ${hdu}` : undefined };
  }
}

/**
 * The numbers of the HDUs that are meant: by number, by EXTNAME, or by EXTNAME and EXTVER as `SCI,2` or `SCI:2`. A name in
 * other letters' case is taken if there is none in these.
 */
export function hdusOf(
  hdus: readonly { hdu: number; name: string; version: number }[],
  which: string | number,
): number[] {
  const numbered = hdus.filter(({ hdu }) => hdu === which);
  if (typeof which === "number" || numbered.length > 0) return numbered.map(({ hdu }) => hdu);
  const [, stem, version] = /^(.*)[,:](\d+)$/.exec(which) ?? [];
  for (const fold of [(text: string) => text, (text: string) => text.toLowerCase()]) {
    const named = hdus.filter(({ name }) => fold(name) === fold(which));
    const versioned = hdus.filter(
      (one) => stem !== undefined && fold(one.name) === fold(stem) && one.version === Number(version),
    );
    const found = named.length > 0 ? named : versioned;
    if (found.length > 0) return found.map(({ hdu }) => hdu);
  }
  return [];
}

/** The error for a name that several HDUs have. */
export const severalHdus = (where: string, which: string | number, found: readonly number[]): ArcletError =>
  new ArcletError({
    where,
    code: "argument",
    problem: `has several HDUs ${which}: numbers ${found.join(", ")}`,
    fix: "give a number, or the name with its EXTVER, like SCI,2",
  });

const isImage = (hdu: HduInfo) => hdu.kind === "image" && hdu.shape.length > 0 && !hdu.shape.includes(0);
const bounds = (region: Region | undefined): [number[]?, number[]?] =>
  region === undefined ? [] : [[...region.first], [...region.size]];

/**
 * All images of a file.
 *
 * @param source a path, or the file's bytes
 * @throws ArcletError naming the file when it can't be read
 */
export function readFits(source: string | Uint8Array, name?: string): FitsImage[] {
  const file = new FitsFile(source, name);
  try {
    return file.hdus.flatMap((hdu, k) => {
      if (!isImage(hdu)) return [];
      return [{ hdu: k, name: hdu.name, shape: hdu.shape, header: file.header(k), data: file.read(k) }];
    });
  } finally {
    file.close();
  }
}

/** Largest size of a gzipped file when unpacked, bytes. */
const MOST_UNPACKED = 2 ** 31;

/** The path, if CFITSIO may open the file as it is; the unpacked bytes, if it is gzipped. */
function unpacked(path: string): string | Uint8Array {
  return guarded(path, () => {
    if (!statSync(path).isFile())
      throw new ArcletError({ where: path, code: "unreadable", problem: "is not a file" });
    const start = new Uint8Array(2);
    const file = openSync(path, "r");
    try {
      readSync(file, start, 0, 2, 0);
    } finally {
      closeSync(file);
    }
    if (start[0] !== 0x1f || start[1] !== 0x8b) return path;
    const packed = readFileSync(path);
    const most = Math.min(MOST_UNPACKED, mostUnpacked(packed.length));
    try {
      return gunzipSync(packed, { maxOutputLength: most });
    } catch (error) {
      if (most < MOST_UNPACKED && (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
        throw unpacksTooFar(path, packed.length);
      throw foreignError(path, error, "broken", (reason) => `does not unpack (${reason})`);
    }
  });
}

/** The arrays whose type can be an image's on disk. */
export type FitsArray = Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array | Float64Array;

/** An image to write; the array's type is its type on disk. */
export interface FitsOutput {
  /** Row-major, slowest axis first. */
  data: FitsArray;
  /** Slowest axis first. */
  shape: readonly number[];
  /** Cards besides the structure's: value, or value and comment. BSCALE and BZERO are written, not applied. */
  header?: Readonly<Record<string, CardValue | readonly [CardValue, string]>>;
  /** EXTNAME. */
  name?: string;
  /** Tile compression. For floats only gzip is lossless; the others need `quantize`. */
  compression?: "rice" | "gzip" | "gzip2" | "hcompress" | "plio";
  /** Floats are rounded to the noise divided by this (CFITSIO's q; fpack's is 4); not rounded by default. */
  quantize?: number;
}

/** The bytes of a FITS file of images, one per HDU. @throws ArcletError for shapes that don't fit their data */
export function fitsBytes(images: readonly FitsOutput[]): Uint8Array {
  const prepared = images.map(({ data, shape, header = {}, name, compression, quantize }) => {
    const cards = name === undefined ? [] : [cardOf("EXTNAME", name)];
    for (const [key, entry] of Object.entries(header)) {
      const [value, comment] = Array.isArray(entry)
        ? (entry as [CardValue, string])
        : [entry as CardValue, ""];
      cards.push(cardOf(key.toUpperCase(), value, comment));
    }
    return { data, shape, cards, compression: compression ?? null, quantize: quantize ?? null };
  });
  return nativeCall("fits", () => door().writeImages(prepared));
}

/** Writes images as one FITS file, all of it or none. */
export function writeFits(path: string, images: readonly FitsOutput[]): void {
  writeFileWhole(path, fitsBytes(images));
}
