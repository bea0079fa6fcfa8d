/** A position's cutout, in every band: a frame's own pixels if they are on the output grid, else resampled ones. */
import { ArcletError } from "../../foundation/errors.ts";
import { upperMedian } from "../../foundation/statistics.ts";
import { FrameImage } from "../../sky/frames/frame-image.ts";
import { axesOf, type IndexedFrame } from "../../sky/frames/frame-index.ts";
import { allPixels, type Grid, squareGrid, windowGrid, windowOn } from "../../sky/frames/grid.ts";
import { interpolated } from "../../sky/frames/interpolate.ts";
import type { CutoutsConfig } from "./config.ts";
import { onOutputGrid, type Plan } from "./plan.ts";

export interface Cutout {
  /** (bands, size, size). */
  pixels: Float32Array;
  /** Sky position of the middle, degrees. */
  centre: { ra: number; dec: number };
  /** The object's position in the cutout, pixels from 0. */
  x: number;
  y: number;
  /**
   * Position angle of the y axis, degrees from north through east, and whether x then runs east; null where the frame's
   * world coordinates end.
   */
  axes: Axes | null;
  /** Largest fraction of a band's pixels that had no data and were filled. */
  missing: number;
}

type Axes = Pick<IndexedFrame, "angle" | "mirrored">;

/** Why a position is set aside: the kind of reason, and its detail as the message. */
export class NoCutout extends Error {
  readonly kind: string;
  constructor(kind: string, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

interface PlacedGrid {
  grid: Grid;
  /** On the first band's frame, if the grid is the frame's. */
  window: { x: number; y: number } | null;
  axes: Axes | null;
}

/** Largest offset between bands, pixels. */
const MOST_APART = 0.1;

/** Cuts positions; keeps the frames used last open, two per band. */
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
    const { grid, window, axes } = this.#gridOf(frames[0]!, ra, dec);
    const pixels = new Float32Array(bands.length * size * size);
    let missing = 0;
    for (const [k, frame] of frames.entries()) {
      const band = pixels.subarray(k * size * size, (k + 1) * size * size);
      band.set(this.#bandOn(grid, frame, k === 0 ? window : null));
      missing = Math.max(missing, this.#filled(band, frame));
    }
    if (isConstant(pixels, size * size))
      throw new NoCutout("constant image", `all pixels of each band are the same (${pixels[0]})`);
    const image = this.#image(frames[0]!);
    const middle = grid.skyOf(Float64Array.from([(size - 1) / 2, (size - 1) / 2]));
    const pixel = image.wcs.toPixels(Float64Array.from([ra, dec]));
    const x = window === null ? (size - 1) / 2 : pixel[0]! - window.x;
    const y = window === null ? (size - 1) / 2 : pixel[1]! - window.y;
    return { pixels, centre: { ra: middle[0]!, dec: middle[1]! }, x, y, axes, missing };
  }

  /** The grid of a cutout: the nearest window of the first band's frame if that is on the output grid, else a new one. */
  #gridOf(index: number, ra: number, dec: number): PlacedGrid {
    const { size, orientation } = this.#config;
    const { pixelScale } = this.#plan;
    const frame = this.#plan.frames[index]!;
    const { wcs } = this.#image(index);
    const pixel = wcs.toPixels(Float64Array.from([ra, dec]));
    const axes = axesOf(wcs, pixel[0]!, pixel[1]!);
    if (onOutputGrid(frame, pixelScale, this.#config)) {
      const first = (middle: number) => Math.round(middle - (size - 1) / 2);
      const window = { x: first(pixel[0]!), y: first(pixel[1]!) };
      return { grid: windowGrid(wcs, window.x, window.y), window, axes };
    }
    if (axes === null) throw new NoCutout("no frame", "the frame's world coordinates end there");
    const { angle, mirrored } =
      orientation === "north"
        ? { angle: 0, mirrored: false }
        : { angle: axes.angle, mirrored: axes.mirrored };
    return {
      grid: squareGrid({ ra, dec, size, pixelScale, angle, mirrored }),
      window: null,
      axes: { angle, mirrored },
    };
  }

  /** A band's pixels on a grid, NaN without data. @param window on the frame, if the grid is the frame's */
  #bandOn(grid: Grid, index: number, window: { x: number; y: number } | null): Float32Array {
    const { size, resample, zeroPoint } = this.#config;
    const frame = this.#plan.frames[index]!;
    const image = this.#image(index);
    const nearest = window === null ? windowOn(grid, size, image.wcs) : { ...window, apart: 0 };
    const scale = zeroPoint === null ? 1 : 10 ** (0.4 * (zeroPoint - frame.zeroPoint!));
    if (nearest.apart <= MOST_APART) {
      const { x, y } = nearest;
      const data = reading(() => image.read({ x, y, width: size, height: size }));
      return scale === 1 ? data : data.map((value) => value * scale);
    }
    if (resample === null)
      throw new NoCutout(
        "bands apart",
        `${frame.band} pixels are up to ${nearest.apart.toFixed(2)} off those of the first band`,
      );
    const positions = image.wcs.toPixels(grid.skyOf(this.#all));
    const ratio = this.#plan.pixelScale / frame.pixelScale;
    const data = reading(() => interpolated((part) => image.read(part), positions, resample, ratio));
    return data.map((value) => value * scale * ratio ** 2);
  }

  /** Fills pixels without data with the median of the rest. @returns the fraction that was filled */
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
    const opened = this.#open.get(index);
    if (opened !== undefined) {
      this.#open.delete(index); // the last one used goes to the end
      this.#open.set(index, opened);
      return opened;
    }
    for (const [oldest, image] of this.#open) {
      if (this.#open.size < 2 * this.#config.bands.length) break;
      image.close();
      this.#open.delete(oldest);
    }
    const image = this.#opened(index);
    this.#open.set(index, image);
    return image;
  }

  /** A frame that can't be opened is not tried again. */
  #opened(index: number): FrameImage {
    const failed = this.#failed.get(index);
    if (failed !== undefined) throw new NoCutout("unreadable frame", failed);
    const { path, hdu } = this.#plan.frames[index]!;
    try {
      return new FrameImage(path, { hdu, blank: this.#config.blank });
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

/** Of a frame that is damaged, other windows may be whole: a position is set aside for its own, whichever were read before. */
function reading<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ArcletError)) throw error;
    throw new NoCutout("unreadable frame", error.message);
  }
}

function isConstant(pixels: Float32Array, plane: number): boolean {
  return pixels.every((value, i) => value === pixels[i - (i % plane)]);
}

/** Why a position has no frame. */
export function whyNot(index: number, plan: Plan, config: CutoutsConfig): NoCutout {
  const { bands } = config;
  const k = bands.findIndex((_, band) => plan.frameOf[index * bands.length + band] === -1);
  const other = plan.frames[plan.offGridOf[index * bands.length + k]!];
  if (other === undefined) {
    const broken = plan.unreadable.length > 0 ? `; ${plan.unreadable.length} files can't be used` : "";
    return new NoCutout("no frame", `no ${bands[k]} frame contains the position${broken}`);
  }
  const { path, pixelScale, angle, mirrored } = other;
  if (Math.abs(pixelScale / plan.pixelScale - 1) > 0.01)
    return new NoCutout(
      "pixel scale",
      `${path} has ${pixelScale.toFixed(4)} arcsec per pixel, not ${plan.pixelScale.toFixed(4)} (see --resample)`,
    );
  return new NoCutout(
    "orientation",
    `${path} has its y axis ${angle.toFixed(2)}° from north${mirrored ? ", mirrored" : ""} (see --resample)`,
  );
}
