/**
 * Random views of a batch: each image gets its own randomness, each operation runs on the whole batch. All randomness
 * comes from the given generator, so its state is all that a resumed run needs.
 *
 * What happens to light belongs before preprocessing (`observed`): a telescope blurs, scales and counts flux, not
 * asinh of flux, and preprocessing that scales an image over all its bands must see that one is missing. What happens
 * to the image comes after it (`augment`): turning, shifting and cropping before or after differ only by interpolation,
 * which is kinder to stretched pixels, and brightness and noise are then in the network's units, whatever the survey's.
 */
import { refuse } from "../../foundation/errors.ts";
import type { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { PixelKind } from "../info.ts";
import { blur } from "./augmenting/blur.ts";
import { cropAndResize, randomWindow } from "./augmenting/crop.ts";
import { erase } from "./augmenting/erasing.ts";
import { brightness, jitter, missing } from "./augmenting/light.ts";
import { gaussian, poisson } from "./augmenting/noise.ts";
import type { Augmentation } from "./augmenting/policy.ts";
import { shift } from "./augmenting/shift.ts";
import { symmetry } from "./augmenting/symmetry.ts";
import { warp } from "./augmenting/warp.ts";

export type { Augmentation } from "./augmenting/policy.ts";

/**
 * A random view of each image.
 *
 * @param images (B, C, H, W) floating, after preprocessing; on the generator's device
 * @returns (B, C, H, W)
 */
export function augment(images: Tensor, policy: Augmentation, generator: Generator): Tensor {
  const [, , height, width] = images.shape;
  if (images.ndim !== 4 || images.dtype === "uint8")
    refuse("augment", "images", "(B, C, H, W) of a floating type", `${images.dtype} [${images.shape}]`);
  if (policy.rotations && height !== width)
    refuse("augment", "images", "square, as they are turned by 90 degrees", `${height} × ${width}`);
  return tidy(() => {
    let x = images;
    if (policy.window < 1 && policy.windowChance > 0)
      x = randomWindow(x, policy.window, policy.windowChance, generator);
    if (policy.flips || policy.rotations) x = symmetry(x, policy, generator);
    if (policy.shift > 0) x = shift(x, policy.shift, generator);
    if (policy.turn > 0 || policy.subpixel > 0 || policy.affine > 0) x = warp(x, policy, generator);
    if (policy.crop < 1) x = cropAndResize(x, policy.crop, generator);
    if (policy.brightness > 0) x = brightness(x, policy.brightness, generator);
    if (policy.noise > 0) x = gaussian(x, policy.noise, generator);
    if (policy.erase > 0) x = erase(x, policy.erase, policy.eraseArea, generator);
    return x;
  });
}

/**
 * Stored pixels as another exposure might have them: another calibration, worse seeing, fewer photons, no exposure in
 * a band. For display images, whose stretch can't be undone, blur and calibration act on the stretched pixels, clipped
 * to 0 to 255: an approximation.
 *
 * @param stored (B, C, H, W) before preprocessing
 * @returns (B, C, H, W) float32
 */
export function observed(
  stored: Tensor,
  pixels: PixelKind,
  policy: Augmentation,
  generator: Generator,
): Tensor {
  if (policy.gain > 0 && pixels !== "flux") refuse("augment", "gain", "0 on display images", policy.gain);
  return tidy(() => {
    let x = stored.to("float32");
    if (policy.jitter > 0) x = jitter(x, policy.jitter, generator);
    if (policy.blur > 0) x = blur(x, policy.blur, generator);
    if (policy.gain > 0) x = poisson(x, policy.gain, generator);
    if (policy.missing > 0) x = missing(x, policy.missing, generator);
    return pixels === "display" ? x.clamp(0, 255) : x;
  });
}
