/** The native door to CFITSIO, WCSLIB and SEP, loaded on first use: `build/sky.node`, built by `npm run setup`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { foreignError, reasonOf } from "../foundation/errors/foreign.ts";
import { ArcletError, type Location } from "../foundation/errors.ts";

/** A header-data unit, as its header describes it. */
export interface HduInfo {
  kind: "image" | "table" | "ascii table";
  /** EXTNAME; empty if there is none. */
  name: string;
  /** EXTVER, which tells HDUs of one name apart; 1 if there is none. */
  version: number;
  /** Bits per pixel as stored, negative for floats; of a tile-compressed image, those of the image inside. */
  bitpix: number;
  /** Slowest axis first: rows before columns. */
  shape: number[];
  /** ZCMPTYPE of a tile-compressed image, e.g. `RICE_1`; empty otherwise. */
  compression: string;
}

export interface NativeImage {
  data: ArrayBufferView;
  shape: readonly number[];
  cards: readonly string[];
  compression: string | null;
  quantize: number | null;
}

/** The type of a FITS table column's values. */
export type FitsColumnKind = "text" | "whole" | "number" | "yes/no";

/** A table's column. Texts are bytes, NUL-terminated within `width`; yes/no is 1, 0, or -1 for unknown. */
export interface NativeColumn {
  name: string;
  unit: string;
  data: Float64Array | BigInt64Array | BigUint64Array | Int8Array | Uint8Array;
  width: number;
}

export type NativeTexts = (string | null)[];
export interface NativeValues {
  values: Float64Array | BigInt64Array | BigUint64Array | Uint8Array;
  /** 1 where a value is undefined. */
  empty: Uint8Array;
}

/** Celestial axes as a header states them; numbers are NaN, texts empty, where it doesn't. */
export interface NativeAxes {
  /** The longitude's name in CTYPE: RA, GLON, ELON, … */
  longitude: string;
  /** RADESYS. */
  frame: string;
  equinox: number;
  /** Modified Julian date of the observation. */
  mjd: number;
  /** Side of a pixel by the linear terms alone, arcsec. */
  linear: number;
}

/** An ASCII table's field: a number without a point has `decimals` digits behind it, then TSCAL and TZERO apply. */
export interface AsciiField {
  /** Digits behind the point of a number that has none. */
  decimals: number;
  scale: number;
  zero: number;
}

/** An image from a file read in a batch. */
export interface NativePart {
  hdu: number;
  name: string;
  /** EXTVER; 1 if there is none. */
  version: number;
  bitpix: number;
  shape: number[];
  data: Float32Array;
  cards: string;
  /** Longitude and latitude at the middle, and half a pixel to its left, right, below and above. */
  sky?: Float64Array;
  /** What these are. */
  axes?: NativeAxes;
}

/** The kind of a refusal, which is its error's `code` too. */
export type RefusalCode =
  | "truncated"
  | "absent"
  | "unreadable"
  | "unsupported"
  | "broken"
  | "too-large"
  | "argument";

/** Why a file of a batch could not be read. */
export interface NativeRefusal {
  code: RefusalCode;
  text: string;
}

interface Sky {
  openFile(path: string): { file: number; hdus: HduInfo[] };
  openBytes(bytes: Uint8Array): { file: number; hdus: HduInfo[] };
  header(file: number, hdu: number): string;
  read(file: number, hdu: number, double: false, first?: number[], size?: number[]): Float32Array;
  read(file: number, hdu: number, double: true, first?: number[], size?: number[]): Float64Array;
  readFiles(
    paths: readonly string[],
    keys: readonly string[],
    wcsKeys: readonly string[],
    mostBytes: number,
  ): Promise<(NativePart[] | NativeRefusal | null)[]>;
  isReentrant(): boolean;
  close(file: number): void;
  openFiles(): number;
  writeImages(images: readonly NativeImage[]): Uint8Array;
  writeTable(columns: readonly NativeColumn[], rows: number): Uint8Array;
  tableColumns(
    file: number,
    hdu: number,
  ): {
    rows: number;
    columns: ({ name: string; unit: string; kind: FitsColumnKind | "" } & Partial<AsciiField>)[];
  };
  readColumn(file: number, hdu: number, column: number): NativeTexts | NativeValues;
  wcs(header: string): { system: number } & NativeAxes;
  toSky(system: number, pixels: Float64Array): Float64Array;
  toPixels(system: number, sky: Float64Array): Float64Array;
  closeWcs(system: number): void;
  background(
    data: Float32Array,
    width: number,
    height: number,
    mask: Uint8Array | null,
    noise: null,
    box: number,
    filter: number,
  ): { level: number; sigma: number; levels: Float32Array; sigmas: Float32Array };
  extract(
    data: Float32Array,
    width: number,
    height: number,
    mask: Uint8Array | null,
    noise: number | Float32Array | null,
    threshold: number,
    pixels: number,
    kernel: Float32Array | null,
    side: number,
    levels: number,
    contrast: number,
    clean: number,
  ): Record<SourceColumn, Float64Array> & { segments: Int32Array };
  sumCircles(
    data: Float32Array,
    width: number,
    height: number,
    mask: Uint8Array | null,
    noise: number | Float32Array | null,
    x: Float64Array,
    y: Float64Array,
    radius: Float64Array,
  ): { sum: Float64Array; error: Float64Array; flags: Float64Array };
  kronRadii(...args: [...PlaneArguments, ...Columns<["ids", "x", "y", "a", "b", "theta"]>, reach: number]): {
    radius: Float64Array;
    flags: Float64Array;
  };
  sumEllipses(
    ...args: [...PlaneArguments, gain: number, ...Columns<["ids", "x", "y", "a", "b", "theta", "scale"]>]
  ): { sum: Float64Array; error: Float64Array; flags: Float64Array };
  fluxRadii(...args: [...PlaneArguments, fraction: number, ...Columns<["ids", "x", "y", "most", "flux"]>]): {
    radius: Float64Array;
    flags: Float64Array;
  };
}

type PlaneArguments = [
  data: Float32Array,
  width: number,
  height: number,
  mask: Uint8Array | null,
  noise: number | Float32Array | null,
  segments: Int32Array | null,
];
/** One column per name. */
type Columns<Names extends string[]> = { [K in keyof Names]: Float64Array };

export type SourceColumn = "x" | "y" | "flux" | "peak" | "a" | "b" | "theta" | "pixels" | "flags";

/** The built door; the path is the same from `src/sky` and from `dist/sky`. */
const doorPath = join(dirname(fileURLToPath(import.meta.url)), "../../build/sky.node");

let loaded: Sky | null = null;

/** The native functions. @throws ArcletError when the door is not built or does not load */
export function door(): Sky {
  if (loaded !== null) return loaded;
  if (!existsSync(doorPath))
    throw new ArcletError({
      where: "sky",
      code: "machine",
      problem: `${doorPath} is not built`,
      fix: "run: npm run setup",
    });
  try {
    loaded = createRequire(import.meta.url)(doorPath) as Sky;
    return loaded;
  } catch (error) {
    throw new ArcletError(
      {
        where: "sky",
        code: "machine",
        problem: `${doorPath} does not load (${reasonOf(error)})`,
        fix: "run: npm run setup",
      },
      { cause: error },
    );
  }
}

/**
 * Calls the door; its refusal becomes one line that names the file.
 *
 * @param sentence makes the error's sentence from the door's reason
 */
export function nativeCall<T>(
  where: string | Location,
  call: () => T,
  sentence?: (reason: string) => string,
): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof ArcletError || error instanceof TypeError) throw error;
    throw foreignError(where, error, "broken", sentence);
  }
}
