/** Point-spread functions, and convolution by them on whole batches by the Fourier transform. */
import { call } from "../torch/call.ts";
import { arange, stack, tensor } from "../torch/create.ts";
import type { DType } from "../torch/dtype.ts";
import { pad2d } from "../torch/neural.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { gammaPerFwhm, SIGMA_PER_FWHM } from "./fwhm.ts";
import { offsetsOver } from "./pixel-response.ts";

/** Distances from the origin along an axis of a periodic grid, pixels: 0 1 2 … −2 −1. (size) */
function distances(size: number, dtype: DType): Tensor {
  const i = arange(0, size, 1, { dtype });
  return i.sub(i.mul(2).gt(size).mul(size));
}

/** Squared distance from a point near the origin on a periodic grid of `size` pixels: (size, size), pixels². */
function squaredRadius(size: number, dtype: DType, { x, y }: Offset): Tensor {
  const d = distances(size, dtype);
  return d.sub(x).square().unsqueeze(0).add(d.sub(y).square().unsqueeze(1));
}

/** Of a PSF's middle from the origin, pixels. */
interface Offset {
  x: number;
  y: number;
}

/** Ellipticities (…) of PSFs: q = (1 − |e|) / (1 + |e|), the major axis at half the angle of (e1, e2). */
export interface Ellipticity {
  /** Along the axes. */
  e1: Tensor;
  /** Along the diagonals. */
  e2: Tensor;
}

/**
 * Squared elliptical radius on a periodic grid: q x'² + y'² / q along the major and the minor axis, so that an ellipse
 * has the area of the circle. (…, size, size), pixels²
 */
function squaredEllipticalRadius(size: number, { e1, e2 }: Ellipticity, at: Offset): Tensor {
  const d = distances(size, e1.dtype);
  const per = (value: Tensor) => value.unsqueeze(-1).unsqueeze(-1); // (…, 1, 1)
  // with m = |e|: q + 1/q = 2 (1 + m²) / (1 − m²), q − 1/q = −4 m / (1 − m²)
  const square = e1.square().add(e2.square());
  const over = square.rsub(1).reciprocal();
  const mean = per(square.add(1).mul(over));
  const [plus, cross] = [per(e1.mul(over).mul(2)), per(e2.mul(over).mul(4))];
  const [x, y] = [d.sub(at.x).unsqueeze(0), d.sub(at.y).unsqueeze(1)];
  const [xx, yy] = [x.square(), y.square()];
  return xx
    .mul(mean.sub(plus))
    .add(yy.mul(mean.add(plus)))
    .sub(x.mul(y).mul(cross));
}

/**
 * Gaussian PSFs, centred on the origin of a periodic grid, each of unit sum.
 *
 * @param fwhm (…) full widths at half maximum, pixels; for an ellipse the geometric mean of both
 * @param truncate the PSF is zero outside a square of this many sigma; not truncated by default
 * @param square side of a square, pixels, over which the profile is averaged; by default its values are taken as they are
 * @returns (…, size, size)
 */
export function gaussianPsf(
  fwhm: Tensor,
  size: number,
  truncate?: number,
  ellipticity?: Ellipticity,
  square = 0,
): Tensor {
  return tidy(() => {
    const sigma = fwhm.mul(SIGMA_PER_FWHM).unsqueeze(-1).unsqueeze(-1); // (…, 1, 1)
    const psf = averaged(square, (at) =>
      radius(size, fwhm.dtype, ellipticity, at).div(sigma.square()).mul(-0.5).exp(),
    );
    if (truncate === undefined) return normalised(psf);
    const d = distances(size, fwhm.dtype).abs();
    const reach = sigma
      .mul(truncate)
      .add((square + 1) / 2)
      .floor(); // (…, 1, 1), whole pixels
    const inside = d.unsqueeze(0).le(reach).and(d.unsqueeze(1).le(reach));
    return normalised(psf.mul(inside));
  });
}

/**
 * Moffat (1969) PSFs, (1 + (r / γ)²)^(−β), centred on the origin of a periodic grid, each of unit sum.
 *
 * @param fwhm (…) full widths at half maximum, pixels; for an ellipse the geometric mean of both
 * @param square as for `gaussianPsf`
 * @param reach the PSF is zero outside a square of this many pixels from its middle; as large as the grid by default
 * @returns (…, size, size)
 */
export function moffatPsf(
  fwhm: Tensor,
  beta: number,
  size: number,
  ellipticity?: Ellipticity,
  square = 0,
  reach = size,
): Tensor {
  return tidy(() => {
    const gamma = fwhm.mul(gammaPerFwhm(beta)).unsqueeze(-1).unsqueeze(-1); // (…, 1, 1)
    // (1 + …)^(−β) as exp(−β ln(1 + …)), in place: twice as fast
    const psf = averaged(square, (at) => {
      const value = radius(size, fwhm.dtype, ellipticity, at).div(gamma.square());
      call("aten::log1p_", value);
      call("aten::mul_.Scalar", value, -beta);
      return call("aten::exp_", value) as Tensor;
    });
    if (2 * reach >= size) return normalised(psf);
    const inside = distances(size, fwhm.dtype).abs().le(reach);
    return normalised(psf.mul(inside.unsqueeze(0).and(inside.unsqueeze(1))));
  });
}

