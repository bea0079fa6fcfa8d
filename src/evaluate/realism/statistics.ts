/**
 * What an astronomer would measure on a cutout: sky, noise, light and shape of the object in the middle, crowding. One
 * number an image and statistic, each from the pixels alone, so that simulated and real images are measured alike.
 *
 * Sky level and sigma are the median and 1.4826 times the median absolute deviation of a frame around the cutout, an
 * eighth of its side wide. Asymmetry is that of Conselice (2003, ApJS 147, 1) without its noise term; the others are
 * described beside their names.
 */
import { SIGMA_PER_MAD } from "../../foundation/statistics.ts";
import { arange, cat, where } from "../../torch/create.ts";
import { lowerMedian } from "../../torch/median.ts";
import { maxPool2d } from "../../torch/neural.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Numbers of every image (N), by name. */
export type Statistics = ReadonlyMap<string, Float64Array>;

/** A peak counts from this many sky sigmas. */
const PEAK = 5;
/** No sky sigma is smaller than this part of the largest value: 8-bit images have skies of one value. */
const LEAST_SIGMA = 1e-3;

/**
 * @param images (N, C, H, W), floating; finite
 * @param bands names of the C channels
 * @param full the largest value that can be recorded; `Infinity` for none
 * @returns numbers (N) by statistic, in the order of `statisticNames(bands)`
 */
export function imageStatistics(images: Tensor, bands: readonly string[], full = Infinity): Statistics {
  const [count, , height, width] = images.shape as [number, number, number, number];
  const statistics = new Map<string, Float64Array>();
  const put = (name: string, values: Tensor) => {
    statistics.set(name, Float64Array.from(values.to("float64").reshape([count]).data() as Float64Array));
  };
  tidy(() => {
    const { level, sigma } = sky(images); // (N, C, 1, 1)
    const light = images.sub(level); // (N, C, H, W)
    const noise = light.div(sigma).clamp(-3, 3);
    const { radius2 } = grid(height, width);
    const half = Math.min(height, width) / 2;
    const aperture = radius2.le((half / 2) ** 2).to(images.dtype);
    const total = light.mul(aperture).sum([2, 3]); // (N, C)
    const inner = light.mul(radius2.le((half / 6) ** 2).to(images.dtype)).sum([2, 3]);
    const middle = light.mul(radius2.le((half / 4) ** 2).to(images.dtype));
    const asymmetry = light
      .sub(light.flip([2, 3]))
      .abs()
      .mul(aperture)
      .sum([2, 3])
      .div(light.abs().mul(aperture).sum([2, 3]).clamp(1e-12));
    const border = frameOf(noise);
    const energy = border.square().mean([2]).clamp(1e-12);
    const alike = (dx: number, dy: number) => neighbours(noise, dx, dy).div(energy);
    const [right, down, across] = [alike(1, 0), alike(0, 1), alike(1, 1)];
    for (const [c, band] of bands.entries()) {
      put(`sky level, ${band}`, level.select(1, c));
      put(`sky sigma, ${band}`, sigma.select(1, c));
      put(`noise of neighbours, ${band}`, right.add(down).div(2).select(1, c));
      put(`noise across corners, ${band}`, across.select(1, c));
      put(`peak, ${band}`, middle.select(1, c).max([1, 2]));
      put(`light, ${band}`, total.select(1, c));
      put(`concentration, ${band}`, ratio(inner, total).select(1, c));
      put(`asymmetry, ${band}`, asymmetry.select(1, c));
      put(`crowding, ${band}`, peaks(light.select(1, c), sigma.select(1, c), radius2.gt((half / 3) ** 2)));
      put(`sharpness, ${band}`, sharpness(light, aperture).select(1, c));
      if (Number.isFinite(full))
        put(`full pixels, ${band}`, images.select(1, c).ge(full).to("float32").mean([1, 2]));
    }
    for (let c = 1; c < bands.length; c++) {
      const [a, b] = [total.select(1, c - 1), total.select(1, c)];
      put(`colour ${bands[c - 1]} to ${bands[c]}`, a.sub(b).div(a.abs().add(b.abs()).clamp(1e-12)));
    }
  });
  return statistics;
}

