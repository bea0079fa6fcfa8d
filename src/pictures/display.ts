/** Images as 8-bit RGB for people to look at, not for networks. */
import { refuse } from "../foundation/errors.ts";
import { robustLevel, upperMedian } from "../foundation/statistics.ts";
import { composite } from "../sky/stretch.ts";
import type { Survey } from "../sky/survey.ts";
import { tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";

/** A stack of images. */
export interface ImageStack {
  /** Row-major (N, C, H, W): 8-bit display values, or flux in any linear unit. */
  readonly data: Uint8Array | Float32Array;
  /** (N, C, H, W). */
  readonly shape: readonly [number, number, number, number];
}

/** One picture. */
export interface Rgb {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** (H, W, 3) */
  readonly data: Uint8Array;
}

/** How images become colours. */
export interface DisplayOptions {
  /**
   * Channels shown as red, green and blue. Default: 8-bit images in their order; flux from the last channel (red)
   * over the middle one to the first (blue), since bands are kept from blue to red.
   */
  readonly channels?: readonly [number, number, number];
  /** The survey of the flux, if its channels are the survey's bands: it is then shown as the survey does. */
  readonly survey?: Survey;
  /** Noise levels that flux stays linear for, before it turns logarithmic; default 3. */
  readonly softening?: number;
}

/**
 * Picture `index` of a stack. 8-bit images are shown as they are. Flux of a known survey is shown by the survey's own
 * composite. Other flux, whose unit is unknown, is stretched in the same way (one asinh factor for all three channels
 * of a pixel, so that colours survive in bright cores: Lupton et al. 2004, PASP 116, 133) after each channel is scaled to
 * a sky (median) of 0 and a noise of 1. A constant channel is black. A pixel that is not finite is black.
 *
 * @throws ArcletError when the shape, index or a channel doesn't fit
 */
export function displayRgb(images: ImageStack, index: number, options: DisplayOptions = {}): Rgb {
  const [count, channels, height, width] = images.shape;
  const size = height * width;
  if (images.data.length !== count * channels * size) {
    refuse("picture", "images", `${images.shape.join(" × ")} values`, images.data.length);
  }
  if (!(index >= 0 && index < count)) refuse("picture", "index", `from 0 to ${count - 1}`, index);
  const { survey, channels: chosen = defaultChannels(images.data, channels) } = options;
  if (survey !== undefined && images.data instanceof Float32Array) {
    if (channels !== survey.bands.length)
      refuse("picture", "channels", `the ${survey.bands.length} bands of ${survey.name}`, channels);
    const flux = images.data.subarray(index * channels * size, (index + 1) * channels * size);
    return { width, height, data: asSurvey(flux, [1, channels, height, width], survey) };
  }
  const planes = chosen.map((channel) => {
    if (!(channel >= 0 && channel < channels))
      refuse("picture", "channel", `from 0 to ${channels - 1}`, channel);
    const start = (index * channels + channel) * size;
    return images.data.subarray(start, start + size);
  });
  const data =
    images.data instanceof Uint8Array ? interleave(planes) : stretch(planes, options.softening ?? 3);
  return { width, height, data };
}

function asSurvey(flux: Float32Array, shape: number[], survey: Survey): Uint8Array {
  const finite = flux.map((value) => (Number.isFinite(value) ? value : 0));
  return tidy(
    () =>
      composite(tensor(finite, shape), survey)
        .expand([1, 3, ...shape.slice(2)])
        .permute([0, 2, 3, 1])
        .data() as Uint8Array,
  ); // (1, H, W, 3)
}

function defaultChannels(data: Uint8Array | Float32Array, channels: number): [number, number, number] {
  if (channels < 3) return [channels - 1, 0, 0];
  return data instanceof Uint8Array ? [0, 1, 2] : [channels - 1, channels >> 1, 0];
}

function interleave(planes: readonly ArrayLike<number>[]): Uint8Array {
  const rgb = new Uint8Array(planes[0]!.length * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = planes[i % 3]![Math.floor(i / 3)]!;
  return rgb;
}

/** Noise levels that are shown white. */
const WHITE = 60;

function stretch(planes: readonly ArrayLike<number>[], softening: number): Uint8Array {
  const [red, green, blue] = planes.map(inNoiseLevels) as [Float32Array, Float32Array, Float32Array];
  const rgb = new Uint8Array(red.length * 3);
  const white = Math.asinh(WHITE / softening);
  for (let i = 0; i < red.length; i++) {
    // One noise level below the sky is black, so that the sky's own noise stays visible.
    const pixel = [red[i]! + 1, green[i]! + 1, blue[i]! + 1].map((value) => Math.max(value, 0));
    const mean = (pixel[0]! + pixel[1]! + pixel[2]!) / 3;
    if (!(mean > 0)) continue;
    const factor = Math.asinh(mean / softening) / white / mean;
    const brightest = Math.max(...pixel) * factor;
    // A saturated pixel is scaled down as a whole: its colour stays.
    const scale = (255 * factor) / Math.max(1, brightest);
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = Math.round(pixel[c]! * scale);
  }
  return rgb;
}

/**
 * Flux less its median, over its noise: 1.4826 times the median absolute deviation, or the standard deviation if
 * more than half of the pixels are equal. Pixels that are not finite, and all of a constant plane, become −1.
 */
function inNoiseLevels(plane: ArrayLike<number>): Float32Array {
  const finite = Float32Array.from(plane).filter(Number.isFinite);
  if (finite.length === 0) return new Float32Array(plane.length).fill(-1);
  const { level, sigma } = robustLevel(finite.slice(), upperMedian);
  const noise = sigma || deviation(finite);
  return Float32Array.from(plane, (value) =>
    Number.isFinite(value) && noise > 0 ? (value - level) / noise : -1,
  );
}

/** Over n: of all pixels, not of a sample. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
