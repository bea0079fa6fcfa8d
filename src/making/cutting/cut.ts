/** One position's cutout, in every band: pixels as they lie where a frame has the asked grid, drawn again elsewhere. */
import { ArcletError } from "../../foundation/errors.ts";
import { upperMedian } from "../../foundation/statistics.ts";
import { FrameImage } from "../../sky/frames/frame-image.ts";
import { axesOf } from "../../sky/frames/frame-index.ts";
import { allPixels, type Grid, squareGrid, windowGrid, windowOn } from "../../sky/frames/grid.ts";
import { interpolated } from "../../sky/frames/interpolate.ts";
import type { CutoutsConfig } from "./config.ts";
import { onAskedGrid, type Plan } from "./plan.ts";

export interface Cutout {
  /** (bands, size, size). */
  pixels: Float32Array;
  /** The middle's place on the sky, degrees. */
  centre: { ra: number; dec: number };
  /** The position in the cutout, pixels from 0. */
  x: number;
  y: number;
  /** Largest part of a band's pixels that had no data and was filled. */
  missing: number;
}

/** Why a position is set aside: kind and detail. */
export class NoCutout extends Error {
  readonly kind: string;
  constructor(kind: string, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/** By how much of a pixel bands may lie beside each other. */
const MOST_APART = 0.1;

/** Cuts positions; keeps the last frames open, of which each band has two. */
export class Cutter {
  readonly #plan: Plan;
  readonly #config: CutoutsConfig;
  readonly #open = new Map<number, FrameImage>();
  readonly #failed = new Map<number, string>();
  readonly #all: Float64Array;

  constructor(plan: Plan, config: CutoutsConfig) {
    this.#plan = plan;
    this.#config = config;
    this.#all = allPixels(config.size);
  }

  /** @throws NoCutout saying why there is none */
  cut(index: number, ra: number, dec: number): Cutout {
    const { size, bands } = this.#config;
    const frames = bands.map((_, k) => this.#plan.frameOf[index * bands.length + k]!);
    const { grid, own } = this.#gridOf(frames[0]!, ra, dec);
    const pixels = new Float32Array(bands.length * size * size);
    let missing = 0;
    for (const [k, frame] of frames.entries()) {
      const band = pixels.subarray(k * size * size, (k + 1) * size * size);
      band.set(this.#bandOn(grid, frame, k === 0 ? own : null));
      missing = Math.max(missing, this.#filled(band, frame));
    }
    if (isConstant(pixels, size * size))
      throw new NoCutout("constant image", `all pixels of each band are the same (${pixels[0]})`);
    const image = this.#image(frames[0]!);
    const middle = grid.skyOf(Float64Array.from([(size - 1) / 2, (size - 1) / 2]));
    const at = image.wcs.toPixels(Float64Array.from([ra, dec]));
    const x = own === null ? (size - 1) / 2 : at[0]! - own.x;
    const y = own === null ? (size - 1) / 2 : at[1]! - own.y;
    return { pixels, centre: { ra: middle[0]!, dec: middle[1]! }, x, y, missing };
  }

  /** The first band's frame gives the pixels where it has the asked grid: the window about the nearest ones. */
  #gridOf(index: number, ra: number, dec: number): { grid: Grid; own: { x: number; y: number } | null } {
    const { size, orientation } = this.#config;
    const { pixelScale } = this.#plan;
    const frame = this.#plan.frames[index]!;
    const { wcs } = this.#image(index);
    const at = wcs.toPixels(Float64Array.from([ra, dec]));
    if (onAskedGrid(frame, pixelScale, this.#config)) {
      const first = (place: number) => Math.round(place - (size - 1) / 2);
      const own = { x: first(at[0]!), y: first(at[1]!) };
      return { grid: windowGrid(wcs, own.x, own.y), own };
    }
    const axes = axesOf(wcs, at[0]!, at[1]!);
    if (axes === null) throw new NoCutout("no frame", "the frame's world coordinates end there");
    const { angle, mirrored } =
      orientation === "north"
        ? { angle: 0, mirrored: false }
        : { angle: axes.angle, mirrored: axes.mirrored };
    return { grid: squareGrid({ ra, dec, size, pixelScale, angle, mirrored }), own: null };
  }

  /** A band's pixels on a grid, NaN where there is no data. @param own the window, where the grid is the frame's */
  #bandOn(grid: Grid, index: number, own: { x: number; y: number } | null): Float32Array {
    const { size, resample, zeroPoint } = this.#config;
    const frame = this.#plan.frames[index]!;
    const image = this.#image(index);
    const found = own === null ? windowOn(grid, size, image.wcs) : { ...own, apart: 0 };
    const scale = zeroPoint === null ? 1 : 10 ** (0.4 * (zeroPoint - frame.zeroPoint!));
    if (found.apart <= MOST_APART) {
      const { x, y } = found;
      const data = this.#reading(index, () => image.read({ x, y, width: size, height: size }));
      return scale === 1 ? data : data.map((value) => value * scale);
    }
    if (resample === null)
      throw new NoCutout(
        "bands apart",
        `${frame.band} pixels lie up to ${found.apart.toFixed(2)} beside those of the first band`,
      );
    const places = image.wcs.toPixels(grid.skyOf(this.#all));
    const ratio = this.#plan.pixelScale / frame.pixelScale;
    const data = this.#reading(index, () =>
      interpolated((window) => image.read(window), places, resample, ratio),
    );
    return data.map((value) => value * scale * ratio ** 2);
  }

  /** Fills what has no data by the median of the rest. @returns the part that was filled */
  #filled(band: Float32Array, index: number): number {
    const { maxMissing } = this.#config;
    const good = band.filter((value) => !Number.isNaN(value));
    const missing = 1 - good.length / band.length;
    if (missing === 0) return 0;
    const frame = this.#plan.frames[index]!;
    if (missing > maxMissing || good.length === 0)
      throw new NoCutout(
        "missing pixels",
        `${(100 * missing).toFixed(1)} % of the ${frame.band} cutout is beyond the edge of ${frame.path} or without data there`,
      );
    const median = upperMedian(good);
    for (let i = 0; i < band.length; i++) if (Number.isNaN(band[i]!)) band[i] = median;
    return missing;
  }

  #image(index: number): FrameImage {
    const held = this.#open.get(index);
    if (held !== undefined) {
      this.#open.delete(index); // the last one used goes to the end
      this.#open.set(index, held);
      return held;
    }
    const { path, hdu } = this.#plan.frames[index]!;
    for (const [oldest, image] of this.#open) {
      if (this.#open.size < 2 * this.#config.bands.length) break;
      image.close();
      this.#open.delete(oldest);
    }
    const image = this.#reading(index, () => new FrameImage(path, { hdu, blank: this.#config.blank }));
    this.#open.set(index, image);
    return image;
  }

  /** A frame that fails once is not tried again. */
  #reading<T>(index: number, body: () => T): T {
    const failed = this.#failed.get(index);
    if (failed !== undefined) throw new NoCutout("unreadable frame", failed);
    try {
      return body();
    } catch (error) {
      if (!(error instanceof ArcletError)) throw error;
      this.#failed.set(index, error.message);
      throw new NoCutout("unreadable frame", error.message);
    }
  }

  close(): void {
    for (const image of this.#open.values()) image.close();
    this.#open.clear();
  }
}

function isConstant(pixels: Float32Array, plane: number): boolean {
  return pixels.every((value, i) => value === pixels[i - (i % plane)]);
}

/** Why no frame was found for a position. */
export function whyNot(index: number, plan: Plan, config: CutoutsConfig): NoCutout {
  const { bands } = config;
  const k = bands.findIndex((_, band) => plan.frameOf[index * bands.length + band] === -1);
  const beside = plan.frames[plan.besideOf[index * bands.length + k]!];
  if (beside === undefined) {
    const broken = plan.unreadable.length > 0 ? `; ${plan.unreadable.length} files can't be used` : "";
    return new NoCutout("no frame", `no ${bands[k]} frame holds the position${broken}`);
  }
  const { path, pixelScale, angle, mirrored } = beside;
  if (Math.abs(pixelScale / plan.pixelScale - 1) > 0.01)
    return new NoCutout(
      "pixel scale",
      `${path} has ${pixelScale.toFixed(4)} arcsec a pixel, ${plan.pixelScale.toFixed(4)} are asked for (see --resample)`,
    );
  return new NoCutout(
    "orientation",
    `${path} has its y axis ${angle.toFixed(2)}° from north${mirrored ? ", mirrored" : ""} (see --resample)`,
  );
}
