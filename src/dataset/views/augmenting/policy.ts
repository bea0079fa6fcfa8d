/**
 * What a random view may be: the settings of every change, and the policies with names. A setting that is off draws no
 * random number, so that a policy gives the same views when settings are added later.
 */
import { z } from "zod";
import { refuse } from "../../../foundation/errors.ts";
import { count, number, yes } from "../../../foundation/field.ts";
import type { ImageInfo } from "../../dataset.ts";

const chance = z.number().min(0).max(1);

/** The settings of a view, with their defaults. */
export const augmentation = z.strictObject({
  flips: yes("mirror left-right and up-down, each with probability 1/2", { default: true }),
  flipChance: chance.default(0.5).describe("probability of each mirroring"),
  rotations: yes("turn by a random multiple of 90 degrees", { default: true }),
  shift: count("shift by up to this much along each axis, edges reflected", {
    least: 0,
    default: 0,
    unit: "pixels",
  }),
  crop: number("smallest fraction of the side to crop at random and enlarge again (1: off)", {
    above: 0,
    most: 1,
    default: 1,
  }),
  brightness: number("scale by 1 ± up to this much", { least: 0, below: 1, default: 0 }),
  noise: number("standard deviation of Gaussian noise, in units of the network's input", {
    least: 0,
    default: 0,
  }),
  window: number("fraction of the side to crop at a random whole pixel and enlarge again (1: off)", {
    above: 0,
    most: 1,
    default: 1,
  }),
  windowChance: chance.default(1).describe("probability of that window"),
  turn: number("turn by any angle up to this much either way, bilinearly, edges reflected", {
    least: 0,
    most: 180,
    default: 0,
    unit: "degrees",
  }),
  subpixel: number("shift by any amount up to this much along each axis, bilinearly, edges reflected", {
    least: 0,
    default: 0,
    unit: "pixels",
  }),
  affine: number(
    "stretch and shear: standard deviation of what is added to each element of the identity, edges reflected",
    { least: 0, most: 0.5, default: 0 },
  ),
  erase: chance.default(0).describe("probability that a random rectangle is set to each band's mean"),
  eraseArea: number("largest fraction of the image in it", { least: 0.02, most: 0.3, default: 0.2 }),
  blur: number("blur the stored pixels by a Gaussian of up to this full width at half maximum", {
    least: 0,
    default: 0,
    unit: "pixels",
  }),
  jitter: number("scale the stored pixels of each band by its own 1 ± up to this much", {
    least: 0,
    below: 1,
    default: 0,
  }),
  gain: number("Poisson noise of stored flux: photons per unit of flux (0: off)", {
    least: 0,
    default: 0,
  }),
  missing: chance.default(0).describe("probability that one band's stored pixels are all 0"),
});

/** How a view of an image is made. */
export type Augmentation = z.output<typeof augmentation>;

/** The symmetries of the sky, and small shifts: changes that no astronomer would notice. */
export const weak: Augmentation = augmentation.parse({ shift: 2 });
/** Also enlarged, dimmed and noisy. */
export const strong: Augmentation = augmentation.parse({ shift: 4, crop: 0.7, brightness: 0.2, noise: 0.1 });
/** Nothing is changed. */
export const none: Augmentation = augmentation.parse({ flips: false, rotations: false });

const deeplenseWeak = augmentation.parse({
  rotations: false,
  flipChance: 0.25,
  window: 0.5,
  windowChance: 0.5,
});
/**
 * The GSoC 2022 DeepLense project's: a 32-pixel crop of 64 with probability 1/2, both flips with 1/4, and Gaussian
 * noise in strong views. Its 32 pixels are half the side here; the sigma of its noise is not known, ours is 0.1.
 */
export const deeplenseViews: { weak: Augmentation; strong: Augmentation } = {
  weak: deeplenseWeak,
  strong: { ...deeplenseWeak, noise: 0.1 },
};

/** Whether stored pixels are changed, before preprocessing. */
export const changesStored = ({ blur, jitter, gain, missing }: Augmentation): boolean =>
  blur > 0 || jitter > 0 || gain > 0 || missing > 0;

/** @throws ArcletError when a policy can't be used on these images */
export function checkPolicy(
  policy: Augmentation,
  { pixels, bands, shape: [, height, width] }: Pick<ImageInfo, "pixels" | "bands" | "shape">,
): void {
  const side = Math.min(height, width);
  if (policy.gain > 0 && pixels !== "flux") refuse("augment", "gain", "0 on display images", policy.gain);
  if (policy.missing > 0 && bands.length < 2)
    refuse("augment", "missing", "0 for images of one band", policy.missing);
  if (policy.blur > side / 4) refuse("augment", "blur", `at most a quarter of ${side} pixels`, policy.blur);
  if (policy.shift >= side) refuse("augment", "shift", "less than the image", policy.shift);
  if (policy.subpixel >= side) refuse("augment", "subpixel", "less than the image", policy.subpixel);
  if (policy.rotations && height !== width)
    refuse("augment", "images", "square, as they are turned by 90 degrees", `${height} × ${width}`);
}
