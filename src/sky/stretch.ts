/**
 * The colour composite of Lupton et al. (2004, PASP 116, 133) as HumVI makes it: channels scaled (scales of mean
 * one), divided by their summed intensity I and multiplied by asinh(α Q I) / Q, which keeps the hue; clipped to
 * [0, 1]; 8 bits. A survey that shows one band is grey: the same, with that band as I.
 */

import { refuse } from "../foundation/errors.ts";
import { asinh } from "../torch/asinh.ts";
import { stack } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Survey } from "./survey.ts";

/** The stretch of HumVI (Marshall et al. 2016, MNRAS 455, 1171). */
export interface Humvi {
  /** Factor of each channel; only their ratios count. */
  scales: readonly number[];
  /** Q: how early bright light is compressed. */
  Q: number;
  /** α: how bright faint light is drawn. */
  alpha: number;
}

/**
 * @param flux (B, 3, H, W) red, green, blue, units of the survey's zero point; or (B, 1, H, W) for grey
 * @returns the same shape, 0 to 1
 */
export function humvi(flux: Tensor, { scales, Q, alpha }: Humvi): Tensor {
  const mean = scales.reduce<number>((sum, scale) => sum + scale, 0) / scales.length;
  return tidy(() => {
    const rgb = stack(
      scales.map((scale, i) => flux.select(1, i).mul(scale / mean)),
      1,
    ); // (B, 3, H, W)
    const intensity = rgb.sum(1, true).add(1e-20); // (B, 1, H, W)
    const gain = asinh(intensity.mul(alpha * Q)).div(intensity.mul(Q));
    return rgb.mul(gain).clamp(0, 1);
  });
}

/** A composite of 0 to 1 in 8 bits, rounded down as in pictures. */
export const eightBit = (composite: Tensor): Tensor => tidy(() => composite.mul(255).to("uint8"));

/**
 * @param flux (B, bands, H, W), in the order of `survey.bands`, units of the survey's zero point
 * @returns (B, 3, H, W) uint8: red, green, blue; (B, 1, H, W) if the survey shows one band
 */
export function composite(flux: Tensor, survey: Survey): Tensor {
  const { bands, ...stretch } = survey.display;
  return tidy(() => {
    const channels = bands.map((name) => {
      const index = survey.bands.findIndex((band) => band.name === name);
      if (index < 0) refuse(survey.name, "display band", "a band of the survey", name);
      return flux.select(1, index); // (B, H, W)
    });
    return eightBit(humvi(stack(channels, 1), stretch));
  });
}

/**
 * A composite resampled bilinearly to a grid shifted by a fraction of a pixel, as published cutouts are when they are
 * redrawn at another scale. It smooths the noise. The first row and column only give their light to the next.
 *
 * @param images (B, C, H + 1, W + 1) uint8
 * @param shifts (B, 2) in [0, 1): fractions of a pixel along x and y
 * @returns (B, C, H, W) uint8
 */
export function shifted(images: Tensor, shifts: Tensor): Tensor {
  return tidy(() => {
    const part = (axis: number) => shifts.select(1, axis).reshape([-1, 1, 1, 1]);
    const mixed = (x: Tensor, dim: number, fraction: Tensor) => {
      const length = x.shape[dim]! - 1;
      return x.narrow(dim, 1, length).lerp(x.narrow(dim, 0, length), fraction);
    };
    return mixed(mixed(images.to("float32"), 3, part(0)), 2, part(1))
      .round()
      .to("uint8");
  });
}
