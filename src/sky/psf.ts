/** Point-spread functions and convolution by them, on whole batches, through the Fourier transform. */
import { arange, call, type DType, type Tensor, tidy } from "../torch/index.ts";

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
 */
export function moffatPsf(fwhm: Tensor, beta: number, size: number): Tensor {
  return tidy(() => {
    const gamma = fwhm
      .mul(0.5 / Math.sqrt(2 ** (1 / beta) - 1))
      .unsqueeze(-1)
      .unsqueeze(-1);
    return normalised(squaredRadius(size, fwhm.dtype).div(gamma.square()).add(1).pow(-beta));
  });
}

const normalised = (psf: Tensor): Tensor => psf.div(psf.sum([-2, -1], true));

/**
 * Convolves images by PSFs whose periodic grid is at least as large as an image and a PSF side by side; beyond the
 * image there is nothing.
 *
 * @param images (…, H, W)
 * @param psf (…, S, S) centred on the origin
 * @returns (…, H, W)
 */
export function convolve(images: Tensor, psf: Tensor): Tensor {
  return tidy(() => {
    const size = psf.shape[psf.ndim - 1]!;
    const [h, w] = images.shape.slice(-2) as [number, number];
    const transformed = rfft2(images, size).mul(rfft2(psf, size));
    const whole = call("aten::fft_irfft2", transformed, [size, size], [-2, -1]) as Tensor;
    return whole.narrow(-2, 0, h).narrow(-1, 0, w).contiguous();
  });
}

const rfft2 = (x: Tensor, size: number): Tensor =>
  call("aten::fft_rfft2", x, [size, size], [-2, -1]) as Tensor;
