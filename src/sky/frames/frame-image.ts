/// <reference lib="esnext.disposable" preserve="true" />
/**
 * One image of a frame's file, read in windows. Pixels beyond its edge, NaN, and the value that stands for no data are
 * read as NaN.
 */
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { HduInfo } from "../door.ts";
import { FitsFile } from "../fits.ts";
import { Header } from "../fits-header.ts";
import { Wcs } from "../wcs.ts";

/** Pixels of a frame: x to the right, y upwards, from 0. */
export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface OpenOptions {
  /** EXTNAME or HDU number; the first image by default. */
  hdu?: string | number | undefined;
  /** The value that, like NaN, stands for no data in images of floats; null for none. */
  blank?: number | null;
}

/** Rows read at once from a tile-compressed image, where a part of a row costs as much as all of it. */
const STRIP = 256;

export class FrameImage {
  readonly path: string;
  readonly hdu: number;
  readonly width: number;
  readonly height: number;
  /** Cards of the image, then those of the file's first HDU, which hold for all its images. */
  readonly header: Header;
  readonly #file: FitsFile;
  readonly #info: HduInfo;
  readonly #blank: number | null;
  #wcs: Wcs | null = null;
  #strip: { y: number; rows: number; data: Float32Array } | null = null;

  /** @throws ArcletError naming the file when it can't be read, or the image is not a single plane */
  constructor(path: string, { hdu, blank = 0 }: OpenOptions = {}) {
    this.path = path;
    this.#file = new FitsFile(path);
    try {
      this.hdu = this.#file.find(hdu);
      this.#info = this.#file.hdus[this.hdu]!;
      const plane = planeOf(this.#info);
      if (plane === null) refuse(path, "image", "one plane (height, width)", this.#info.shape, "unsupported");
      [this.height, this.width] = plane;
      this.header = merged(this.#file, this.hdu);
    } catch (error) {
      this.#file.close();
      throw error;
    }
    this.#blank = this.#info.bitpix < 0 ? blank : null;
  }

  /** @throws ArcletError naming the file when the header has no world coordinates in RA and Dec */
  get wcs(): Wcs {
    this.#wcs ??= new Wcs(this.#file.header(this.hdu), this.path);
    return this.#wcs;
  }

  /** (height × width), row-major; NaN where there is no data. @throws ArcletError naming the file */
  read({ x, y, width, height }: Window): Float32Array {
    const out = new Float32Array(width * height).fill(NaN);
    const [x0, x1] = [Math.max(0, x), Math.min(this.width, x + width)];
    const [y0, y1] = [Math.max(0, y), Math.min(this.height, y + height)];
    if (x0 >= x1 || y0 >= y1) return out;
    const { data, across, fromX, fromY } = this.#inside(x0, y0, x1, y1);
    for (let row = y0; row < y1; row++) {
      const from = (row - fromY) * across + x0 - fromX;
      out.set(data.subarray(from, from + x1 - x0), (row - y) * width + x0 - x);
    }
    for (let i = 0; i < out.length; i++)
      if (out[i] === this.#blank || !Number.isFinite(out[i]!)) out[i] = NaN;
    return out;
  }

  /** Pixels that include [x0, x1) × [y0, y1), and where they begin. */
  #inside(x0: number, y0: number, x1: number, y1: number) {
    const own = () => ({
      data: this.#region(x0, y0, x1 - x0, y1 - y0),
      across: x1 - x0,
      fromX: x0,
      fromY: y0,
    });
    if (this.#info.compression === "" || x1 - x0 === this.width) return own();
    const cached = this.#strip;
    if (cached === null || y0 < cached.y || y1 > cached.y + cached.rows) {
      const rows = Math.min(this.height - y0, Math.max(y1 - y0, STRIP));
      try {
        this.#strip = { y: y0, rows, data: this.#region(0, y0, this.width, rows) };
      } catch (error) {
        // Whether a window can be read must not depend on what lies around it, nor on which were read before.
        if (!(error instanceof ArcletError)) throw error;
        return own();
      }
    }
    const strip = this.#strip!;
    return { data: strip.data, across: this.width, fromX: 0, fromY: strip.y };
  }

  #region(x: number, y: number, width: number, height: number): Float32Array {
    const outer = this.#info.shape.slice(2).map(() => 0);
    return this.#file.read(this.hdu, {
      first: [...outer, y, x],
      size: [...outer.map(() => 1), height, width],
    });
  }

  close(): void {
    this.#wcs?.close();
    this.#strip = null;
    this.#file.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Height and width of a single-plane image; null for others. */
export function planeOf({ shape }: HduInfo): [number, number] | null {
  const [height, width] = shape.slice(-2);
  if (shape.length < 2 || shape.slice(0, -2).some((side) => side !== 1)) return null;
  return [height!, width!];
}

const withoutEnd = (text: string) => text.replace(/END {77}$/, "").replace(/END {77} *$/, "");

/** An image's cards, followed by those of the file's first HDU. */
export function merged(file: FitsFile, hdu: number): Header {
  const own = file.header(hdu);
  return hdu === 0 ? own : new Header(withoutEnd(own.text) + file.header(0).text);
}
