/** Noise that neighbouring pixels share, as a survey states it. */
import { refuse } from "../foundation/errors.ts";
import { call } from "../torch/call.ts";
import { tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { type Autocorrelation, autocorrelationOf } from "./autocorrelation.ts";
import { convolve } from "./psf.ts";
import type { Survey } from "./survey.ts";

/**
 * White noise made to correlate as a survey's does; each pixel keeps its variance.
 *
 * @param draw white noise of unit variance for a given margin: (B, bands, height + 2 margin, width + 2 margin)
 * @returns (B, bands, height, width)
 */
export function correlated(
  correlation: NonNullable<Survey["noiseCorrelation"]>,
  [height, width]: readonly [number, number],
  draw: (margin: number) => Tensor,
): Tensor {
  const lags = typeof correlation === "string" ? autocorrelationOf(correlation) : correlation;
  const reach = Math.max(lags.length, lags[0]!.length);
  // White noise that fills the grid may wrap around it: its correlation is exact, and the opposite edges of the image are
  // further apart on the grid than noise is shared. Else the filter must die off within the margin.
  const fills = height === width && height % 2 === 0;
  const margin = fills ? Math.ceil(reach / 2) : 4 * reach;
  const grid = fills ? height + 2 * margin : even(Math.max(height, width) + 4 * margin);
  return tidy(() => {
    const white = draw(margin);
    const filtered = convolve(white, amplitude(lags, grid), 0);
    return filtered.narrow(-2, margin, height).narrow(-1, margin, width).contiguous();
  });
}

const even = (size: number) => size + (size % 2);

/**
 * The filter that gives white noise an autocorrelation ρ: the square root of its power spectrum (Wiener and Khinchin),
 * scaled so that the variance stays 1. (1, 1, S, S / 2 + 1)
 */
function amplitude(lags: Autocorrelation, size: number): Tensor {
  const grid = new Float64Array(size * size);
  for (const [dy, row] of lags.entries())
    for (const [dx, rho] of row.entries())
      for (const y of [dy, (size - dy) % size])
        for (const x of [dx, (size - dx) % size]) grid[y * size + x] = rho;
  return tidy(() => {
    const spectrum = call("aten::fft_rfft2", tensor(grid, [size, size])) as Tensor;
    const power = (call("aten::view_as_real", spectrum) as Tensor).select(-1, 0);
    if (power.min().item() < -0.25 * power.max().item())
      refuse("survey", "noiseCorrelation", "an autocorrelation: its power spectrum is negative", lags);
    // what measurement errors make negative counts as 0; the rest is scaled to variance 1 over the whole plane
    const root = power.clamp(0).sqrt();
    const half = root.square();
    const twice = half
      .sum()
      .mul(2)
      .sub(half.select(1, 0).sum())
      .sub(half.select(1, size / 2).sum());
    const mean = twice.item() / size ** 2;
    return root
      .div(Math.sqrt(mean))
      .to("float32")
      .reshape([1, 1, size, size / 2 + 1]);
  });
}
