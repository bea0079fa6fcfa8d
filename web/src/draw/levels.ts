/** An image prepared for drawing: its values, and each band's sky and noise. */
import { robustLevel, upperMedian } from "../../../src/foundation/statistics.ts";
import type { Composite } from "../../../src/inspect/contract.ts";
import { channelsOf, type Display, type Range, rangeOf } from "./display.ts";
import { zscale } from "./zscale.ts";

export interface Prepared {
  /** (C, H, W): flux, or 0 to 1 of an image for people. */
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number];
  readonly pixels: "flux" | "display";
  /** Of each band: the median, and 1.4826 times the median absolute deviation. */
  readonly sky: Float32Array;
  readonly noise: Float32Array;
  /** The survey's own, if it is known. */
  readonly composite: Composite | null;
  /** The flux of a band that zscale shows black and white. Found when it is first asked for. */
  readonly zscaled: (band: number) => readonly [number, number];
}

/** Pixels of a band that its levels are taken from: enough for an error of a few per cent. */
const MOST_PIXELS = 1024;

export function prepare(
  data: Float32Array | Uint8Array,
  shape: readonly [number, number, number],
  pixels: "flux" | "display",
  composite: Composite | null = null,
): Prepared {
  const [count, height, width] = shape;
  const [sky, noise] = [new Float32Array(count), new Float32Array(count).fill(1)];
  const values = Float32Array.from(data, pixels === "display" ? (value) => value / 255 : undefined);
  const size = height * width;
  for (let band = 0; band < count && pixels === "flux"; band++) {
    const plane = values.subarray(band * size, (band + 1) * size);
    const [level, sigma] = levelsOf(plane);
    sky[band] = level;
    noise[band] = sigma;
    // What was not measured is black.
    for (let i = 0; i < size; i++) if (!Number.isFinite(plane[i]!)) plane[i] = level - 1e6 * sigma;
  }
  const found = new Map<number, [number, number]>();
  const zscaled = (band: number) => {
    let range = found.get(band);
    if (range === undefined) {
      // What was not measured is not in the range, since it is far below the sky.
      const least = sky[band]! - 1e5 * noise[band]!;
      const plane = values.subarray(band * size, (band + 1) * size);
      range = zscale(plane.filter((value) => value > least));
      found.set(band, range);
    }
    return range;
  };
  return { values, shape, pixels, sky, noise, composite, zscaled };
}

/** Swaps the rows of planes, the first with the last: bottom first becomes top first. @param data (planes, height, width) */
export function turnedOver<T extends Float32Array | Uint8Array>(data: T, width: number, height: number): T {
  const size = width * height;
  for (let plane = 0; plane < data.length; plane += size)
    for (let row = 0; row < height >> 1; row++) {
      const [first, last] = [plane + row * width, plane + (height - 1 - row) * width];
      const kept = data.slice(first, first + width);
      data.copyWithin(first, last, last + width);
      data.set(kept, last);
    }
  return data;
}

/** Median, and noise: the standard deviation if more than half of the pixels are equal, 1 if all are. */
export function levelsOf(plane: Float32Array): [number, number] {
  const step = Math.max(1, Math.floor(plane.length / MOST_PIXELS));
  // Loops, and no sorting: a page has hundreds of planes, and nothing else takes as long before it is drawn.
  const taken = new Float32Array(Math.ceil(plane.length / step));
  let count = 0;
  for (let i = 0; i < plane.length; i += step) if (Number.isFinite(plane[i]!)) taken[count++] = plane[i]!;
  if (count === 0) return [0, 1];
  const some = taken.subarray(0, count);
  const { level, sigma } = robustLevel(some, upperMedian);
  if (sigma > 0) return [level, sigma];
  const mean = some.reduce((sum, value) => sum + value, 0) / some.length;
  return [level, Math.sqrt(some.reduce((sum, value) => sum + (value - mean) ** 2, 0) / some.length) || 1];
}

/** Three channels, and for each what is shown at level 0, and the flux of one level. */
export interface Shown {
  channels: [number, number, number];
  sky: [number, number, number];
  noise: [number, number, number];
  /** Levels shown black and white. */
  range: Range;
}

/**
 * What is shown as red, green and blue. In the survey's own composite a level is the same scaled flux in all three, so that
 * colours are the survey's; it is the mean of the three bands' scaled noise. In any other, each band has its own noise, and
 * with zscale its own range.
 */
export function shownOf(image: Prepared, display: Display): Shown {
  const { shape, pixels, composite } = image;
  const channels = channelsOf(display, shape[0], pixels, composite?.channels);
  const of = (levels: Float32Array) => channels.map((channel) => levels[channel]!) as Shown["sky"];
  const [sky, noise] = [of(image.sky), of(image.noise)];
  if (display.stretch === "zscale" && pixels === "flux") {
    const ends = channels.map((channel) => image.zscaled(channel));
    const level = (end: 0 | 1) => ends.map((flux, k) => (flux[end] - sky[k]!) / noise[k]!) as Shown["sky"];
    return { channels, sky, noise, range: { low: level(0), high: level(1) } };
  }
  const range = rangeOf(display);
  if (composite === null || channels !== composite.channels) return { channels, sky, noise, range };
  const { scales } = composite;
  const level = noise.reduce((sum, own, k) => sum + (own * scales[k]!) / 3, 0);
  return { channels, sky, noise: scales.map((scale) => level / scale) as Shown["noise"], range };
}
