/** What every kind of image file gives: one object's image, or why there is none. */
import type { ShardValues } from "../../dataset/npy-writer.ts";
import type { ArcletError, ErrorCode } from "../../foundation/errors.ts";

/** Where an object's image is: one file, or one a band; `index` is its place in an array. */
export interface Place {
  files: readonly string[];
  index: number;
}

/** One object's image as its files hold it, before it is cropped. */
export interface Cutout {
  /** (C, height, width): Uint8Array for display, Float32Array for flux; NaN where blank. */
  pixels: ShardValues;
  height: number;
  width: number;
  /** How the bands were found: the rule, and what it gave here, e.g. `g = HDU 1 (EXTNAME G)`. */
  rule: string;
  told: string;
  /** Arcsec, of each band; undefined where the file states none. */
  pixelScales: readonly (number | undefined)[];
  /** AB magnitude of one unit of flux, of each band, and the card that says so. */
  zeroPoints: readonly (number | undefined)[];
  zeroPointFrom: string | undefined;
  /** Values from which up a band's pixels are saturated. */
  saturation: readonly (number | undefined)[];
  /** Of the middle, degrees. */
  ra: number | undefined;
  dec: number | undefined;
}

/** Why an image can't be used. */
export class Flaw {
  /** To be counted, e.g. `truncated`. */
  readonly kind: string;
  readonly detail: string;

  constructor(kind: string, detail: string) {
    this.kind = kind;
    this.detail = detail;
  }
}

/** Part of an image that is wanted: the central height × width pixels, or all. */
export type Wanted = { height: number; width: number } | null;

export interface ImageSource {
  /** How an image is called in messages, e.g. `cutouts.npy image 3`. */
  nameOf(place: Place): string;
  /** The images of these places, in their order. `wanted` spares large files the reading of what is not needed. */
  read(places: readonly Place[], wanted: Wanted): Promise<(Cutout | Flaw)[]>;
  close(): void;
}

/** What a file without a header of its own says beside its pixels: nothing. */
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
    told: "",
    pixelScales: none,
    zeroPoints: none,
    zeroPointFrom: undefined,
    saturation: none,
    ra: undefined,
    dec: undefined,
  };
}

/** How flaws of files are counted; all others are unreadable. */
const FILE_FLAWS: { readonly [code in ErrorCode]?: string } = {
  truncated: "truncated",
  absent: "no such file",
  "too-large": "too large",
};

/** The flaw that a reader's error stands for. The file is named where the flaw is reported. */
export const flawOf = (error: ArcletError): Flaw =>
  new Flaw(FILE_FLAWS[error.code] ?? "unreadable", error.flaw);
