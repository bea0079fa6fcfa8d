/**
 * The autocorrelation of noise that resampling leaves. A coadd is resampled: every output pixel is a weighted sum of input
 * pixels, and neighbours share some of these (Fruchter & Hook 2002, PASP 114, 144, section 7). Averaged over the shifts of
 * many exposures, the autocorrelation at a lag is that of the resampling kernel h, ∫ h(x) h(x + lag) dx / ∫ h(x)² dx, one
 * axis times the other.
 */

/** Element [dy][dx] for lags from 0; symmetric in both. */
export type Autocorrelation = readonly (readonly number[])[];

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const KERNELS = {
  bilinear: { reach: 1, at: (x: number) => 1 - Math.abs(x) },
  lanczos3: { reach: 3, at: (x: number) => sinc(x) * sinc(x / 3) },
} as const;

/** The autocorrelation of noise resampled by a kernel at random shifts. */
export function autocorrelationOf(kernel: keyof typeof KERNELS): Autocorrelation {
  const { reach, at } = KERNELS[kernel];
  const h = (x: number) => (Math.abs(x) < reach ? at(x) : 0);
  const steps = 512; // per pixel
  const along = Array.from({ length: 2 * reach }, (_, lag) => {
    let sum = 0;
    for (let k = -reach * steps; k < reach * steps; k++) {
      const x = (k + 0.5) / steps;
      sum += h(x) * h(x + lag);
    }
    return sum;
  });
  const axis = along.map((value) => value / along[0]!);
  return axis.map((dy) => axis.map((dx) => dy * dx));
}
