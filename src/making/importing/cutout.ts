/** What every kind of image file yields: an object's image, or why there is none. */
import type { ShardValues } from "../../dataset/npy-writer.ts";
import type { ArcletError, ErrorCode } from "../../foundation/errors.ts";
import type { PixelAxes } from "../../sky/wcs.ts";

/** Where an object's image is: one file, or one per band; `index` counts images in an array. */
export interface ImageLocation {
  files: readonly string[];
  index: number;
}

/** An object's image as in its files, before it is cropped. */
export interface Cutout {
  /** (C, height, width): Uint8Array for display, Float32Array for flux; NaN where blank. */
  pixels: ShardValues;
  height: number;
  width: number;
  /** How the bands were found: the rule, and what it gave here, e.g. `g = HDU 1 (EXTNAME G)`. */
  rule: string;
  assignment: string;
  /** Arcsec, of each band; undefined if the file states none. */
  pixelScales: readonly (number | undefined)[];
  /** AB magnitude of one unit of flux, of each band, and the card that states it. */
  zeroPoints: readonly (number | undefined)[];
  zeroPointFrom: string | undefined;
  /** The level from which a band's pixels are saturated. */
  saturation: readonly (number | undefined)[];
  /** Sky position of the middle, degrees. */
  ra: number | undefined;
  dec: number | undefined;
  /** How its pixels lie on the sky; null if the file doesn't say, or not the same of all bands. */
  axes: PixelAxes | null;
}

/** Why an image can't be used. */
export class Flaw {
  /** For counting, e.g. `truncated`. */
  readonly kind: string;
  readonly detail: string;

  constructor(kind: string, detail: string) {
    this.kind = kind;
    this.detail = detail;
  }
}

/** The part of an image to read: the central height × width pixels, or all. */
export type Wanted = { height: number; width: number } | null;

export interface ImageSource {
  /** Whether files may say how images lie on the sky; their first row is then the lowest. */
  readonly onSky: boolean;
  /** An image's name in messages, e.g. `cutouts.npy image 3`. */
  nameOf(location: ImageLocation): string;
  /** Batches that may be read at a time, one by default. */
  readonly ahead?: number;
  /** The images at these locations, in order. With `wanted`, no more than that need be read of large files. */
  read(locations: readonly ImageLocation[], wanted: Wanted): Promise<(Cutout | Flaw)[]>;
  close(): void;
}

/** The cutout of a file that has pixels but no header. */
export function plainCutout(
  pixels: ShardValues,
  channels: number,
  height: number,
  width: number,
  rule: string,
): Cutout {
  const none = new Array<undefined>(channels).fill(undefined);
  return {
    pixels,
    height,
    width,
    rule,
    assignment: "",
    pixelScales: none,
    zeroPoints: none,
    zeroPointFrom: undefined,
    saturation: none,
    ra: undefined,
    dec: undefined,
    axes: null,
  };
}

/** How flaws of files are counted; all others are unreadable. */
const FILE_FLAWS: { readonly [code in ErrorCode]?: string } = {
  truncated: "truncated",
  absent: "no such file",
  "too-large": "too large",
};

/** A reader's error as a flaw. The file is named where the flaw is reported. */
export const flawOf = (error: ArcletError): Flaw =>
  new Flaw(FILE_FLAWS[error.code] ?? "unreadable", error.flaw);
