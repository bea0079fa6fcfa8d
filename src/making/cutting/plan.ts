/**
 * Which frame each position is cut from, in each band: of the frames on the output grid that contain it, the one in which
 * it is farthest from an edge. Only headers are read; a position takes some 50 bytes, and so does a frame.
 */
import type { Positions } from "../../dataset/splitting/grouping/sphere-grid.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { frameFiles, type IndexedFrame, indexFile } from "../../sky/frames/frame-index.ts";
import type { Wcs } from "../../sky/wcs.ts";
import { parseHdu } from "../detecting/bands.ts";
import type { CutoutsConfig } from "./config.ts";

export interface Plan {
  frames: IndexedFrame[];
  /** Files that can't be used, each with its reason. */
  unreadable: { path: string; reason: string }[];
  /** How many files have no frame of these bands. */
  others: number;
  /** Arcsec. */
  pixelScale: number;
  /** Of (position × band): the frame, or −1. */
  frameOf: Int32Array;
  /** Of (position × band): a frame that contains it, but not on the output grid; −1 if there is none. */
  offGridOf: Int32Array;
  /** Positions to cut, frame after frame and from the bottom up within one. */
  order: Int32Array;
}

/** Largest relative difference of a frame's pixel scale from the output's. */
const MOST_SCALE = 0.01;

/** Whether a frame has the output's pixel scale, and its orientation to half a pixel at a cutout's corner. */
export function onOutputGrid(frame: IndexedFrame, pixelScale: number, config: CutoutsConfig): boolean {
  if (Math.abs(frame.pixelScale / pixelScale - 1) > MOST_SCALE) return false;
  if (config.orientation === "frame") return true;
  const turn = (Math.abs(frame.angle) * Math.PI) / 180;
  return !frame.mirrored && turn * config.size * Math.SQRT1_2 <= 0.5;
}

/**
 * @param between called before every file with its index and the number of files
 * @throws ArcletError when no file has a frame of a band, or the frames to cut state different zero points and none is
 *   given
 */
export async function planCutouts(
  positions: Positions,
  config: CutoutsConfig,
  between: (file: number, files: number) => Promise<void>,
): Promise<Plan> {
  const { bands, pattern } = config;
  const files = frameFiles(config.frames);
  const finder = new Finder(positions, bands.length);
  const frames: IndexedFrame[] = [];
  const unreadable: Plan["unreadable"] = [];
  let [others, pixelScale] = [0, config.pixelScale];
  const options = { bands, pattern, hdu: parseHdu(config.hdu) };
  for (const [k, path] of files.entries()) {
    await between(k, files.length);
    const before = frames.length;
    try {
      indexFile(path, options, (frame, wcs) => {
        if (config.zeroPoint !== null && frame.zeroPoint === null)
          throw new ArcletError({
            where: path,
            code: "missing",
            problem: `states no zero point, so it can't be scaled to ${config.zeroPoint}`,
          });
        pixelScale ??= frame.pixelScale;
        const usable = onOutputGrid(frame, pixelScale, config) || config.resample !== null;
        finder.add(frame, frames.length, bands.indexOf(frame.band), wcs, usable);
        frames.push(frame);
      });
      if (frames.length === before) others++;
    } catch (error) {
      if (!(error instanceof ArcletError)) throw error;
      unreadable.push({ path, reason: error.message });
    }
  }
  for (const band of bands)
    if (!frames.some((frame) => frame.band === band)) {
      const why =
        unreadable.length > 0 ? `; ${unreadable.length} can't be used, e.g. ${unreadable[0]!.reason}` : "";
      throw new ArcletError({
        where: "cutouts",
        code: "empty",
        problem: `none of ${files.length} files is a frame of band ${band}${why}`,
      });
    }
  const { frameOf, offGridOf } = finder;
  const order = finder.order();
  if (config.zeroPoint === null) {
    const used = new Set<number>();
    for (const i of order) for (const k of bands.keys()) used.add(frameOf[i * bands.length + k]!);
    refuseMixed(frames.filter((_, k) => used.has(k)));
  }
  return { frames, unreadable, others, pixelScale: pixelScale!, frameOf, offGridOf, order };
}

function refuseMixed(frames: readonly IndexedFrame[]): void {
  const known = frames.filter(({ zeroPoint }) => zeroPoint !== null);
  const [first] = known;
  const other = known.find(({ zeroPoint }) => Math.abs(zeroPoint! - first!.zeroPoint!) > 0.005);
  if (other !== undefined)
    throw new ArcletError({
      where: other.path,
      code: "conflict",
      problem: `states the zero point ${other.zeroPoint}, ${first!.path} ${first!.zeroPoint}`,
      fix: "give --zero-point to scale all to one",
    });
}

