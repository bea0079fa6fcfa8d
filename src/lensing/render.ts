/**
 * From scenes to noise-free images, a batch at a time.
 *
 *   1. rays    a grid of `supersampling`² rays a pixel, and where a scene's lens sends them
 *   2. light   every component's surface brightness on the rays, averaged to pixels, times its flux in every band;
 *              what lies behind a lens is gathered in an image of its own, the arcs
 *   3. PSF     convolved at pixel resolution
 *   4. arcs    scaled to the scene's signal-to-noise and added
 *
 * Components are computed some at a time, so that their rays stay in the cache. An object's pixels do not depend on
 * the others of its batch, to the last bit: all sums are over its own components, in their order.
 */
import { convolve, fluxOf, gaussianPsf, moffatPsf, type Survey, transferOf } from "../sky/index.ts";
import { arange, call, type DType, empty, type Tensor, tensor, tidy, zeros } from "../torch/index.ts";
import { type Positions, perRow } from "./profiles/frame.ts";
import {
  type Arms,
  type Ring,
  ringFlux,
  type Sersic,
  sersic,
  sersicFlux,
  sersicRing,
  spiralArms,
} from "./profiles/light.ts";
import { shearDeflection, sieDeflection } from "./profiles/mass.ts";
import type { Light, Mass, Scene } from "./scene.ts";

export interface Rendered {
  /** (B, bands, H, W), flux units of the survey, no noise. */
  images: Tensor;
  /** Factor by which each scene's lensed light was scaled to its signal-to-noise; 1 without lens. */
  arcScale: Float64Array;
}

export interface RenderOptions {
  /** Rays along a pixel's side. */
  supersampling?: number;
  dtype?: DType;
  /** Cuts a Gaussian PSF at this many sigma. */
  truncate?: number;
}

/** Rays and pixels worked on together: their arrays stay in the caches. At four times the pixels, a fifth slower. */
const RAYS_AT_ONCE = 2 ** 17;
const PIXELS_AT_ONCE = 2 ** 15;

/**
 * @param size pixels along a cutout's side
 * @returns images (B, bands, size, size), y upwards, the origin between the middle pixels
 */
export function render(
  scenes: readonly Scene[],
  survey: Survey,
  size: number,
  options: RenderOptions = {},
): Rendered {
  const { dtype = "float32" } = options;
  const arcScale = new Float64Array(scenes.length).fill(1);
  const images = empty([scenes.length, survey.bands.length, size, size], { dtype });
  const step = Math.max(1, Math.floor(PIXELS_AT_ONCE / size ** 2));
  for (let first = 0; first < scenes.length; first += step) {
    const some = scenes.slice(first, first + step);
    tidy(() => {
      const part = renderSome(some, survey, size, { ...options, dtype });
      images.narrow(0, first, some.length).copy_(part.images);
      arcScale.set(part.arcScale, first);
    });
  }
  return { images, arcScale };
}

function renderSome(
  scenes: readonly Scene[],
  survey: Survey,
  size: number,
  { supersampling = 2, dtype, truncate }: RenderOptions & { dtype: DType },
): Rendered {
  const arcScale = new Float64Array(scenes.length).fill(1);
  const lensing = scenes.flatMap((scene, i) => (scene.mass === null ? [] : [i]));
  const lenses = lensing.map((i) => scenes[i]!);
  // 1. rays
  const sky = rayGrid(size, supersampling, survey.pixelScale, dtype);
  const behind = throughLens(
    lenses.map(({ mass }) => mass!),
    sky,
  );
  // 2. light: an image a scene, then the arcs of each that has a lens
  const canvas = zeros([scenes.length + lenses.length, survey.bands.length, size, size], { dtype });
  for (const parts of chunksOf(scenes, lensing, RAYS_AT_ONCE / (size * supersampling) ** 2))
    tidy(() => paint(canvas, parts, sky, behind, survey));
  // 3. PSF
  const margin = Math.ceil((2 * Math.max(...survey.bands.map(({ seeing }) => seeing))) / survey.pixelScale);
  const grid = fftSize(Math.max(2 * size, size + 2 * margin));
  const transfer = transferOf(psfOf(scenes, survey, grid, dtype, truncate));
  const images = convolve(canvas.narrow(0, 0, scenes.length), transfer, margin);
  if (lenses.length === 0) return { images, arcScale };
  const rows = tensor(Int32Array.from(lensing));
  const arcs = convolve(
    canvas.narrow(0, scenes.length, lenses.length),
    transfer.indexSelect(0, rows),
    margin,
  );
  // 4. arcs
  const scales = arcScales(lenses, arcs);
  for (const [k, i] of lensing.entries()) arcScale[i] = scales[k]!;
  call("aten::index_add_", images, 0, rows, arcs.mul(perRow(scales, arcs, (scale) => scale)));
  return { images, arcScale };
}

/**
 * Rays of a square field, arcsec, x to the right and y upwards: x (1, 1, s, 1, size) and y (1, s, 1, size, 1). The rays
 * of a pixel lie in dimensions of their own, so that averaging over them adds whole images.
 */
function rayGrid(size: number, supersampling: number, pixelScale: number, dtype: DType): Positions {
  const pixels = arange(0, size, 1, { dtype }).sub((size - 1) / 2);
  const within = arange(0, supersampling, 1, { dtype })
    .sub((supersampling - 1) / 2)
    .div(supersampling);
  const axis = within.unsqueeze(1).add(pixels).mul(pixelScale); // (s, size)
  return {
    x: axis.reshape([1, 1, supersampling, 1, size]),
    y: axis.reshape([1, supersampling, 1, size, 1]),
  };
}

