/** An object's image as the dataset has it: its middle, on the dataset's pixels, in the dataset's flux units. */

import type { PixelKind } from "../../dataset/info.ts";
import type { ShardValues } from "../../dataset/npy-writer.ts";
import { Draws, textKey } from "../../foundation/random.ts";
import { median, robustLevel } from "../../foundation/statistics.ts";
import { regridded, sameScale } from "../regrid.ts";
import { type Cutout, Flaw } from "./cutout.ts";
import { fluxRatio } from "./photometry.ts";
import { type Limits, screened } from "./screening.ts";

/** What all images of a dataset have in common. */
export interface Frame {
  pixels: PixelKind;
  channels: number;
  height: number;
  width: number;
  /** Arcsec. */
  pixelScale: number;
  /** The rule by which bands were found in the images examined first. */
  rule: string;
}

export interface FrameOptions extends Limits {
  /** Resample images of another pixel scale to the dataset's. */
  resample: boolean;
  /** Pixel scale of images that state none, arcsec; null for the dataset's. */
  imageScale: number | null;
  /** Pad images that are too small with sky. */
  pad: boolean;
  /** One per band, or one for all, instead of what files state. */
  zeroPoint: readonly number[] | null;
  toZeroPoint: number | null;
  seed: number;
}

export interface Framed {
  /** (C, height, width) */
  image: ShardValues;
  /** AB magnitude of one unit of the image's flux, of each band. */
  zeroPoints: (number | undefined)[];
  filled: number;
  resampled: boolean;
  padded: boolean;
}

/** An image as the dataset has it, or why it can't be used. `id` seeds the noise of its padding. */
export function framed(cutout: Cutout, frame: Frame, options: FrameOptions, id: string): Framed | Flaw {
  const flaw = misfit(cutout, frame);
  if (flaw !== undefined) return flaw;
  const scale = scaleOf(cutout, frame, options);
  if (scale instanceof Flaw) return scale;
  const ratio = scale / frame.pixelScale;
  const same = sameScale(ratio);
  // One more pixel on each side, so that the outermost new pixels are whole.
  const need = (side: number) => (same ? side : Math.ceil(side / ratio) + 2);
  const height = Math.min(cutout.height, need(frame.height));
  const width = Math.min(cutout.width, need(frame.width));
  // The cropped borders must be equal when resampling, so that the middle stays where it is.
  const sides = same ? [height, width] : [even(cutout.height, height), even(cutout.width, width)];
  const have = sides.map((side) => (same ? side : Math.floor(side * ratio + 1e-6))) as [number, number];
  const small = have[0] < frame.height || have[1] < frame.width;
  if (small && !options.pad)
    return new Flaw(
      "too small",
      `${cutout.height} × ${cutout.width} pixels${same ? "" : ` of ${scale.toPrecision(4)} arcsec`}`,
    );
  let image = middle(cutout, frame.channels, sides[0]!, sides[1]!);
  const filled = screened(image, sides as [number, number], cutout.saturation, options);
  if (filled instanceof Flaw) return filled;
  const factors = fluxFactors(cutout, options);
  if (factors instanceof Flaw) return factors;
  const to = [Math.min(have[0], frame.height), Math.min(have[1], frame.width)] as [number, number];
  if (!same) image = regridded(image, sides as [number, number], ratio, to);
  if (small) image = padded(image, to, frame, id, options.seed);
  const plane = frame.height * frame.width;
  for (const [c, factor] of factors.factors.entries())
    if (factor !== 1) for (let i = c * plane; i < (c + 1) * plane; i++) image[i]! *= factor;
  return { image, zeroPoints: factors.zeroPoints, filled, resampled: !same, padded: small };
}

function misfit(cutout: Cutout, frame: Frame): Flaw | undefined {
  const kind = cutout.pixels instanceof Uint8Array ? "display" : "flux";
  if (kind !== frame.pixels) return new Flaw("wrong type", `has ${kind} pixels, the dataset ${frame.pixels}`);
  if (cutout.rule !== frame.rule)
    return new Flaw(
      "bands",
      `are found by ${cutout.rule} (${cutout.assignment}), those of others by ${frame.rule}`,
    );
  return undefined;
}