/** Finds the positions within frames, and keeps each one's best. */
class Finder {
  readonly frameOf: Int32Array;
  readonly offGridOf: Int32Array;
  readonly #edges: Float32Array;
  readonly #rows: Float32Array;
  readonly #positions: Positions;
  readonly #bands: number;
  readonly #byDec: Int32Array;

  constructor(positions: Positions, bands: number) {
    const count = positions.ra.length;
    this.#positions = positions;
    this.#bands = bands;
    this.frameOf = new Int32Array(count * bands).fill(-1);
    this.offGridOf = new Int32Array(count * bands).fill(-1);
    this.#edges = new Float32Array(count * bands).fill(-Infinity);
    this.#rows = new Float32Array(count);
    const { ra, dec } = positions;
    this.#byDec = Int32Array.from(ra.keys())
      .filter((i) => Number.isFinite(ra[i]!) && Number.isFinite(dec[i]!))
      .sort((a, b) => dec[a]! - dec[b]! || a - b);
  }

  /** Looks up the positions in a frame. @param usable whether cutouts may come from it */
  add(frame: IndexedFrame, index: number, band: number, wcs: Wcs, usable: boolean): void {
    const near = this.#near(frame, wcs);
    const sky = new Float64Array(2 * near.length);
    near.forEach((i, k) => {
      sky[2 * k] = this.#positions.ra[i]!;
      sky[2 * k + 1] = this.#positions.dec[i]!;
    });
    const pixels = wcs.toPixels(sky);
    near.forEach((i, k) => {
      const [x, y] = [pixels[2 * k]!, pixels[2 * k + 1]!];
      const inside = Math.min(x + 0.5, frame.width - 0.5 - x, y + 0.5, frame.height - 0.5 - y);
      const slot = i * this.#bands + band;
      if (!(inside >= 0)) return;
      if (!usable) {
        this.offGridOf[slot] = index;
        return;
      }
      const edge = inside * frame.pixelScale;
      if (edge <= this.#edges[slot]!) return;
      this.#edges[slot] = edge;
      this.frameOf[slot] = index;
      if (band === 0) this.#rows[i] = y;
    });
  }

  /** Positions in the circle around a frame's middle that contains its corners. */
  #near({ width, height }: IndexedFrame, wcs: Wcs): Int32Array {
    const [w, h] = [width - 0.5, height - 0.5];
    const border = [(width - 1) / 2, (height - 1) / 2, -0.5, -0.5, w, -0.5, -0.5, h, w, h];
    const sky = wcs.toSky(Float64Array.from(border));
    if (!sky.every(Number.isFinite)) return this.#byDec; // a projection's edge: every position is tried
    const middle = unit(sky[0]!, sky[1]!);
    let radius = 0;
    for (let k = 2; k < sky.length; k += 2)
      radius = Math.max(radius, chord(middle, unit(sky[k]!, sky[k + 1]!)));
    radius *= 1.02; // sides may bulge
    const reach = (2 * Math.asin(Math.min(1, radius / 2)) * 180) / Math.PI;
    const { ra, dec } = this.#positions;
    const from = firstFrom(this.#byDec, (i) => dec[i]! >= sky[1]! - reach);
    const to = firstFrom(this.#byDec, (i) => dec[i]! > sky[1]! + reach);
    return this.#byDec.subarray(from, to).filter((i) => chord(middle, unit(ra[i]!, dec[i]!)) <= radius);
  }

  /** Positions that have a frame in every band, frames in turn, each from its bottom upwards. */
  order(): Int32Array {
    const { frameOf } = this;
    const bands = this.#bands;
    const all = Int32Array.from({ length: this.#rows.length }, (_, i) => i).filter((i) => {
      for (let k = 0; k < bands; k++) if (frameOf[i * bands + k] === -1) return false;
      return true;
    });
    return all.sort((a, b) => {
      for (let k = 0; k < bands; k++) {
        const turn = frameOf[a * bands + k]! - frameOf[b * bands + k]!;
        if (turn !== 0) return turn;
      }
      return this.#rows[a]! - this.#rows[b]! || a - b;
    });
  }
}

type Vector = [number, number, number];

function unit(ra: number, dec: number): Vector {
  const [a, d] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180];
  return [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)];
}
const chord = (a: Vector, b: Vector) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** The first index of a list at which `holds` is true, if it is false before and true after. */
function firstFrom(list: Int32Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
