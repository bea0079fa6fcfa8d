/**
 * Sources of a frame in one or several bands: detected on one image (a band, or the sum of all, each weighted by its
 * inverse variance) and measured in the same Kron apertures in every band, one piece of the frame after the other. Every
 * pixel is read once, those in the pieces' margins twice; memory is about 100 bytes per pixel of a piece, whatever the
 * frame's size.
 */
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { upperMedian } from "../../foundation/statistics.ts";
import { background, detect, type Plane, SOURCE_FLAGS } from "../detect.ts";
import { grown } from "../measure/noise.ts";
import { ellipsesOf, halfLightRadii, kronScales, sumEllipses } from "../photometry.ts";
import type { FrameImage, Window } from "./frame-image.ts";
import { Ownership, type Tile, tilesOf } from "./tiles.ts";

/** Flag of a source with a pixel at or above the saturation that a header states. */
export const SATURATED = 256;

export interface BandInput {
  name: string;
  image: FrameImage;
  /** Inverse variance, up to a common factor; 0 or less is masked. */
  weight?: FrameImage | undefined;
  /** Photons per flux unit; 0 if not known: errors are then those of the sky alone. */
  gain: number;
  /** Infinity if not known. */
  saturation: number;
}

export interface DetectSettings {
  /** Index of the band to detect on; null for the sum of all. */
  on: number | null;
  threshold: number;
  pixels: number;
  levels: number;
  contrast: number;
  clean: number;
  /** Side of a background mesh, pixels. */
  box: number;
  /** Side of a piece's core, and its margin, pixels. */
  tile: number;
  margin: number;
}

/** A source; positions and lengths in pixels from 0, angles in radians. */
export interface Source {
  x: number;
  y: number;
  /** Rms along the axes, in the detection image. */
  a: number;
  b: number;
  theta: number;
  halfLight: number;
  /** Signal-to-noise in the detection image. */
  snr: number;
  /** SOURCE_FLAGS, APERTURE_FLAGS and SATURATED. */
  flags: number;
  /** One per band; NaN if the band has no data there. */
  flux: number[];
  error: number[];
}

/**
 * Sources of all pieces, in the pieces' order.
 *
 * @param mask non-zero pixels are left out
 * @param between called before every piece with its index and the number of pieces
 * @throws ArcletError when the images differ in size
 */
export async function detectFrame(
  bands: readonly BandInput[],
  mask: FrameImage | undefined,
  settings: DetectSettings,
  between: (piece: number, pieces: number) => Promise<void> = async () => {},
): Promise<Source[]> {
  const pieces = piecesOf(bands, mask, settings);
  const owners = new Owners();
  for (const [k, piece] of pieces.entries()) {
    await between(k, pieces.length);
    owners.add(piece, sourcesIn(piece, bands, mask, settings));
  }
  return owners.sources;
}

/** The pieces of a frame. @throws ArcletError when the images differ in size */
export function piecesOf(
  bands: readonly BandInput[],
  mask: FrameImage | undefined,
  { tile, margin }: DetectSettings,
): Tile[] {
  const { width, height, path } = bands[0]!.image;
  const others = [...bands.flatMap(({ image, weight }) => [image, weight ?? []].flat()), mask ?? []].flat();
  for (const other of others)
    if (other.width !== width || other.height !== height)
      refuse(
        other.path,
        "image",
        `${width} × ${height} pixels as ${path}`,
        `${other.width} × ${other.height}`,
      );
  return tilesOf(width, height, tile, margin);
}

/** The sources that each piece owns; all pieces are added, in their order. */
export class Owners {
  readonly sources: Source[] = [];
  readonly #ownership = new Ownership();