/** The image's pixel scale if it is stated, the same in all bands; else that of such images, or the dataset's. */
function scaleOf(cutout: Cutout, frame: Frame, { resample, imageScale }: FrameOptions): number | Flaw {
  const stated = cutout.pixelScales.filter((scale) => scale !== undefined);
  const first = stated[0] ?? imageScale ?? undefined;
  if (first === undefined) return frame.pixelScale;
  if (stated.some((scale) => !sameScale(scale / first)))
    return new Flaw(
      "pixel scale",
      `differs between the bands: ${stated.map((s) => s.toPrecision(4)).join(", ")} arcsec`,
    );
  if (!resample && !sameScale(first / frame.pixelScale))
    return new Flaw(
      "pixel scale",
      `${first.toPrecision(4)} arcsec, the dataset's is ${frame.pixelScale.toPrecision(4)}; use --resample`,
    );
  return first;
}

/** The factor for each band's flux. */
function fluxFactors(cutout: Cutout, options: FrameOptions) {
  const { zeroPoint, toZeroPoint } = options;
  const stated = cutout.zeroPoints.map((value, c) => zeroPoint?.[c] ?? zeroPoint?.[0] ?? value);
  if (toZeroPoint === null) return { factors: stated.map(() => 1), zeroPoints: stated };
  if (cutout.pixels instanceof Uint8Array)
    return new Flaw("no unit of flux", "display pixels can't be scaled to a zero point");
  if (stated.some((value) => value === undefined))
    return new Flaw("no zero point", "no card states one, and --zero-point is not given");
  return {
    factors: stated.map((value) => fluxRatio(value!, toZeroPoint)),
    zeroPoints: stated.map(() => toZeroPoint),
  };
}

const even = (whole: number, part: number): number => ((whole - part) % 2 === 0 ? part : part - 1);

/** The central height × width pixels of every band, as a new array. */
function middle(cutout: Cutout, channels: number, height: number, width: number): ShardValues {
  const { pixels } = cutout;
  if (height === cutout.height && width === cutout.width) return pixels;
  const [top, left] = [(cutout.height - height) >> 1, (cutout.width - width) >> 1];
  const size = channels * height * width;
  const out = pixels instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  for (let c = 0, at = 0; c < channels; c++)
    for (let y = 0; y < height; y++, at += width) {
      const from = (c * cutout.height + top + y) * cutout.width + left;
      out.set(pixels.subarray(from, from + width), at);
    }
  return out;
}

/** Pads an image with sky: each band's median at its border, with noise of the border's scatter. */
function padded(
  image: ShardValues,
  [height, width]: readonly [number, number],
  frame: Frame,
  id: string,
  seed: number,
): ShardValues {
  const size = frame.channels * frame.height * frame.width;
  const out = image instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  const [top, left] = [(frame.height - height) >> 1, (frame.width - width) >> 1];
  const rounds = image instanceof Uint8Array;
  for (let c = 0; c < frame.channels; c++) {
    const plane = image.subarray(c * height * width, (c + 1) * height * width);
    const { level, sigma } = borderSky(plane, height, width);
    const draws = new Draws(textKey(seed, id), c);
    for (let y = 0; y < frame.height; y++)
      for (let x = 0; x < frame.width; x++) {
        const [v, u] = [y - top, x - left];
        const at = (c * frame.height + y) * frame.width + x;
        if (v >= 0 && v < height && u >= 0 && u < width) out[at] = plane[v * width + u]!;
        else {
          const sky = draws.normal(level, sigma);
          out[at] = rounds ? Math.min(255, Math.max(0, Math.round(sky))) : sky;
        }
      }
  }
  return out;
}

/** Median and 1.4826 times the median deviation of an image's outermost tenth, at least two pixels. */
function borderSky(
  plane: ArrayLike<number>,
  height: number,
  width: number,
): { level: number; sigma: number } {
  const depth = Math.max(2, Math.round(Math.min(height, width) / 10));
  const border: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (Math.min(y, x, height - 1 - y, width - 1 - x) < depth) border.push(plane[y * width + x]!);
  return robustLevel(border, median);
}
