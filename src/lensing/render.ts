/**
 * From scenes to noise-free images, a batch at a time.
 *
 *   1. rays    through the pixels, traced to the source planes of the scenes' lenses
 *   2. light   every component's surface brightness on the rays, averaged to pixels, times its flux in every band;
 *              lensed light that will be scaled goes to an image of its own, the arcs
 *   3. PSF     convolved at pixel resolution; point sources are drawn as the PSF itself
 *   4. arcs    scaled to the scene's signal-to-noise and added
 *
 * Components are computed in batches whose rays fit in the cache. An object's pixels do not depend on the others of its
 * batch, to the last bit: all sums are over its own components, in their order.
 */
import { SIGMA_PER_FWHM } from "../sky/fwhm.ts";
import type { Survey } from "../sky/survey.ts";
import { call } from "../torch/call.ts";
import { empty, tensor, zeros } from "../torch/create.ts";
import type { DType } from "../torch/dtype.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { blurred, perBand } from "./rendering/blur.ts";
import { groupsOf } from "./rendering/components.ts";
import { slotsOf } from "./rendering/deflect.ts";
import { DEFAULT_TOLERANCE, paint, skyOf } from "./rendering/paint.ts";
import { pointImages, pointsOf } from "./rendering/points.ts";
import type { Scene } from "./scene.ts";

/** Scenes as images without noise. */
export interface Rendered {
  /** (B, bands, H, W), flux units of the survey, no noise. */
  images: Tensor;
  /** Factor that scaled each scene's lensed light to its signal-to-noise; 1 without lens. */
  arcScale: Float64Array;
}

/** How finely scenes are rendered. */
export interface RenderOptions {
  /** Rays along a pixel's side, the same everywhere; or (the default) as many as each pixel needs. */
  supersampling?: number | "adaptive";
  /** Largest error of a component in a pixel, in units of its typical brightness, for adaptive sampling. */
  tolerance?: number;
  /** Precision of the arithmetic. */
  dtype?: DType;
  /** A Gaussian PSF is cut off at this many sigma. */
  truncate?: number;
}

/** Rays computed together: their arrays fit in the caches. */
const RAYS_AT_ONCE = 2 ** 18;

/**
 * @param size pixels along a cutout's side
 * @returns images (B, bands, size, size), y upwards, origin between the middle pixels
 */
export function render(
  scenes: readonly Scene[],
  survey: Survey,
  size: number,
  options: RenderOptions = {},
): Rendered {
  const { dtype = "float32", supersampling = "adaptive" } = options;
  const arcScale = new Float64Array(scenes.length).fill(1);
  const images = empty([scenes.length, survey.bands.length, size, size], { dtype });
  const rays = (size * (supersampling === "adaptive" ? 1 : supersampling)) ** 2;
  const step = Math.max(1, Math.floor(RAYS_AT_ONCE / rays));
  for (let first = 0; first < scenes.length; first += step) {
    const batch = scenes.slice(first, first + step);
    tidy(() => {
      const part = renderBatch(batch, survey, size, { ...options, dtype });
      images.narrow(0, first, batch.length).copy_(part.images);
      arcScale.set(part.arcScale, first);
    });
  }
  return { images, arcScale };
}

function renderBatch(
  scenes: readonly Scene[],
  survey: Survey,
  size: number,
  options: RenderOptions & { dtype: DType },
): Rendered {
  const { supersampling = "adaptive", tolerance = DEFAULT_TOLERANCE, dtype, truncate = 5 } = options;
  const arcScale = new Float64Array(scenes.length).fill(1);
  const lensing = scenes.flatMap((scene, i) => (scene.mass === null ? [] : [i]));
  const scaled = lensing.filter((i) => scenes[i]!.arcSnr !== null);
  const arcsRow = new Map(scaled.map((i, k) => [i, scenes.length + k]));
  // 1. rays
  const slots = slotsOf(
    lensing.map((i) => scenes[i]!.mass!),
    dtype,
  );
  const sampling = supersampling === "adaptive" ? { tolerance } : supersampling;
  const sky = skyOf(size, survey.pixelScale, sampling, slots, lensing.length, dtype);
  // 2. light: one image per scene, then the arcs of each scene that scales them
  const canvas = zeros([scenes.length + scaled.length, survey.bands.length, size, size], { dtype });
  const sigma = Math.min(...survey.bands.map(({ seeing }) => seeing)) * SIGMA_PER_FWHM;
  for (const group of groupsOf(scenes, lensing, (i) => arcsRow.get(i) ?? i))
    paint(canvas, group, sky, survey, sigma);
  // 3. PSF
  const shown = [...scenes, ...scaled.map((i) => scenes[i]!)];
  const observed = blurred(canvas, shown, survey, truncate);
  const points = pointsOf(scenes, survey, size);
  if (points.length > 0) {
    const rows = points.map(({ scene, lensed }) => (lensed ? (arcsRow.get(scene) ?? scene) : scene));
    add(observed, rows, pointImages(points, scenes, survey, size, dtype));
  }
  const images = observed.narrow(0, 0, scenes.length);
  if (scaled.length === 0) return { images, arcScale };
  // 4. arcs
  const arcs = observed.narrow(0, scenes.length, scaled.length);
  const scales = arcScales(
    scaled.map((i) => scenes[i]!),
    arcs,
  );
  for (const [k, i] of scaled.entries()) arcScale[i] = scales[k]!;
  const factors = tensor(Float64Array.from(scales), [scaled.length, 1, 1, 1], { dtype });
  add(images, scaled, arcs.mul(factors));
  return { images, arcScale };
}

/** Adds images to the given rows of others. */
function add(images: Tensor, rows: readonly number[], added: Tensor): void {
  call("aten::index_add_", images, 0, tensor(Int32Array.from(rows)), added);
}

/** The factors that give arcs (lenses, bands, H, W) their scenes' signal-to-noise √(Σ arcs² / σ²). */
function arcScales(lenses: readonly Scene[], arcs: Tensor): number[] {
  const sigma = perBand(lenses, (scene) => scene.skySigma, arcs.dtype)
    .unsqueeze(-1)
    .unsqueeze(-1);
  const perImage = arcs.div(sigma).square().reshape([lenses.length, -1]);
  const snr = lenses.map((_, i) => Math.sqrt(perImage.select(0, i).sum().item()));
  return lenses.map(({ arcSnr }, i) => (snr[i] === 0 ? 1 : arcSnr! / snr[i]!));
}
