/** Point-spread functions from image files: centred, resampled to a survey's pixels, of unit sum. */
import { refuse } from "../foundation/errors.ts";
import { readImages } from "./image-file.ts";
import { keptByFile } from "./kept.ts";
import type { ImageStack } from "./npy-image.ts";
import type { Psf } from "./survey.ts";

/** A PSF on the survey's pixels, centred on the middle one. */
export interface PsfImage {
  /** Odd. */
  side: number;
  /** (side × side), row-major, of sum 1. */
  data: Float64Array;
}

const kept = keptByFile<PsfImage[]>();

/**
 * The images that a band's PSF is drawn from, in the order of its files and their planes. A file is read once, as long as it stays as it is.
 *
 * @param pixelScale of the survey, arcsec
 * @throws ArcletError naming the file when it is unreadable, or has no such plane or no light
 */
export function psfImages(psf: Extract<Psf, { kind: "image" }>, pixelScale: number): PsfImage[] {
  return psf.files.flatMap((file) =>
    kept(file, [psf.plane, psf.pixelScale, pixelScale], () => {
      const stack = readImages(file);
      return planesOf(stack, psf.plane, file).map((plane) =>
        centred(plane, stack.shape[1], stack.shape[2], pixelScale / (psf.pixelScale ?? pixelScale), file),
      );
    }),
  );
}

function planesOf({ shape, data }: ImageStack, plane: number | undefined, file: string): Float64Array[] {
  const [count, height, width] = shape;
  if (plane !== undefined && plane >= count) refuse(file, "plane", `0 to ${count - 1}`, plane);
  const planes = plane === undefined ? Array.from({ length: count }, (_, k) => k) : [plane];
  return planes.map((k) => data.subarray(k * height * width, (k + 1) * height * width));
}

/** @param step the survey's pixel scale over the image's */
function centred(plane: Float64Array, height: number, width: number, step: number, file: string): PsfImage {
  const clean = plane.map((value) => (Number.isFinite(value) ? value : 0));
  const { x, y } = centroid(clean, height, width, file);
  const reach = Math.floor(Math.min(x, y, width - 1 - x, height - 1 - y) / step);
  if (reach < 1) refuse(file, "PSF", "an image with its peak near the middle", [x, y]);
  const side = 2 * reach + 1;
  const data = new Float64Array(side * side);
  for (let v = -reach; v <= reach; v++)
    for (let u = -reach; u <= reach; u++)
      data[(v + reach) * side + u + reach] = between(clean, height, width, x + u * step, y + v * step);
  const sum = data.reduce((total, value) => total + value, 0);
  if (!(sum > 0)) refuse(file, "PSF", "an image of positive sum", sum);
  return { side, data: data.map((value) => value / sum) };
}

/** The light's centroid within a Gaussian window, which starts at the peak and follows the centroid. */
function centroid(
  plane: Float64Array,
  height: number,
  width: number,
  file: string,
): { x: number; y: number } {
  const peak = plane.indexOf(Math.max(...plane));
  let [x, y] = [peak % width, Math.floor(peak / width)];
  const half = plane.reduce((count, value) => count + (value > plane[peak]! / 2 ? 1 : 0), 0);
  const sigma = Math.max(1, Math.sqrt(half / Math.PI)); // about the radius at half maximum
  for (let pass = 0; pass < 50; pass++) {
    let [sum, sx, sy] = [0, 0, 0];
    for (let v = 0; v < height; v++)
      for (let u = 0; u < width; u++) {
        const weight = plane[v * width + u]! * Math.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * sigma ** 2));
        sum += weight;
        sx += weight * (u - x);
        sy += weight * (v - y);
      }
    if (!(sum > 0)) refuse(file, "PSF", "an image of positive sum", sum);
    // a window as wide as the light itself sees half of an offset
    x += (2 * sx) / sum;
    y += (2 * sy) / sum;
    if (Math.hypot(sx, sy) / sum < 1e-6) break;
  }
  if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1))
    refuse(file, "PSF", "an image with its peak near the middle", [x, y]);
  return { x, y };
}

/** Neighbours on either side that an interpolated value is made of. */
const LOBES = 5;

/** Between pixels by Lanczos's windowed sinc, which keeps a PSF sampled as finely as its survey as sharp as it is; 0 beyond. */
function between(plane: Float64Array, height: number, width: number, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [wx, wy] = [weights(x - column), weights(y - row)];
  let sum = 0;
  for (let j = 0; j < 2 * LOBES; j++) {
    const v = row + 1 - LOBES + j;
    if (v < 0 || v >= height) continue;
    for (let i = 0; i < 2 * LOBES; i++) {
      const u = column + 1 - LOBES + i;
      if (u >= 0 && u < width) sum += wy[j]! * wx[i]! * plane[v * width + u]!;
    }
  }
  return sum;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Weights of the neighbours of a position t ∈ [0, 1) past a pixel, of sum 1. */
function weights(t: number): number[] {
  const values = Array.from({ length: 2 * LOBES }, (_, i) => {
    const x = t + LOBES - 1 - i;
    return sinc(x) * sinc(x / LOBES);
  });
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}
