/**
 * Random views of a batch: each image gets its own randomness, each operation runs on the whole batch. All of it
 * comes from the generator that is handed in, so its state is all that a resumed run needs.
 */
import { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import {
  arange,
  type Generator,
  gridSample,
  pad2d,
  stack,
  type Tensor,
  tidy,
  where,
} from "../torch/index.ts";

export const augmentation = z.strictObject({
  flips: z.boolean().default(true).describe("mirror left-right and up-down, each with probability 1/2"),
  rotations: z.boolean().default(true).describe("turn by a random multiple of 90 degrees"),
  shift: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe("shift by up to so much along each axis, edges reflected")
    .meta({ unit: "pixels" }),
  crop: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("smallest part of the side to crop at a random place and enlarge again (1: off)"),
  brightness: z.number().min(0).lt(1).default(0).describe("scale by 1 ± so much at most"),
  noise: z
    .number()
    .min(0)
    .default(0)
    .describe("standard deviation of Gaussian noise, in units of the network's input"),
});

export type Augmentation = z.output<typeof augmentation>;

/** The symmetries of the sky, and small shifts: changes that no astronomer would notice. */
export const weak: Augmentation = augmentation.parse({ shift: 2 });
/** Also enlarged, dimmed and noisy. */
export const strong: Augmentation = augmentation.parse({ shift: 4, crop: 0.7, brightness: 0.2, noise: 0.1 });
/** Nothing is changed. */
export const none: Augmentation = augmentation.parse({ flips: false, rotations: false });

/**
 * A random view of each image.
 *
 * @param images (B, C, H, W) floating, after preprocessing; on the generator's device
 * @returns (B, C, H, W)
 */
export function augment(images: Tensor, policy: Augmentation, generator: Generator): Tensor {
  const [batch, , height, width] = images.shape;
  if (images.ndim !== 4 || images.dtype === "uint8")
    refuse("augment", "images", "(B, C, H, W) of a floating type", `${images.dtype} [${images.shape}]`);
  if (policy.rotations && height !== width)
    refuse("augment", "images", "square, as they are turned by 90 degrees", `${height} × ${width}`);
  return tidy(() => {
    let x = images;
    if (policy.flips || policy.rotations) x = symmetry(x, policy, generator);
    if (policy.shift > 0) x = shift(x, policy.shift, generator);
    if (policy.crop < 1) x = cropAndResize(x, policy.crop, generator);
    if (policy.brightness > 0) {
      const scale = generator
        .uniform([batch!, 1, 1, 1])
        .mul(2 * policy.brightness)
        .add(1 - policy.brightness);
      x = x.mul(scale.to(x.dtype));
    }
    if (policy.noise > 0) x = x.add(generator.normal(x.shape).mul(policy.noise).to(x.dtype));
    return x;
  });
}

/**
 * A random element of the pixel grid's symmetries: transposing, mirroring x and mirroring y by three fair coins
 * reach each of the 8 once. Flips alone leave out transposing; turns alone are those with an even number of
 * mirrorings, so the third coin follows from the other two.
 */
function symmetry(x: Tensor, policy: Augmentation, generator: Generator): Tensor {
  const coin = () => generator.uniform([x.shape[0]!, 1, 1, 1]).lt(0.5);
  const [across, mirrorX, free] = [coin(), coin(), coin()];
  const mirrorY = policy.flips ? free : across.ne(mirrorX.to("uint8"));
  let view = x;
  if (policy.rotations) view = where(across, view.transpose(2, 3), view);
  view = where(mirrorX, view.flip(3), view);
  return where(mirrorY, view.flip(2), view);
}

/** Whole-pixel shifts, each image by its own. */
function shift(x: Tensor, most: number, generator: Generator): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (most >= Math.min(height, width)) refuse("augment", "shift", "less than the image", most);
  const padded = pad2d(x, [most, most, most, most], "reflect"); // (B, C, H + 2s, W + 2s)
  const starts = () => generator.integers(0, 2 * most + 1, [batch, 1, 1, 1]).toDevice(x.device);
  const lines = arange(0, height, 1, { device: x.device }).reshape([1, 1, height, 1]).add(starts());
  const columns = arange(0, width, 1, { device: x.device }).reshape([1, 1, 1, width]).add(starts());
  return padded
    .gather(2, lines.expand([batch, channels, height, width + 2 * most]))
    .gather(3, columns.expand([batch, channels, height, width]));
}

/** A square part of each image, at a random place and of a random size, enlarged bilinearly to the whole. */
function cropAndResize(x: Tensor, smallest: number, generator: Generator): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const part = generator
    .uniform([batch, 1, 1])
    .mul(1 - smallest)
    .add(smallest); // of the side
  const axis = (length: number, shape: [number, number, number]) => {
    const centres = arange(0, length, 1, { dtype: "float32", device: x.device })
      .mul(2)
      .add(1)
      .div(length)
      .sub(1);
    const room = part.rsub(1); // the crop's centre is within ± room
    const place = generator.uniform([batch, 1, 1]).mul(2).sub(1).mul(room);
    // Half a pixel within the edge, so that nothing is mixed with what lies outside.
    return centres
      .reshape(shape)
      .mul(part)
      .add(place)
      .clamp(1 / length - 1, 1 - 1 / length);
  };
  const across = axis(width, [1, 1, width]).expand([batch, height, width]);
  const down = axis(height, [1, height, 1]).expand([batch, height, width]);
  return gridSample(x, stack([across, down], -1).to(x.dtype));
}