  /** @param seen all sources in the piece, its margins included */
  add(piece: Tile, seen: Iterable<Source>): void {
    for (const source of seen)
      if (this.#ownership.takes(piece, source.x, source.y)) this.sources.push(source);
  }
}

/** A band without its sky, and the sky's standard deviation in each pixel. */
interface Clean extends Plane {
  mask: Uint8Array;
  sigmas: Float32Array;
}

/** All sources in a piece, its margins included: it sees nothing of other pieces. */
export function sourcesIn(
  { window }: Tile,
  bands: readonly BandInput[],
  maskImage: FrameImage | undefined,
  settings: DetectSettings,
): Source[] {
  const masked =
    maskImage === undefined ? null : maskImage.read(window).map((value) => (value === 0 ? 0 : 1));
  const raw = bands.map((band) => rawPlane(band, window, masked));
  if (raw.every(({ mask }) => mask.every((value) => value !== 0))) return [];
  // The sky is measured twice, the second time without the sources.
  let clean = raw.map((plane) => withoutSky(plane, null, window, settings));
  let detection = findIn(clean, settings);
  clean = raw.map((plane) => withoutSky(plane, detection.segments, window, settings));
  detection = findIn(clean, settings);
  const { on, segments, sources, noise } = detection;
  const all = Array.from({ length: sources.count }, (_, k) => k);
  const ellipses = ellipsesOf(sources, all);
  const kron = kronScales(on, ellipses, segments);
  const sum = sumEllipses(on, ellipses, kron.scale, noise, segments);
  const radii = halfLightRadii(on, ellipses, sum.sum, segments);
  const measured = clean.map((plane, k) =>
    sumEllipses(plane, ellipses, kron.scale, plane.sigmas, segments, bands[k]!.gain),
  );
  const saturated = saturatedSources(raw, bands, segments, sources.count);
  return all.map((i) => ({
    x: window.x + sources.x[i]!,
    y: window.y + sources.y[i]!,
    a: sources.a[i]!,
    b: sources.b[i]!,
    theta: sources.theta[i]!,
    halfLight: radii[i]!,
    snr: sum.sum[i]! / sum.error[i]!,
    flags: sources.flags[i]! | kron.flags[i]! | sum.flags[i]! | (saturated[i + 1] ? SATURATED : 0),
    flux: measured.map((aperture) => (aperture.flags[i]! & 64 ? NaN : aperture.sum[i]!)),
    error: measured.map((aperture) => (aperture.flags[i]! & 64 ? NaN : aperture.error[i]!)),
  }));
}

interface Raw extends Plane {
  mask: Uint8Array;
  weight: Float32Array | null;
}

function rawPlane({ image, weight }: BandInput, window: Window, masked: Float32Array | null): Raw {
  const data = image.read(window);
  const weights = weight === undefined ? null : weight.read(window);
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++)
    if (Number.isNaN(data[i]!) || masked?.[i] || (weights !== null && !(weights[i]! > 0))) mask[i] = 1;
  const { width, height } = window;
  return { data, width, height, mask, weight: weights, name: image.path };
}

/** The band less its background. @param segments sources to leave out of the background */
function withoutSky(
  raw: Raw,
  segments: Int32Array | null,
  { x, y, width, height }: Window,
  { box }: DetectSettings,
): Clean {
  const { data, mask } = raw;
  const side = Math.max(8, Math.min(box, Math.max(32, Math.floor(Math.min(width, height) / 3))));
  const free = freeSky(mask, segments, width, height, side);
  // Without sky there is nothing above it.
  if (free === null)
    return {
      ...raw,
      mask: new Uint8Array(mask.length).fill(1),
      sigmas: new Float32Array(mask.length).fill(1),
    };
  const sky = background({ ...raw, mask: free.hidden }, free.side);
  if (!sky.sigmas.some((sigma) => sigma > 0))
    throw new ArcletError({
      where: raw.name ?? "frame",
      code: "empty",
      problem: `the sky has no noise at x ${x}, y ${y}, so nothing is above it`,
    });
  const sigmas = raw.weight === null ? floored(sky.sigmas, sky.sigma) : byWeight(raw, sky.sigmas);
  return { ...raw, data: data.map((value, i) => value - sky.levels[i]!), sigmas };
}

/**
 * Pixels to hide from the background, and a side of meshes for which some sky is left: sources with their wings if that
 * leaves enough, else without wings, else only masked pixels, in ever smaller meshes; null if there is no sky at all. SEP
 * ignores meshes that are half hidden, and makes up a sky of 0 ± 1 if none is left.
 */
