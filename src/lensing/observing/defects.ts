/**
 * Detector defects: cosmic rays, bad columns, masked patches. All are drawn on the CPU from an object's own seed, band by
 * band; only lists of pixels and values are applied to the images.
 *
 * Cosmic rays that a coadd's clipping missed: straight tracks of exponential length (mean 8 pixels) in any direction, of
 * lognormal charge per pixel (median 30 sky sigmas, scatter by a factor e), the range of Desai et al. (2016, Astronomy and
 * Computing 16, 67), figures 2 and 3. They are visible, not masked. Masks are discs (radii 2 to 8 pixels) and straight
 * trails (one in five), drawn until they cover the stated fraction.
 */
import { Draws } from "../../foundation/random.ts";
import type { Defects, Survey } from "../../sky/survey.ts";

/** The defects of one image; pixels are indices into (H, W). */
export interface ImageDefects {
  /** Pixels hit by cosmic rays, and the charge added to each, in sky sigmas. */
  hits: { pixel: number; charge: number }[];
  /** Pixels that are bad or masked. */
  masked: number[];
}

const MEAN_LENGTH = 8;
const MEDIAN_CHARGE = 30;
const RADII: readonly [number, number] = [2, 8];
const TRAIL_CHANCE = 0.2;

/** Draws the defects of one image. @param seed its own, of object and band */
export function drawDefects(
  defects: Defects,
  survey: Survey,
  height: number,
  width: number,
  seed: number,
): ImageDefects {
  const d = new Draws(seed, 7);
  const area = (height * width * survey.pixelScale ** 2) / 3600; // arcmin²
  const hits: ImageDefects["hits"] = [];
  for (let k = count(d, defects.cosmicRays * area); k > 0; k--) {
    const charge = MEDIAN_CHARGE * Math.exp(d.normal());
    const length = -MEAN_LENGTH * Math.log(1 - d.uniform());
    for (const pixel of track(d, length, height, width)) hits.push({ pixel, charge });
  }
  const masked = new Set<number>();
  for (let x = 0; x < width; x++)
    if (d.chance(defects.badColumns)) for (let y = 0; y < height; y++) masked.add(y * width + x);
  maskPatches(d, defects.masked, height, width, masked);
  return { hits, masked: [...masked].sort((a, b) => a - b) };
}

/** A Poisson count of any expectation: a sum of Poisson counts is one. */
function count(d: Draws, expectation: number): number {
  let sum = 0;
  for (let rest = expectation; rest > 0; rest -= 20) sum += d.poisson(Math.min(20, rest));
  return sum;
}

/** The pixels along a line with a random start and direction. */
function track(d: Draws, length: number, height: number, width: number): Set<number> {
  const [x, y, angle] = [d.uniform(0, width), d.uniform(0, height), d.uniform(0, 2 * Math.PI)];
  const pixels = new Set<number>();
  for (let s = 0; s <= length; s += 0.5) {
    const [u, v] = [Math.floor(x + s * Math.cos(angle)), Math.floor(y + s * Math.sin(angle))];
    if (u >= 0 && v >= 0 && u < width && v < height) pixels.add(v * width + u);
  }
  return pixels;
}

/**
 * Adds patches until they cover the stated fraction of the image on average: the last one is added with a probability of
 * the missing area over its own, so that small images mostly have none.
 */
function maskPatches(d: Draws, part: number, height: number, width: number, masked: Set<number>): void {
  const target = part * height * width;
  let covered = 0;
  while (covered < target) {
    const patch = d.chance(TRAIL_CHANCE) ? trail(d, height, width) : disc(d, height, width);
    const size = Math.max(1, patch.size);
    if (covered + size > target && !d.chance((target - covered) / size)) return;
    covered += size;
    for (const pixel of patch) masked.add(pixel);
  }
}

function disc(d: Draws, height: number, width: number): Set<number> {
  const radius = d.uniform(...RADII);
  const [x, y] = [d.uniform(0, width), d.uniform(0, height)];
  return pixelsWhere(height, width, (u, v) => (u - x) ** 2 + (v - y) ** 2 < radius ** 2);
}

function trail(d: Draws, height: number, width: number): Set<number> {
  const angle = d.orientation();
  const [x, y, half] = [d.uniform(0, width), d.uniform(0, height), d.uniform(1, 2.5)];
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  return pixelsWhere(height, width, (u, v) => Math.abs((u - x) * sine - (v - y) * cosine) < half);
}

/** Pixels whose centre is inside. */
function pixelsWhere(height: number, width: number, inside: (u: number, v: number) => boolean): Set<number> {
  const pixels = new Set<number>();
  for (let v = 0; v < height; v++)
    for (let u = 0; u < width; u++) if (inside(u + 0.5, v + 0.5)) pixels.add(v * width + u);
  return pixels;
}
