/** Point-spread functions and convolution by them, on whole batches, through the Fourier transform. */
import { arange, call, type DType, pad2d, type Tensor, tidy } from "../torch/index.ts";

const SIGMA_PER_FWHM = 1 / (2 * Math.sqrt(2 * Math.log(2)));

/** Squared distance from the origin on a periodic grid of `size` pixels: (size, size), pixels². */
function squaredRadius(size: number, dtype: DType): Tensor {
  const i = arange(0, size, 1, { dtype });
  const d = i.minimum(i.rsub(size)); // 0 1 2 … 2 1
  return d.square().unsqueeze(0).add(d.square().unsqueeze(1));
}

/**
 * Gaussian PSFs, centred on the origin of a periodic grid, each of unit sum.
 *
 * @param fwhm (…) full widths at half maximum, pixels
 * @param truncate beyond this many sigma (a square) the PSF is zero; not truncated where left out
 * @returns (…, size, size)
 */
export function gaussianPsf(fwhm: Tensor, size: number, truncate?: number): Tensor {
  return tidy(() => {
    const sigma = fwhm.mul(SIGMA_PER_FWHM).unsqueeze(-1).unsqueeze(-1); // (…, 1, 1)
    const psf = squaredRadius(size, fwhm.dtype).div(sigma.square()).mul(-0.5).exp();
    if (truncate === undefined) return normalised(psf);
    const i = arange(0, size, 1, { dtype: fwhm.dtype });
    const d = i.minimum(i.rsub(size));
    const reach = sigma.mul(truncate).add(0.5).floor(); // (…, 1, 1), whole pixels
    const inside = d.unsqueeze(0).le(reach).and(d.unsqueeze(1).le(reach));
    return normalised(psf.mul(inside));
  });
}

/**
 * Moffat (1969) PSFs, (1 + (r / γ)²)^(−β), centred on the origin of a periodic grid, each of unit sum.
 *
 * @param fwhm (…) full widths at half maximum, pixels
 * @returns (…, size, size)
 */
export function moffatPsf(fwhm: Tensor, beta: number, size: number): Tensor {
  return tidy(() => {
    const perFwhm = 0.5 / Math.sqrt(2 ** (1 / beta) - 1);
    const gamma = fwhm.mul(perFwhm).unsqueeze(-1).unsqueeze(-1); // (…, 1, 1)
    // (1 + …)^(−β) as exp(−β ln(1 + …)), in place: twice as fast
    const psf = squaredRadius(size, fwhm.dtype).div(gamma.square());
    call("aten::log1p_", psf);
    call("aten::mul_.Scalar", psf, -beta);
    call("aten::exp_", psf);
    return normalised(psf);
  });
}

/** Overwrites PSFs by themselves at unit sum. */
const normalised = (psf: Tensor): Tensor => call("aten::div_.Tensor", psf, psf.sum([-2, -1], true)) as Tensor;

/**
 * The Fourier transform of PSFs, to convolve by. These PSFs are even, so it is real.
 *
 * @param psf (…, S, S) centred on the origin of a periodic grid
 * @returns (…, S, S / 2 + 1)
 */
export const transferOf = (psf: Tensor): Tensor =>
  tidy(() => (call("aten::view_as_real", call("aten::fft_rfft2", psf)) as Tensor).select(-1, 0).contiguous());

/**
 * Convolves images by PSFs. Beyond the image its edge pixels go on for `margin` pixels, so that a galaxy that is cut off
 * keeps its brightness there; further out there is nothing. Rows of zeros are not transformed, nor those transformed
 * back that are cut off. An image's result does not depend on the others of the batch, to the last bit.
 *
 * @param images (B, C, H, W)
 * @param transfer (B, C, S, S / 2 + 1) of `transferOf`. S is at least twice the side, so that no light comes round the
 *   grid but from one margin to the far edge, from beyond a side's length
 * @returns (B, C, H, W)
 */
export function convolve(images: Tensor, transfer: Tensor, margin = 0): Tensor {
  return tidy(() => {
    const size = transfer.shape[transfer.ndim - 2]!;
    const [h, w] = images.shape.slice(-2) as [number, number];
    const padded = margin === 0 ? images : pad2d(images, [margin, margin, margin, margin], "replicate");
    const rows = call("aten::fft_rfft", padded, size, -1); // (B, C, H + 2 margin, S / 2 + 1)
    const spectrum = call("aten::fft_fft", rows, size, -2) as Tensor; // (B, C, S, S / 2 + 1)
    // Real and imaginary part apart: libtorch rounds complex products differently at the end of an array.
    const parts = call("aten::view_as_real", spectrum) as Tensor;
    for (const part of [0, 1]) call("aten::mul_.Tensor", parts.select(-1, part), transfer);
    const back = (call("aten::fft_ifft", spectrum, size, -2) as Tensor).narrow(-2, margin, h);
    const whole = call("aten::fft_irfft", back, size, -1) as Tensor; // (B, C, H, S)
    return whole.narrow(-1, margin, w).contiguous();
  });
}
