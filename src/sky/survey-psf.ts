/** A survey's point-spread functions for each object and band, ready to convolve by. */
import { refuse } from "../foundation/errors.ts";
import type { Draws } from "../foundation/random.ts";
import { call } from "../torch/call.ts";
import { stack, tensor } from "../torch/create.ts";
import type { DType } from "../torch/dtype.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { pixelResponse } from "./pixel-response.ts";
import { averaging, sharpening } from "./pixel-transfer.ts";
import { complexTransferOf, type Ellipticity, gaussianPsf, moffatPsf, transferOf } from "./psf.ts";
import { psfImages } from "./psf-images.ts";
import { type Band, type Psf, psfOf, type Survey } from "./survey.ts";

/** An object's PSF in a band, apart from its full width. */
export interface PsfShape {
  /** Ellipticity along the axes. */
  e1: number;
  /** Ellipticity along the diagonals. */
  e2: number;
  /** Index of one of the band's images; 0 if it has none. */
  image: number;
}

export const ROUND: PsfShape = { e1: 0, e2: 0, image: 0 };

/** Draws an object's PSF in every band. Bands share the ellipticity's direction, and the position in their image lists. */
export function drawPsf(d: Draws, survey: Survey): PsfShape[] {
  const [n1, n2, u] = [d.normal(), d.normal(), d.uniform()];
  return survey.bands.map((band) => {
    const psf = psfOf(survey, band);
    if (psf.kind === "image") {
      const count = psfImages(psf, survey.pixelScale).length;
      return { ...ROUND, image: Math.min(count - 1, Math.floor(u * count)) };
    }
    const { ellipticity = 0 } = psf;
    if (ellipticity === 0) return ROUND;
    const excess = Math.max(1, (ellipticity * Math.hypot(n1, n2)) / 0.6); // no PSF is flatter than q = 1/4
    return { e1: (ellipticity * n1) / excess, e2: (ellipticity * n2) / excess, image: 0 };
  });
}

/** What an object's PSF depends on. */
export interface PsfConditions {
  /** Full width at half maximum per band, arcsec; unused for a PSF that is an image. */
  seeing: readonly number[];
  /** Per band; round, or the first image, by default. */
  psf?: readonly PsfShape[];
}

/** How PSFs are drawn: all of it optional. */
interface PsfDrawing {
  /** By default float32. */
  dtype?: DType;
  /** Where a Gaussian ends, in sigma; nowhere by default. */
  truncate?: number | undefined;
  /** Pixels beyond which a PSF is zero; nowhere by default. */
  reach?: number;
}

/**
 * PSFs as stars look in the middle of a pixel: with one pixel in all (`psfPixel`). Centred on the origin of a periodic
 * grid, of unit sum.
 *
 * @returns (B, bands, size, size)
 * @throws ArcletError when an image of a PSF is larger than the grid
 */
export function surveyPsf(
  survey: Survey,
  objects: readonly PsfConditions[],
  size: number,
  dtype: DType = "float32",
  truncate?: number,
): Tensor {
  return psfsOf(survey, objects, size, { dtype, truncate }, pixelResponse(survey).lacking);
}

/** @param square side of the square over which PSFs are averaged, pixels */
function psfsOf(
  survey: Survey,
  objects: readonly PsfConditions[],
  size: number,
  { dtype = "float32", truncate, reach = size }: PsfDrawing,
  square: number,
): Tensor {
  return tidy(() =>
    stack(
      survey.bands.map((band, k) => {
        const psf = psfOf(survey, band);
        const shapes = objects.map((object) => object.psf?.[k] ?? ROUND);
        if (psf.kind === "image") {
          const images = imagePsf(survey, psf, shapes, size, dtype);
          return square === 0 ? images : averagedImages(images, square);
        }
        const per = (values: number[]) => tensor(Float64Array.from(values), [values.length], { dtype });
        const fwhm = per(objects.map(({ seeing }) => seeing[k]! / survey.pixelScale));
        const flat = shapes.some(({ e1, e2 }) => e1 !== 0 || e2 !== 0);
        const ellipticity: Ellipticity | undefined = flat
          ? { e1: per(shapes.map(({ e1 }) => e1)), e2: per(shapes.map(({ e2 }) => e2)) }
          : undefined;
        return psf.kind === "gaussian"
          ? gaussianPsf(fwhm, size, truncate, ellipticity, square)
          : moffatPsf(fwhm, psf.beta, size, ellipticity, square, reach);
      }),
      1,
    ),
  );
}

function averagedImages(images: Tensor, square: number): Tensor {
  const size = images.shape[1]!;
  const spectrum = call("aten::fft_rfft2", images) as Tensor;
  const factor = averaging(size, square, images.dtype);
  return call("aten::fft_irfft2", spectrum.mul(factor), [size, size]) as Tensor;
}

/**
 * The transfer functions to `convolve` light by that was averaged over pixels: of the PSFs without the pixel that they
 * include. Complex only if a band's PSF is an image.
 */
export function surveyTransfer(
  survey: Survey,
  objects: readonly PsfConditions[],
  size: number,
  drawing: PsfDrawing = {},
): Tensor {
  return tidy(() => {
    const psf = psfsOf(survey, objects, size, drawing, 0);
    const { included } = pixelResponse(survey);
    const sharper = sharpening(size, included, psf.dtype);
    return survey.bands.some((band) => band.psf?.kind === "image")
      ? complexTransferOf(psf).mul(sharper.unsqueeze(-1))
      : transferOf(psf).mul(sharper);
  });
}

/**
 * The transfer functions of stars in a band whose PSF is an image, for `psfsAt`: (B, size, size / 2 + 1, 2).
 *
 * @param k the band's index
 */
export function starTransfer(
  survey: Survey,
  k: number,
  objects: readonly PsfConditions[],
  size: number,
  dtype: DType,
): Tensor {
  const psf = psfOf(survey, survey.bands[k]!) as Extract<Psf, { kind: "image" }>;
  const shapes = objects.map((object) => object.psf?.[k] ?? ROUND);
  return tidy(() => {
    const transfer = complexTransferOf(imagePsf(survey, psf, shapes, size, dtype));
    return transfer.mul(averaging(size, pixelResponse(survey).lacking, dtype).unsqueeze(-1));
  });
}

/** Pixels from its middle to which a band's PSF reaches: an image's own side, else five times its width. */
export function psfReach(survey: Survey, band: Band): number {
  const psf = psfOf(survey, band);
  if (psf.kind !== "image") return Math.ceil((5 * band.seeing) / survey.pixelScale);
  return Math.max(...psfImages(psf, survey.pixelScale).map(({ side }) => (side - 1) / 2));
}

/** (B, size, size) */
function imagePsf(
  survey: Survey,
  psf: Extract<Psf, { kind: "image" }>,
  shapes: readonly PsfShape[],
  size: number,
  dtype: DType,
): Tensor {
  const images = psfImages(psf, survey.pixelScale);
  const grids = images.map(({ side, data }) => {
    if (side > size) refuse(survey.name, "PSF", `an image of at most ${size} pixels a side`, side);
    const reach = (side - 1) / 2;
    const grid = new Float64Array(size * size);
    for (let v = -reach; v <= reach; v++)
      for (let u = -reach; u <= reach; u++)
        grid[((v + size) % size) * size + ((u + size) % size)] = data[(v + reach) * side + u + reach]!;
    return tensor(grid, [size, size], { dtype });
  });
  return stack(grids).indexSelect(0, tensor(Int32Array.from(shapes, ({ image }) => image)));
}