/** The mean of a profile over a square about each pixel's middle. */
function averaged(square: number, profile: (at: Offset) => Tensor): Tensor {
  const offsets = offsetsOver(square);
  let sum: Tensor | null = null;
  for (const y of offsets)
    for (const x of offsets) sum = sum === null ? profile({ x, y }) : sum.add(profile({ x, y }));
  return sum!;
}

const radius = (size: number, dtype: DType, ellipticity: Ellipticity | undefined, at: Offset): Tensor =>
  ellipticity === undefined ? squaredRadius(size, dtype, at) : squaredEllipticalRadius(size, ellipticity, at);

/** Scales PSFs to unit sum, in place. */
const normalised = (psf: Tensor): Tensor => call("aten::div_.Tensor", psf, psf.sum([-2, -1], true)) as Tensor;

/**
 * The Fourier transform of even PSFs, which is real, to convolve by.
 *
 * @param psf (…, S, S) centred on the origin of a periodic grid
 * @returns (…, S, S / 2 + 1)
 */
export const transferOf = (psf: Tensor): Tensor =>
  tidy(() => (call("aten::view_as_real", call("aten::fft_rfft2", psf)) as Tensor).select(-1, 0).contiguous());

/**
 * The Fourier transform of PSFs of any shape, real and imaginary parts in a last dimension of 2.
 *
 * @param psf (…, S, S) centred on the origin of a periodic grid
 * @returns (…, S, S / 2 + 1, 2)
 */
export const complexTransferOf = (psf: Tensor): Tensor =>
  tidy(() => (call("aten::view_as_real", call("aten::fft_rfft2", psf)) as Tensor).contiguous());

/**
 * Convolves images by PSFs. The edge pixels are repeated for `margin` pixels beyond the image, so that a galaxy at the
 * edge keeps its brightness there; further out there is nothing. Rows of zeros are not transformed, and rows that are
 * cut off are not transformed back. An image's result does not depend on the others of the batch, to the last bit.
 *
 * @param images (B, C, H, W)
 * @param transfer (B, C, S, S / 2 + 1) of `transferOf`, or (B, C, S, S / 2 + 1, 2) of `complexTransferOf`. No light
 *   wraps around the grid if S is at least the side, the margin, and how far the PSF reaches
 * @returns (B, C, H, W)
 */
export function convolve(images: Tensor, transfer: Tensor, margin = 0): Tensor {
  return tidy(() => {
    const even = transfer.ndim === images.ndim;
    const size = transfer.shape[transfer.ndim - (even ? 2 : 3)]!;
    const [h, w] = images.shape.slice(-2) as [number, number];
    const padded = margin === 0 ? images : pad2d(images, [margin, margin, margin, margin], "replicate");
    const rows = call("aten::fft_rfft", padded, size, -1); // (B, C, H + 2 margin, S / 2 + 1)
    const spectrum = call("aten::fft_fft", rows, size, -2) as Tensor; // (B, C, S, S / 2 + 1)
    // Real and imaginary parts apart: libtorch rounds complex products differently at the end of an array.
    const parts = call("aten::view_as_real", spectrum) as Tensor;
    if (even) for (const part of [0, 1]) call("aten::mul_.Tensor", parts.select(-1, part), transfer);
    else multiply(parts, transfer);
    const back = (call("aten::fft_ifft", spectrum, size, -2) as Tensor).narrow(-2, margin, h);
    const whole = call("aten::fft_irfft", back, size, -1) as Tensor; // (B, C, H, S)
    return whole.narrow(-1, margin, w).contiguous();
  });
}

/** Overwrites complex numbers a by a · b, both with their parts in the last dimension. */
function multiply(a: Tensor, b: Tensor): void {
  const [re, im] = [a.select(-1, 0), a.select(-1, 1)];
  const [c, d] = [b.select(-1, 0), b.select(-1, 1)];
  const real = re.mul(c).sub(im.mul(d));
  im.copy_(re.mul(d).add(im.mul(c)));
  re.copy_(real);
}

/**
 * PSFs about points between the pixels, by the Fourier transform: exact where a PSF is finely enough sampled for it.
 *
 * @param transfer (B, S, S / 2 + 1, 2) of `complexTransferOf`; overwritten
 * @param at positions of the points on the grid, pixels
 * @returns (B, S, S)
 */
export function psfsAt(transfer: Tensor, at: readonly { x: number; y: number }[]): Tensor {
  return tidy(() => {
    const [, size, half] = transfer.shape as [number, number, number];
    const phase = (length: number, position: (point: { x: number; y: number }) => number, part: number) =>
      Float64Array.from({ length: at.length * length }, (_, i) => {
        const [k, point] = [i % length, at[Math.floor(i / length)]!];
        if (2 * k === size) return part === 0 ? Math.cos(Math.PI * position(point)) : 0;
        const angle = (-2 * Math.PI * (2 * k > size ? k - size : k) * position(point)) / size;
        return part === 0 ? Math.cos(angle) : Math.sin(angle);
      });
    const { dtype } = transfer;
    const parts = (length: number, shape: number[], position: (point: { x: number; y: number }) => number) =>
      stack(
        [0, 1].map((part) => tensor(phase(length, position, part), [at.length, ...shape], { dtype })),
        -1,
      );
    multiply(
      transfer,
      parts(half, [1, half], ({ x }) => x),
    );
    multiply(
      transfer,
      parts(size, [size, 1], ({ y }) => y),
    );
    const spectrum = call("aten::view_as_complex", transfer) as Tensor;
    return call("aten::fft_irfft", call("aten::fft_ifft", spectrum, size, -2), size, -1) as Tensor;
  });
}
