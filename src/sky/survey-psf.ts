/** A survey's point-spread functions for each object and band, ready to convolve by. */
import { refuse } from "../foundation/errors.ts";
import type { Draws } from "../foundation/random.ts";
import { stack, tensor } from "../torch/create.ts";
import type { DType } from "../torch/dtype.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { complexTransferOf, type Ellipticity, gaussianPsf, moffatPsf, transferOf } from "./psf.ts";
import { psfImages } from "./psf-images.ts";
import type { Band, Psf, Survey } from "./survey.ts";

/** An object's PSF in a band, apart from its full width. */
export interface PsfShape {
  e1: number;
  e2: number;
  /** Index of one of the band's images; 0 if it has none. */
  image: number;
}

export const ROUND: PsfShape = { e1: 0, e2: 0, image: 0 };

/** The band's PSF; the survey's if the band has none. */
export const psfOf = (survey: Survey, band: Band): Psf =>
  band.psf ??
  (survey.moffatBeta === null ? { kind: "gaussian" } : { kind: "moffat", beta: survey.moffatBeta });

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

/**
 * PSFs centred on the origin of a periodic grid, of unit sum.
 *
 * @param truncate where a Gaussian ends, in sigma
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
  return tidy(() =>
    stack(
      survey.bands.map((band, k) => {
        const psf = psfOf(survey, band);
        const shapes = objects.map((object) => object.psf?.[k] ?? ROUND);
        if (psf.kind === "image") return imagePsf(survey, psf, shapes, size, dtype);
        const per = (values: number[]) => tensor(Float64Array.from(values), [values.length], { dtype });
        const fwhm = per(objects.map(({ seeing }) => seeing[k]! / survey.pixelScale));
        const flat = shapes.some(({ e1, e2 }) => e1 !== 0 || e2 !== 0);
        const ellipticity: Ellipticity | undefined = flat
          ? { e1: per(shapes.map(({ e1 }) => e1)), e2: per(shapes.map(({ e2 }) => e2)) }
          : undefined;
        return psf.kind === "gaussian"
          ? gaussianPsf(fwhm, size, truncate, ellipticity)
          : moffatPsf(fwhm, psf.beta, size, ellipticity);
      }),
      1,
    ),
  );
}

/** The transfer functions to `convolve` by; complex only if a band's PSF is an image. */
export function surveyTransfer(
  survey: Survey,
  objects: readonly PsfConditions[],
  size: number,
  dtype: DType = "float32",
  truncate?: number,
): Tensor {
  return tidy(() => {
    const psf = surveyPsf(survey, objects, size, dtype, truncate);
    return survey.bands.some((band) => band.psf?.kind === "image") ? complexTransferOf(psf) : transferOf(psf);
  });
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