function freeSky(
  mask: Uint8Array,
  segments: Int32Array | null,
  width: number,
  height: number,
  side: number,
): { hidden: Uint8Array; side: number } | null {
  const masks = segments === null ? [] : [() => grown(segments, mask, width, height)];
  if (segments !== null) masks.push(() => mask.map((value, i) => (segments[i] === 0 ? value : 1)));
  for (const makeMask of masks) {
    const hidden = makeMask();
    if (hasSky(hidden, width, height, side)) return { hidden, side };
  }
  for (let smaller = side; smaller >= 8; smaller = Math.floor(smaller / 2))
    if (hasSky(mask, width, height, smaller)) return { hidden: mask, side: smaller };
  return null;
}

/** Whether any mesh has more than half of its pixels free. */
function hasSky(hidden: Uint8Array, width: number, height: number, side: number): boolean {
  for (let y = 0; y < height; y += side)
    for (let x = 0; x < width; x += side) {
      const [right, top] = [Math.min(width, x + side), Math.min(height, y + side)];
      let free = 0;
      for (let v = y; v < top; v++) for (let u = x; u < right; u++) if (hidden[v * width + u] === 0) free++;
      if (2 * free > (right - x) * (top - y)) return true;
    }
  return false;
}

/** The spline between meshes may dip to 0 beside a blank; noise must be positive. */
const floored = (sigmas: Float32Array, sigma: number): Float32Array =>
  sigmas.map((value) => Math.max(value, 0.2 * sigma));

/** Noise from the weights, scaled to match the sky's. */
function byWeight({ weight, mask }: Raw, sigmas: Float32Array): Float32Array {
  const ratios: number[] = [];
  const step = Math.max(1, Math.floor(sigmas.length / 20000));
  for (let i = 0; i < sigmas.length; i += step)
    if (mask[i] === 0) ratios.push(sigmas[i]! * Math.sqrt(weight![i]!));
  const scale = upperMedian(ratios) || 1;
  return weight!.map((value, i) => (mask[i] === 0 ? scale / Math.sqrt(value) : 1));
}

function findIn(clean: readonly Clean[], { on, ...settings }: DetectSettings) {
  const { plane, noise } =
    on === null && clean.length > 1
      ? summed(clean)
      : { plane: clean[on ?? 0]!, noise: clean[on ?? 0]!.sigmas };
  const sources = detect(plane, { ...settings, noise });
  return { on: plane, noise, sources, segments: sources.segments };
}

/** Σ f/σ² over the bands that have data, in units of its own noise. */
function summed(clean: readonly Clean[]): { plane: Plane & { mask: Uint8Array }; noise: number } {
  const { width, height } = clean[0]!;
  const data = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    let [sum, weights] = [0, 0];
    for (const band of clean) {
      if (band.mask[i] !== 0) continue;
      const weight = 1 / band.sigmas[i]! ** 2;
      sum += weight * band.data[i]!;
      weights += weight;
    }
    if (weights > 0) data[i] = sum / Math.sqrt(weights);
    else mask[i] = 1;
  }
  return { plane: { data, width, height, mask, name: "the sum of the bands" }, noise: 1 };
}

/** For each source, at its index + 1: whether one of its pixels is saturated in any band. */
function saturatedSources(
  raw: readonly Raw[],
  bands: readonly BandInput[],
  segments: Int32Array,
  count: number,
): Uint8Array {
  const saturated = new Uint8Array(count + 1);
  for (const [k, { data }] of raw.entries()) {
    const saturation = bands[k]!.saturation;
    if (saturation === Infinity) continue;
    for (let i = 0; i < data.length; i++) if (data[i]! >= saturation) saturated[segments[i]!] = 1;
  }
  return saturated;
}

/** Whether a source's shape is complete: not cut off, not saturated; neighbours may be near. */
export const isWhole = ({ flags }: Source): boolean => (flags & ~(SOURCE_FLAGS.merged | 32)) === 0;