/** Where the rays meet the source plane behind each lens: (lenses, s, s, size, size). */
function throughLens(masses: readonly Mass[], sky: Positions): Positions {
  if (masses.length === 0) return sky;
  return tidy(() => {
    const sie = sieDeflection(sky, masses);
    const shear = shearDeflection(sky, masses);
    return { x: sky.x.sub(shear.x).sub(sie.x), y: sky.y.sub(shear.y).sub(sie.y) };
  });
}

/** A component of light, and where it goes. */
interface Part {
  light: Light;
  /** Image of the canvas. */
  row: number;
  /** Its lens among the batch's lenses; null in front. */
  lens: number | null;
}

/** The batch's components in pieces of one kind (plain, ring, arms; before or behind a lens) and at most `length`. */
function chunksOf(scenes: readonly Scene[], lensing: readonly number[], length: number): Part[][] {
  const kinds = new Map<string, Part[]>();
  const lensOf = new Map(lensing.map((scene, k) => [scene, k]));
  for (const [i, { lights }] of scenes.entries()) {
    for (const light of lights) {
      const k = lensOf.get(i);
      const lens = light.lensed && k !== undefined ? k : null;
      const kind = `${light.ring ? "ring" : light.arms ? "arms" : "plain"} ${lens !== null}`;
      const list = kinds.get(kind) ?? [];
      list.push({ light, row: lens === null ? i : scenes.length + lens, lens });
      kinds.set(kind, list);
    }
  }
  const step = Math.max(1, Math.floor(length));
  // In an order of their own: a scene's components are then added in the same order in every batch.
  return [...kinds.keys()].sort().flatMap((kind) => {
    const list = kinds.get(kind)!;
    return Array.from({ length: Math.ceil(list.length / step) }, (_, k) =>
      list.slice(k * step, (k + 1) * step),
    );
  });
}

/** Adds components of one kind to their images. canvas (images, bands, size, size) */
function paint(canvas: Tensor, parts: readonly Part[], sky: Positions, behind: Positions, survey: Survey) {
  const lenses = parts.flatMap(({ lens }) => (lens === null ? [] : [lens]));
  let at = sky;
  if (lenses.length > 0) {
    const index = tensor(Int32Array.from(lenses));
    at = { x: behind.x.indexSelect(0, index), y: behind.y.indexSelect(0, index) };
  }
  const lights = parts.map(({ light }) => light);
  const pixels = brightness(at, lights).mean([1, 2]).unsqueeze(1); // (N, 1, size, size)
  const flux = fluxesOf(lights, survey, canvas.dtype); // (N, bands, 1, 1)
  const rows = tensor(Int32Array.from(parts, ({ row }) => row));
  call("aten::index_add_", canvas, 0, rows, pixels.mul(flux));
}

/** Surface brightness of components of one kind, as their profiles give it: (N, s, s, size, size). */
function brightness(at: Positions, lights: readonly Light[]): Tensor {
  if (lights[0]!.ring) return sersicRing(at, lights as readonly (Light & Ring)[]);
  const smooth = sersic(at, lights);
  if (!lights[0]!.arms) return smooth;
  return call(
    "aten::mul_.Tensor",
    smooth,
    spiralArms(at, lights as readonly (Sersic & { arms: Arms })[]),
  ) as Tensor;
}

/** Flux in a pixel, survey's units, where a profile's brightness is 1: (N, bands, 1, 1). */
function fluxesOf(lights: readonly Light[], survey: Survey, dtype: DType): Tensor {
  const area = survey.pixelScale ** 2;
  const fluxes = lights.flatMap(({ magnitudes, ring, R, n }) => {
    const unit = ring ? ringFlux({ ring, R, n }) : sersicFlux(R, n);
    return survey.bands.map((_, band) => (fluxOf(magnitudes[band]!, survey.zeroPoint) * area) / unit);
  });
  return tensor(Float64Array.from(fluxes), [lights.length, survey.bands.length, 1, 1], { dtype });
}

/** The scenes' PSFs on a grid of that many pixels: (B, bands, grid, grid). */
function psfOf(
  scenes: readonly Scene[],
  survey: Survey,
  grid: number,
  dtype: DType,
  truncate: number | undefined,
): Tensor {
  const fwhm = perBand(scenes, (scene) => scene.seeing, dtype).div(survey.pixelScale); // (B, bands)
  return survey.moffatBeta === null
    ? gaussianPsf(fwhm, grid, truncate)
    : moffatPsf(fwhm, survey.moffatBeta, grid);
}

/** The factors that give arcs (lenses, bands, H, W) their scenes' signal-to-noise √(Σ arcs² / σ²). */
function arcScales(lenses: readonly Scene[], arcs: Tensor): number[] {
  const sigma = perBand(lenses, (scene) => scene.skySigma, arcs.dtype)
    .unsqueeze(-1)
    .unsqueeze(-1);
  const perImage = arcs.div(sigma).square().reshape([lenses.length, -1]);
  const snr = lenses.map((_, i) => Math.sqrt(perImage.select(0, i).sum().item()));
  return lenses.map(({ arcSnr }, i) => (arcSnr === null || snr[i] === 0 ? 1 : arcSnr / snr[i]!));
}

const perBand = (scenes: readonly Scene[], value: (scene: Scene) => number[], dtype: DType): Tensor =>
  tensor(Float64Array.from(scenes.flatMap(value)), [scenes.length, scenes[0]!.seeing.length], { dtype });

/** The next size that is a product of 2, 3 and 5, where the transform is fast. */
function fftSize(least: number): number {
  for (let size = least; ; size++) {
    let rest = size;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return size;
  }
}