/** Part of the light that is nearer than a third of the aperture, within [−1, 2]. */
const ratio = (inner: Tensor, total: Tensor): Tensor =>
  inner.div(where(total.abs().gt(1e-12), total, total.mul(0).add(1e-12))).clamp(-1, 2);

/** Root of the energy of the differences between neighbours over that of the light itself: small for what is smooth. */
function sharpness(light: Tensor, aperture: Tensor): Tensor {
  const square = (x: Tensor) => x.square().mul(aperture).sum([2, 3]); // (N, C)
  const differences = square(light.sub(light.roll([1], [3]))).add(square(light.sub(light.roll([1], [2]))));
  return differences.div(square(light).clamp(1e-12)).sqrt();
}

/** Median and robust deviation of the frame, (N, C, 1, 1). */
function sky(images: Tensor): { level: Tensor; sigma: Tensor } {
  const frame = frameOf(images); // (N, C, P)
  const level = lowerMedian(frame, -1, true);
  const deviation = lowerMedian(frame.sub(level).abs(), -1, true).mul(SIGMA_PER_MAD);
  const spread = frame.sub(level).abs().mean([2], true); // of 8-bit skies, most pixels of which are alike
  const least = images.abs().max([1, 2, 3], true).squeeze(3).mul(LEAST_SIGMA).clamp(1e-12); // (N, 1, 1)
  const sigma = where(deviation.gt(least), deviation, spread.maximum(least));
  return { level: level.unsqueeze(3), sigma: sigma.unsqueeze(3) };
}

/** Pixels of the frame around each image, (N, C, P). */
function frameOf(x: Tensor): Tensor {
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  const rim = Math.max(1, Math.floor(Math.min(height, width) / 8));
  const flat = (part: Tensor) => part.reshape([count, channels, -1]);
  const between = x.narrow(2, rim, height - 2 * rim);
  return cat(
    [
      flat(x.narrow(2, 0, rim)),
      flat(x.narrow(2, height - rim, rim)),
      flat(between.narrow(3, 0, rim)),
      flat(between.narrow(3, width - rim, rim)),
    ],
    2,
  );
}

/** Mean product of pixels (dx, dy) apart, over the frame's upper and lower bands, (N, C). */
function neighbours(x: Tensor, dx: number, dy: number): Tensor {
  const [, , height, width] = x.shape as [number, number, number, number];
  const rim = Math.max(2, Math.floor(Math.min(height, width) / 8));
  const meanProduct = (band: Tensor) =>
    band
      .narrow(2, 0, rim - dy)
      .narrow(3, 0, width - dx)
      .mul(band.narrow(2, dy, rim - dy).narrow(3, dx, width - dx))
      .mean([2, 3]);
  return meanProduct(x.narrow(2, 0, rim))
    .add(meanProduct(x.narrow(2, height - rim, rim)))
    .div(2);
}

/** Local maxima above `PEAK` sigma within the mask, (N). */
function peaks(light: Tensor, sigma: Tensor, mask: Tensor): Tensor {
  const x = light.unsqueeze(1); // (N, 1, H, W)
  const top = x
    .ge(maxPool2d(x, 5, 1, 2))
    .and(x.gt(sigma.unsqueeze(1).mul(PEAK)))
    .and(mask);
  return top.to("float32").sum([1, 2, 3]);
}

/** Squared distance from the middle, (H, W). */
function grid(height: number, width: number): { radius2: Tensor } {
  const axis = (length: number) =>
    arange(0, length, 1, { dtype: "float32" })
      .sub((length - 1) / 2)
      .square();
  return {
    radius2: axis(height)
      .reshape([height, 1])
      .add(axis(width).reshape([1, width])),
  };
}
