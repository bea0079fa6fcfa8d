/** Seeing: images convolved by their scenes' point-spread functions. */
import { SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { pixelResponse, SHARPENED_REACH, sharpenedKernel } from "../../sky/pixel-response.ts";
import { convolve } from "../../sky/psf.ts";
import { psfOf, type Survey } from "../../sky/survey.ts";
import { psfReach, surveyTransfer } from "../../sky/survey-psf.ts";
import { call } from "../../torch/call.ts";
import { tensor, zerosLike } from "../../torch/create.ts";
import type { DType } from "../../torch/dtype.ts";
import { pad2d } from "../../torch/neural.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { inPlace } from "../profiles/in-place.ts";
import type { Scene } from "../scene.ts";

/** Pixels computed together, so that they fit in the caches. */
const PIXELS_AT_ONCE = 2 ** 16;

/**
 * Convolves images of scenes, averaged over pixels, by the scenes' PSFs without the pixel that these include. The edge
 * pixels are repeated beyond an image, so that a galaxy at the edge keeps its brightness there.
 *
 * @param images (B, bands, size, size); image b is of scenes[b]
 * @param truncate where a Gaussian PSF is cut off, in sigma
 * @returns (B, bands, size, size)
 */
export function blurred(images: Tensor, scenes: readonly Scene[], survey: Survey, truncate: number): Tensor {
  const gaussian = survey.bands.every((band) => psfOf(survey, band).kind === "gaussian");
  const separables = scenes.map(
    ({ psf = [] }) => gaussian && psf.every(({ e1, e2 }) => e1 === 0 && e2 === 0),
  );
  const result = zerosLike(images);
  for (const separable of [true, false]) {
    const rows = scenes.flatMap((_, b) => (separables[b] === separable ? [b] : []));
    if (rows.length === 0) continue;
    const blur = separable ? gaussianBlurred : transferBlurred;
    tidy(() => {
      const index = tensor(Int32Array.from(rows)).to("int64");
      const all = rows.length === scenes.length;
      const input = all ? images : images.indexSelect(0, index);
      const convolved = blur(
        input,
        rows.map((b) => scenes[b]!),
        survey,
        truncate,
      );
      if (all) result.copy_(convolved);
      else call("aten::index_copy_", result, 0, index, convolved);
    });
  }
  return result;
}

/** Gaussian PSFs, one dimension after the other: a few dozen sums of shifted images. */
function gaussianBlurred(images: Tensor, scenes: readonly Scene[], survey: Survey, truncate: number): Tensor {
  const size = images.shape[3]!;
  const sigmas = scenes.flatMap(({ seeing }) =>
    seeing.map((fwhm) => (fwhm * SIGMA_PER_FWHM) / survey.pixelScale),
  );
  const reachOf = (sigma: number) => Math.floor(truncate * sigma + 0.5);
  const { included } = pixelResponse(survey);
  const reach = Math.max(...sigmas.map(reachOf)) + (included === 0 ? 0 : SHARPENED_REACH);
  const kernels = sigmas.map((sigma) => {
    const half = Array.from({ length: reachOf(sigma) + 1 }, (_, d) => Math.exp(-0.5 * (d / sigma) ** 2));
    const total = half.reduce((sum, value, d) => sum + (d === 0 ? value : 2 * value), 0);
    return sharpenedKernel(
      half.map((value) => value / total),
      included,
    );
  });
  const bands = survey.bands.length;
  const weights = Array.from({ length: reach + 1 }, (_, d) =>
    tensor(
      Float64Array.from(kernels, (kernel) => kernel[d] ?? 0),
      [scenes.length, bands, 1, 1],
      {
        dtype: images.dtype,
      },
    ),
  );
  const result = zerosLike(images);
  const step = Math.max(1, Math.floor(PIXELS_AT_ONCE / (bands * size ** 2)));
  for (let first = 0; first < scenes.length; first += step)
    tidy(() => {
      const count = Math.min(step, scenes.length - first);
      const parts = weights.map((weight) => weight.narrow(0, first, count));
      const once = alongRows(images.narrow(0, first, count), parts)
        .transpose(2, 3)
        .contiguous();
      const both = alongRows(once, parts).transpose(2, 3);
      result.narrow(0, first, count).copy_(both);
    });
  return result;
}

/** Σ_d w_d (row − d and row + d), whole rows at a time. images (B, C, H, W), weights (B, C, 1, 1) for each distance d */
function alongRows(images: Tensor, weights: readonly Tensor[]): Tensor {
  const reach = weights.length - 1;
  const height = images.shape[2]!;
  const wide = pad2d(images, [0, 0, reach, reach], "replicate");
  const sum = inPlace(images.mul(weights[0]!));
  for (let d = 1; d <= reach; d++) {
    const pair = wide.narrow(2, reach - d, height).add(wide.narrow(2, reach + d, height));
    sum.add(inPlace(pair).mul(weights[d]!));
    pair.dispose();
  }
  return sum.tensor;
}

/** PSFs of any shape, by the Fourier transform. */
function transferBlurred(images: Tensor, scenes: readonly Scene[], survey: Survey, truncate: number): Tensor {
  const size = images.shape[3]!;
  const margin = marginOf(survey);
  const grid = fftSize(Math.max(2 * size, size + margin + reachOf(survey)));
  const step = Math.max(1, Math.floor(PIXELS_AT_ONCE / size ** 2));
  // A PSF that reaches further would blur light across the grid's edge into the opposite side of the image.
  const drawing = { dtype: images.dtype, truncate, reach: grid - size - margin };
  const result = zerosLike(images);
  for (let first = 0; first < scenes.length; first += step)
    tidy(() => {
      const batch = scenes.slice(first, first + step);
      const transfer = surveyTransfer(survey, batch, grid, drawing);
      const part = images.narrow(0, first, batch.length);
      result.narrow(0, first, batch.length).copy_(convolve(part, transfer, margin));
    });
  return result;
}

/** Pixels beyond an image by which its edge is repeated. */
const marginOf = (survey: Survey): number =>
  Math.ceil((2 * Math.max(...survey.bands.map(({ seeing }) => seeing))) / survey.pixelScale);

/** Pixels to which the widest PSF reaches, with what sharpening adds. */
const reachOf = (survey: Survey): number =>
  Math.max(...survey.bands.map((band) => psfReach(survey, band))) + SHARPENED_REACH;

/** A number for every scene and band: (B, bands). */
export const perBand = (scenes: readonly Scene[], value: (scene: Scene) => number[], dtype: DType): Tensor =>
  tensor(Float64Array.from(scenes.flatMap(value)), [scenes.length, scenes[0]!.seeing.length], { dtype });

/** The next size that is a product of 2, 3 and 5, for which the transform is fast. */
export function fftSize(least: number): number {
  for (let size = least; ; size++) {
    let rest = size;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return size;
  }
}
